using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace RnnBench.Tasks.Data;

/// <summary>A matrix, column by column.</summary>
sealed record MatlabMatrix(int Rows, int Columns, double[] Values)
{
    /// <summary>The entry of a row and a column, from 0.</summary>
    public double this[int row, int column] => Values[column * Rows + row];
}

/// <summary>
/// Cell arrays of full real matrices in a MATLAB file of level 5 (little-endian, packed or not), which is how the music sets are handed on. Whatever
/// else is in the file is an error.
/// </summary>
/// <remarks>MathWorks, "MAT-File Format", level 5: an element is a tag of type and length and then its bytes, filled up to a multiple of 8.</remarks>
sealed class MatlabFile
{
    const int Int8 = 1, Int32 = 5, UInt32 = 6, Matrix = 14, Compressed = 15, Header = 128, CellClass = 1, FirstFullClass = 6, LastFullClass = 15;

    /// <summary>The types of numbers: bytes of one, and how one is read.</summary>
    static readonly Dictionary<int, (int Size, Func<byte[], int, double> Read)> numbers = new()
    {
        [Int8]   = (1, (b, at) => (sbyte)b[at]),
        [2]      = (1, (b, at) => b[at]),
        [3]      = (2, (b, at) => BinaryPrimitives.ReadInt16LittleEndian(b.AsSpan(at))),
        [4]      = (2, (b, at) => BinaryPrimitives.ReadUInt16LittleEndian(b.AsSpan(at))),
        [Int32]  = (4, (b, at) => BinaryPrimitives.ReadInt32LittleEndian(b.AsSpan(at))),
        [UInt32] = (4, (b, at) => BinaryPrimitives.ReadUInt32LittleEndian(b.AsSpan(at))),
        [7]      = (4, (b, at) => BinaryPrimitives.ReadSingleLittleEndian(b.AsSpan(at))),
        [9]      = (8, (b, at) => BinaryPrimitives.ReadDoubleLittleEndian(b.AsSpan(at))),
    };

    readonly byte[] bytes;
    int at;

    MatlabFile(byte[] bytes, int at) => (this.bytes, this.at) = (bytes, at);

    /// <summary>Reads a file: the cells of each variable.</summary>
    /// <exception cref="InvalidDataException">It is no such file, or a damaged one; the message names the byte.</exception>
    public static IReadOnlyDictionary<string, MatlabMatrix[]> Read(byte[] content)
    {
        if (content.Length < Header || content[126] != 'I' || content[127] != 'M')
            throw new InvalidDataException("byte 126: this is no little-endian MATLAB file of level 5");
        var (file, variables) = (new MatlabFile(content, Header), new Dictionary<string, MatlabMatrix[]>());
        while (file.at < content.Length)
        {
            var (type, start, length) = file.Element();
            var reader = type == Compressed ? Unpacked(content.AsSpan(start, length).ToArray(), start) : new MatlabFile(content, start - 8);
            var (name, cells) = reader.Variable();
            if (!variables.TryAdd(name, cells)) throw new InvalidDataException($"byte {start}: the variable {name} is there twice");
        }
        return variables;
    }

    static MatlabFile Unpacked(byte[] packed, int start)
    {
        try
        {
            using var stream = new ZLibStream(new MemoryStream(packed), CompressionMode.Decompress);
            var content = new MemoryStream();
            stream.CopyTo(content);
            // Unpacking ends without a word where the part is cut off, so the sum at its end (RFC 1950) is compared here.
            if (packed.Length < 6 || BinaryPrimitives.ReadUInt32BigEndian(packed.AsSpan(packed.Length - 4)) != Adler(content.ToArray()))
                throw new InvalidDataException("the sum at its end is another");
            return new MatlabFile(content.ToArray(), 0);
        }
        catch (Exception e) when (e is InvalidDataException or IOException)     // the latter where the part asks for a preset dictionary
        {
            throw new InvalidDataException($"byte {start}: this part cannot be unpacked", e);
        }
    }

    static uint Adler(byte[] content)
    {
        var (a, b) = (1u, 0u);
        foreach (var value in content)
        {
            a = (a + value) % 65521;
            b = (b + a) % 65521;
        }
        return b << 16 | a;
    }

    (string Name, MatlabMatrix[] Cells) Variable()
    {
        var (end, kind, rows, columns, name) = Begin();
        Demand(kind == CellClass, "a cell array belongs here");
        var cells = new List<MatlabMatrix>();
        for (var i = 0L; i < (long)rows * columns; i++) cells.Add(Full());
        Demand(at == end, "the cell array does not end where it says");
        return (name, [.. cells]);
    }

    MatlabMatrix Full()
    {
        var (end, kind, rows, columns, _) = Begin();
        Demand(kind is >= FirstFullClass and <= LastFullClass, "a full matrix of numbers belongs here");
        var values = Numbers();
        Demand(values.Length == (long)rows * columns, "the matrix has not as many numbers as it says");
        Demand(at == end, "the matrix does not end where it says");
        return new MatlabMatrix(rows, columns, values);
    }

    /// <summary>The beginning of an array: where it ends, its class, its two sizes and its name.</summary>
    (int End, int Kind, int Rows, int Columns, string Name) Begin()
    {
        var (type, start, length) = Element();
        Demand(type == Matrix, "an array belongs here");
        at = start;
        var flags = Numbers();
        var sizes = Numbers();
        Demand(flags.Length == 2 && sizes is [>= 0 and <= int.MaxValue, >= 0 and <= int.MaxValue], "an array of two axes belongs here");
        var (nameType, nameStart, nameLength) = Element();
        Demand(nameType == Int8, "a name belongs here");
        return (start + length, (int)((long)flags[0] & 0xFF), (int)sizes[0], (int)sizes[1], Encoding.ASCII.GetString(bytes, nameStart, nameLength));
    }

    double[] Numbers()
    {
        var (type, start, length) = Element();
        Demand(numbers.TryGetValue(type, out var number) && length % number.Size == 0, "numbers belong here");
        return [.. Enumerable.Range(0, length / number.Size).Select(i => number.Read(bytes, start + i * number.Size))];
    }

    /// <summary>The tag of an element; what comes next is behind it.</summary>
    (int Type, int Start, int Length) Element()
    {
        Demand(at + 8 <= bytes.Length, "it is cut off");
        var first = BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at));
        var small = first >> 16 != 0;                                           // type and length in the four bytes before at most four others
        var (type, start, length) = small ? ((int)(first & 0xFFFF), at + 4, first >> 16)
            : ((int)first, at + 8, BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at + 4)));
        Demand(small ? length <= 4 : length <= (uint)(bytes.Length - start), "the element here is longer than what follows");
        at = small ? at + 8 : type == Compressed ? start + (int)length : (int)Math.Min(bytes.Length, start + ((long)length + 7) / 8 * 8);
        return (type, start, (int)length);
    }

    void Demand(bool right, string otherwise)
    {
        if (!right) throw new InvalidDataException($"byte {at}: {otherwise}");
    }
}
