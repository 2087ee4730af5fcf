namespace RnnBench.Cli.Tests;

/// <summary>The repository that these tests were built in.</summary>
static class Repository
{
    public static string Root { get; } = Find(AppContext.BaseDirectory);

    public static string Read(string file) => File.ReadAllText(Path.Combine(Root, file));

    static string Find(string folder) => File.Exists(Path.Combine(folder, "RnnBench.sln")) ? folder
        : Find(Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("these tests run inside the repository"));
}
