using System.Xml.Linq;

namespace RnnBench.Cli.Tests;

/// <summary>The arrows between the projects, and what lies at the top.</summary>
public sealed class HouseTests
{
    static readonly Dictionary<string, string[]> Arrows = new()
    {
        ["Language"] = [],
        ["Backends"] = ["Language"],
        ["Architectures"] = ["Backends", "Language"],
        ["Tasks"] = ["Language"],
        ["Results"] = [],
        ["Harness"] = ["Language", "Results", "Tasks"],
        ["Reports"] = ["Language", "Results"],
        ["Cli"] = ["Architectures", "Backends", "Harness", "Language", "Reports", "Results", "Tasks"],
    };

    static IEnumerable<string> Projects => Directory.EnumerateDirectories(Repository.Root)
        .Where(folder => !Path.GetFileName(folder).StartsWith('.'))
        .SelectMany(folder => Directory.EnumerateDirectories(folder, "RnnBench.*"))
        .SelectMany(folder => Directory.EnumerateFiles(folder, "*.csproj"));

    [Fact]
    public void ArrowsPointOneWay()
    {
        var found = Projects.Where(p => !Name(p).EndsWith(".Tests", StringComparison.Ordinal)).ToDictionary(Name, References);
        Assert.Equal(Arrows.Keys.Order(), found.Keys.Order());
        foreach (var (project, arrows) in Arrows) Assert.Equal(arrows, found[project]);
    }

    [Fact]
    public void EveryProjectHasTestsBesideItAndIsInTheSolution()
    {
        var names = Projects.Select(Name).ToHashSet();
        foreach (var project in Arrows.Keys) Assert.Contains($"{project}.Tests", names);
        var solution = Repository.Read("RnnBench.sln");
        foreach (var project in Projects) Assert.Contains(Path.GetFileName(project), solution);
    }

    [Fact]
    public void LanguageHasNoPackages() => Assert.Empty(Elements(Projects.Single(p => Name(p) == "Language"), "PackageReference"));

    static string Name(string project) => Path.GetFileNameWithoutExtension(project)["RnnBench.".Length..];

    static string[] References(string project) =>
        [.. Elements(project, "ProjectReference").Select(r => Name(r.Attribute("Include")!.Value.Split('/')[^1])).Order()];

    static IEnumerable<XElement> Elements(string project, string name) => XDocument.Load(project).Descendants(name);
}
