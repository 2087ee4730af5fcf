namespace RnnBench.Reports.Formats;

/// <summary>Files of the assembly: the style sheet and the script of the page, the published figures.</summary>
static class Assets
{
    public static string Style { get; } = Read("report.css");
    public static string Script { get; } = Read("report.js");

    public static string Published { get; } = Read("published.txt");

    static string Read(string name)
    {
        using var stream = typeof(Assets).Assembly.GetManifestResourceStream(name) ?? throw new InvalidOperationException($"{name} is not in the assembly");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
