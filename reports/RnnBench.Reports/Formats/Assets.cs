namespace RnnBench.Reports.Formats;

/// <summary>The style sheet and the script of the page, from the files beside this one.</summary>
static class Assets
{
    public static string Style { get; } = Read("report.css");
    public static string Script { get; } = Read("report.js");

    static string Read(string name)
    {
        using var stream = typeof(Assets).Assembly.GetManifestResourceStream(name) ?? throw new InvalidOperationException($"{name} is not in the assembly");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
