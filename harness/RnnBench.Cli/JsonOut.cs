using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Data.Analysis;

namespace RnnBench.Cli;

/// <summary>What <c>--json</c> prints: indented, names in snake_case, numbers that are not finite as words.</summary>
static class JsonOut
{
    static readonly JsonSerializerOptions Options = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The rows of a data frame as objects.</summary>
    public static IEnumerable<IReadOnlyDictionary<string, object?>> Rows(DataFrame frame) =>
        frame.Rows.Select(row => (IReadOnlyDictionary<string, object?>)frame.Columns.Select((column, i) => (column.Name, Value: row[i])).ToDictionary(c => c.Name, c => (object?)c.Value));

    public static void Write(TextWriter output, object value) => output.WriteLine(JsonSerializer.Serialize(value, Options));
}
