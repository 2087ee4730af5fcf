using System.Text.Encodings.Web;
using System.Text.Json;

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

    public static void Write(TextWriter output, object value) => output.WriteLine(JsonSerializer.Serialize(value, Options));
}
