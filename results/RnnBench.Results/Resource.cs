using System.Reflection;

namespace RnnBench.Results;

/// <summary>The SQL files, which travel inside the assembly.</summary>
static class Resource
{
    public static string Text(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"there is no SQL file {name} in the assembly.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
