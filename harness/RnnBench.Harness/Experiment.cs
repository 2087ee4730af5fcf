using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using RnnBench.Language;
using RnnBench.Results;

namespace RnnBench.Harness;

/// <summary>
/// Everything that determines a run. Two experiments are equal when their canonical JSON is: keys in ordinal order, numbers in one form under
/// every culture, no white space.
/// </summary>
public sealed record Experiment
{
    /// <summary>The canonical notation of the model, the settings of the recipe included.</summary>
    public required string Model { get; init; }
    /// <summary>The canonical notation of the task.</summary>
    public required string Task { get; init; }
    /// <summary>The name of the recipe that the training settings began from.</summary>
    public required string Recipe { get; init; }
    /// <summary>All training settings in written form, see <see cref="TrainingSettings"/>.</summary>
    public required IReadOnlyDictionary<string, string> Training { get; init; }
    /// <summary>The root seed.</summary>
    public required long Seed { get; init; }
    /// <summary>The backend as it was asked for; the run records which path was taken.</summary>
    public required string Backend { get; init; }
    /// <summary>The device: <c>cpu</c>, <c>cuda</c>.</summary>
    public required string Device { get; init; }
    /// <summary><c>float32</c> or <c>float64</c>.</summary>
    public required string DType { get; init; }
    /// <summary>CPU threads; their number decides the order of sums.</summary>
    public required int Threads { get; init; }
    /// <summary>What is looked at along the way.</summary>
    public required ProbePlan Probes { get; init; }
    /// <summary>The <see cref="Fingerprint"/> of the model: an edited cell is another experiment. Null in runs from before it was part of the key.</summary>
    public string? Equations { get; init; }

    /// <summary>The canonical JSON.</summary>
    public string Canonical => CanonicalJson.Write(Equations is null ? Members : new Dictionary<string, object>(Members) { ["equations"] = Equations });

    Dictionary<string, object> Members => new()
    {
        ["format"] = 1,
        ["model"] = Model,
        ["task"] = Task,
        ["recipe"] = Recipe,
        ["training"] = Training,
        ["seed"] = Seed,
        ["backend"] = Backend,
        ["device"] = Device,
        ["dtype"] = DType,
        ["threads"] = Threads,
        ["probes"] = Probes.Members,
    };

    /// <summary>Reads the canonical JSON.</summary>
    /// <exception cref="FormatException">It is another text than <see cref="Canonical"/> would be.</exception>
    internal static Experiment Parse(string canonical)
    {
        using var document = JsonDocument.Parse(canonical);
        var (root, probes) = (document.RootElement, document.RootElement.GetProperty("probes"));
        var read = new Experiment
        {
            Model = Text("model"),
            Task = Text("task"),
            Recipe = Text("recipe"),
            Training = root.GetProperty("training").EnumerateObject().ToDictionary(s => s.Name, s => s.Value.GetString()!),
            Seed = root.GetProperty("seed").GetInt64(),
            Backend = Text("backend"),
            Device = Text("device"),
            DType = Text("dtype"),
            Threads = root.GetProperty("threads").GetInt32(),
            Probes = new()
            {
                Batch = probes.GetProperty("batch").GetInt32(),
                Moments = [.. probes.GetProperty("moments").EnumerateArray().Select(m => m.GetDouble())],
                FixGates = probes.TryGetProperty("fix_gates", out _),
            },
            Equations = root.TryGetProperty("equations", out var equations) ? equations.GetString() : null,
        };
        return read.Canonical == canonical ? read : throw new FormatException($"no experiment in canonical form: {canonical}");

        string Text(string key) => root.GetProperty(key).GetString()!;
    }

    /// <summary>The key of the run: SHA-256 of the UTF-8 of <see cref="Canonical"/>, 64 lower-case hexadecimal digits.</summary>
    public string Key => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Canonical)));

    /// <summary>The experiment as a store has it: one that was recorded before equations were part of the key keeps its key.</summary>
    internal Experiment As(ResultStore? store) =>
        store is null || Equations is null || store.Find(Key) is not null || this with { Equations = null } is var older && store.Find(older.Key) is null ? this : older;

    /// <summary>Whether the canonical JSON is the same.</summary>
    public bool Equals(Experiment? other) => other is not null && Canonical == other.Canonical;

    /// <inheritdoc/>
    public override int GetHashCode() => Canonical.GetHashCode(StringComparison.Ordinal);
}

/// <summary>When the probes look, and at how much.</summary>
public sealed record ProbePlan
{
    /// <summary>Shares of the run after which gates and gradients are looked at, in [0, 1]; none for no probes.</summary>
    public IReadOnlyList<double> Moments { get; init; } = [0, 0.01, 0.1, 0.5, 1];
    /// <summary>Sequences in the probe batch.</summary>
    public int Batch { get; init; } = 32;

    /// <summary>Whether each gate of the trained network is fixed, and the network evaluated so on test.</summary>
    public bool FixGates { get; init; }

    /// <summary>The part of the canonical JSON; what came later is in it only where it is asked for, so that older runs keep their keys.</summary>
    internal Dictionary<string, object> Members => FixGates
        ? new() { ["batch"] = Batch, ["moments"] = Moments, ["fix_gates"] = 1 }
        : new() { ["batch"] = Batch, ["moments"] = Moments };

    /// <summary>No probes.</summary>
    public static ProbePlan None { get; } = new() { Moments = [] };
}

/// <summary>JSON with one spelling for every value.</summary>
static class CanonicalJson
{
    static readonly JsonWriterOptions options = new() { Indented = false, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Write(object value)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, options)) Write(writer, value);
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    static void Write(Utf8JsonWriter writer, object value)
    {
        switch (value)
        {
            case string x: writer.WriteStringValue(x); break;
            case int x: writer.WriteNumberValue(x); break;
            case long x: writer.WriteNumberValue(x); break;
            case double x: writer.WriteNumberValue(x); break;
            case IReadOnlyDictionary<string, string> x: Members(writer, x.Select(m => KeyValuePair.Create(m.Key, (object)m.Value))); break;
            case IReadOnlyDictionary<string, object> x: Members(writer, x); break;
            case IEnumerable<double> x:
                writer.WriteStartArray();
                foreach (var element in x) writer.WriteNumberValue(element);
                writer.WriteEndArray();
                break;
            default: throw new NotSupportedException($"canonical JSON does not know {value.GetType().Name}");
        }
    }

    static void Members(Utf8JsonWriter writer, IEnumerable<KeyValuePair<string, object>> members)
    {
        writer.WriteStartObject();
        foreach (var (name, value) in members.OrderBy(m => m.Key, StringComparer.Ordinal))
        {
            writer.WritePropertyName(name);
            Write(writer, value);
        }
        writer.WriteEndObject();
    }
}
