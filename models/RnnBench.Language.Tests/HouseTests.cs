using System.Xml.Linq;

namespace RnnBench.Language.Tests;

/// <summary>The arrows between the projects point one way, and the language stands on nothing.</summary>
public sealed class HouseTests
{
    static readonly Dictionary<string, string[]> Arrows = new()
    {
        ["Language"] = [],
        ["Results"] = [],
        ["Architectures"] = ["Backends", "Language"],
        ["Backends"] = ["Language"],
        ["Tasks"] = ["Language"],
        ["Harness"] = ["Language", "Results", "Tasks"],
        ["Reports"] = ["Language", "Results"],
        ["Cli"] = ["Architectures", "Backends", "Harness", "Language", "Reports", "Results", "Tasks"],
    };

    static readonly string Root = Above(AppContext.BaseDirectory);

    static string Above(string folder) => File.Exists(Path.Combine(folder, "RnnBench.sln")) ? folder
        : Above(Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("RnnBench.sln lies in no folder above the tests"));

    static Dictionary<string, XDocument> Projects() => Directory.GetDirectories(Root).SelectMany(folder => Directory.GetDirectories(folder, "RnnBench.*"))
        .SelectMany(folder => Directory.GetFiles(folder, "*.csproj")).Where(file => !file.EndsWith(".Tests.csproj", StringComparison.Ordinal))
        .ToDictionary(file => Path.GetFileNameWithoutExtension(file)["RnnBench.".Length..], XDocument.Load);

    static IEnumerable<string> Items(XDocument project, string kind) => project.Descendants(kind).Select(item => item.Attribute("Include")?.Value).OfType<string>();

    [Fact]
    public void Every_project_refers_to_what_it_may_and_to_nothing_else()
    {
        var projects = Projects();
        Assert.Equal(Arrows.Keys.Order(), projects.Keys.Order());
        foreach (var (name, project) in projects)
            Assert.Equal((name, string.Join(" ", Arrows[name])),
                (name, string.Join(" ", Items(project, "ProjectReference").Select(path => Path.GetFileNameWithoutExtension(path.Replace('\\', '/'))["RnnBench.".Length..]).Order())));
    }

    [Fact]
    public void The_language_has_no_packages() => Assert.Empty(Items(Projects()["Language"], "PackageReference"));

    [Fact]
    public void A_test_project_stands_beside_each() => Assert.All(Directory.GetDirectories(Root).SelectMany(folder => Directory.GetDirectories(folder, "RnnBench.*"))
        .Where(folder => !folder.EndsWith(".Tests", StringComparison.Ordinal) && Directory.GetFiles(folder, "*.csproj").Length > 0),
        folder => Assert.True(File.Exists(Path.Combine(folder + ".Tests", Path.GetFileName(folder) + ".Tests.csproj")), $"{folder} has no tests beside it"));
}
