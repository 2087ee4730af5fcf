using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace RnnBench.Language;

/// <summary>A tensor in a file.</summary>
/// <param name="DType">F64, F32 or I64.</param>
/// <param name="Shape">The sides; none for a single number.</param>
/// <param name="Bytes">The numbers, little-endian, last side fastest.</param>
public sealed record StoredTensor(string DType, IReadOnlyList<int> Shape, ReadOnlyMemory<byte> Bytes)
{
    /// <summary>From numbers in double precision.</summary>
    public static StoredTensor F64(IReadOnlyList<int> shape, ReadOnlySpan<double> data) => new("F64", shape, MemoryMarshal.AsBytes(data).ToArray());
    /// <summary>From numbers in single precision.</summary>
    public static StoredTensor F32(IReadOnlyList<int> shape, ReadOnlySpan<float> data) => new("F32", shape, MemoryMarshal.AsBytes(data).ToArray());
    /// <summary>From whole numbers.</summary>
    public static StoredTensor I64(IReadOnlyList<int> shape, ReadOnlySpan<long> data) => new("I64", shape, MemoryMarshal.AsBytes(data).ToArray());

    /// <summary>The number of elements.</summary>
    public int Count => Bytes.Length / Safetensors.Sizes[DType];

    /// <summary>The numbers in double precision.</summary>
    public NdArray ToArray() => new(Shape, DType switch
    {
        "F64" => MemoryMarshal.Cast<byte, double>(Bytes.Span).ToArray(),
        "F32" => [.. MemoryMarshal.Cast<byte, float>(Bytes.Span).ToArray().Select(x => (double)x)],
        "I64" => [.. ToLongs().Select(x => (double)x)],
        _ => throw new NotSupportedException($"StoredTensor does not know the type {DType}"),
    });

    /// <summary>The whole numbers of an I64 tensor.</summary>
    public long[] ToLongs() => DType == "I64" ? MemoryMarshal.Cast<byte, long>(Bytes.Span).ToArray() : throw new InvalidOperationException($"a tensor of type {DType} holds no whole numbers");
}

/// <summary>
/// The safetensors format: 8 bytes with the length of the header, little-endian; the header, a JSON object that gives type, shape and place
/// of each tensor, and words under <c>__metadata__</c>; then the numbers.
/// </summary>
/// <param name="Tensors">The tensors by name.</param>
/// <param name="Metadata">Words about the file.</param>
public sealed record Safetensors(IReadOnlyDictionary<string, StoredTensor> Tensors, IReadOnlyDictionary<string, string> Metadata)
{
    const string MetadataKey = "__metadata__";
    internal static readonly IReadOnlyDictionary<string, int> Sizes = new Dictionary<string, int> { ["F64"] = 8, ["F32"] = 4, ["I64"] = 8 };

    /// <summary>Reads a file.</summary>
    /// <exception cref="UserError">There is no such file, or it is malformed; the message says what is wrong.</exception>
    public static Safetensors Read(string path)
    {
        try
        {
            return Parse(path, File.ReadAllBytes(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new UserError($"{path}: cannot be read ({e.Message})", e);
        }
    }

    /// <summary>Reads a file's bytes.</summary>
    /// <param name="path">What the file is called in messages.</param>
    /// <param name="bytes">All of it.</param>
    /// <exception cref="UserError">They are malformed; the message says what is wrong.</exception>
    public static Safetensors Parse(string path, ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Length < 8) throw Wrong(path, $"it has {bytes.Length} bytes, fewer than the 8 of the header's length");
        var length = BinaryPrimitives.ReadUInt64LittleEndian(bytes.Span);
        if (length > (ulong)(bytes.Length - 8)) throw Wrong(path, $"the header should have {length} bytes, but only {bytes.Length - 8} follow; it is truncated or of another format");
        var (header, data) = (bytes.Slice(8, (int)length), bytes[(8 + (int)length)..]);
        try
        {
            using var document = JsonDocument.Parse(header);
            var entries = document.RootElement.EnumerateObject().ToArray();
            if (entries.GroupBy(e => e.Name).FirstOrDefault(g => g.Count() > 1) is { } twice) throw Wrong(path, $"{twice.Key} is there twice");
            return new Safetensors(entries.Where(e => e.Name != MetadataKey).ToDictionary(e => e.Name, e => Tensor(path, e.Name, e.Value, data)),
                entries.Where(e => e.Name == MetadataKey).SelectMany(e => e.Value.EnumerateObject()).ToDictionary(e => e.Name, e => e.Value.GetString() ?? ""));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException or ArgumentException or OverflowException)
        {
            throw new UserError($"{path}: no safetensors file: its header does not say what tensors there are ({e.Message})", e);
        }
    }

    /// <summary>Writes a file, tensors in the order of their names.</summary>
    /// <exception cref="UserError">The file cannot be written.</exception>
    public void Write(string path)
    {
        var ordered = Tensors.OrderBy(t => t.Key, StringComparer.Ordinal).ToArray();
        var header = Encoding.UTF8.GetBytes(Header(ordered));
        try
        {
            using var file = File.Create(path);
            Span<byte> length = stackalloc byte[8];
            BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)header.Length);
            file.Write(length);
            file.Write(header);
            foreach (var (_, tensor) in ordered) file.Write(tensor.Bytes.Span);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserError($"{path}: cannot be written ({e.Message})", e);
        }
    }

    string Header(IEnumerable<KeyValuePair<string, StoredTensor>> ordered)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartObject(MetadataKey);
            foreach (var (key, value) in Metadata.OrderBy(m => m.Key, StringComparer.Ordinal)) json.WriteString(key, value);
            json.WriteEndObject();
            var offset = 0L;
            foreach (var (name, tensor) in ordered)
            {
                json.WriteStartObject(name);
                json.WriteString("dtype", tensor.DType);
                Numbers(json, "shape", tensor.Shape.Select(side => (long)side));
                Numbers(json, "data_offsets", [offset, offset += tensor.Bytes.Length]);
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }
        var text = Encoding.UTF8.GetString(buffer.ToArray());
        return text.PadRight((text.Length + 7) / 8 * 8);                    // the numbers start at a multiple of 8, as the format advises
    }

    static void Numbers(Utf8JsonWriter json, string name, IEnumerable<long> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values) json.WriteNumberValue(value);
        json.WriteEndArray();
    }

    static StoredTensor Tensor(string path, string name, JsonElement entry, ReadOnlyMemory<byte> data)
    {
        var type = entry.GetProperty("dtype").GetString() ?? "";
        if (!Sizes.TryGetValue(type, out var size)) throw Wrong(path, $"{name} has the type {type}; known are {string.Join(", ", Sizes.Keys)}");
        int[] shape = [.. entry.GetProperty("shape").EnumerateArray().Select(side => side.GetInt32())];
        long[] place = [.. entry.GetProperty("data_offsets").EnumerateArray().Select(offset => offset.GetInt64())];
        if (shape.Any(side => side < 0)) throw Wrong(path, $"{name} has the shape {NdArray.Written(shape)}");
        if (place is not [>= 0, _] || place[1] < place[0] || place[1] > data.Length)
            throw Wrong(path, $"{name} should lie at bytes {string.Join(" to ", place)} of the data, which has {data.Length}; it is truncated");
        var bytes = shape.Aggregate((Int128)size, (product, side) => checked(product * side));
        if (bytes != place[1] - place[0]) throw Wrong(path, $"{name} {NdArray.Written(shape)} of type {type} does not fill its {place[1] - place[0]} bytes");
        return new StoredTensor(type, shape, data[(int)place[0]..(int)place[1]]);
    }

    static UserError Wrong(string path, string what) => new($"{path}: no safetensors file: {what}.");
}
