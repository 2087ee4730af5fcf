namespace RnnBench.Cli.Tests;

public class ModelTableTests
{
    public static TheoryData<string> Ids => [.. Architectures.Catalog.All.Select(a => a.Id)];

    [Theory, MemberData(nameof(Ids))]
    public void TheReadmeHasItsRow(string id)
    {
        var row = ModelTable.Known(Architectures.Catalog.All, Architectures.Catalog.All.First(a => a.Id == id));
        Assert.Contains($"| {string.Join(" | ", row)} | ", Repository.Read("README.md"));
    }

    [Fact]
    public void WrappersAndWaysToRunHaveTheirRows()
    {
        Assert.Equal(["stacked", "persistent", "svclip"], Architectures.Catalog.Companions.Select(c => c.Id));
        foreach (var entry in Architectures.Catalog.Companions)
        {
            Assert.Contains($"| {string.Join(" | ", ModelTable.Of(entry))} |", Repository.Read("README.md"));
            Assert.Contains($"{entry.Id} ", Call.Of("list", "models").Ends(ExitCode.Done).Output);
        }
    }

    [Fact]
    public void AWayToRunAndAConstraintAreNoModels()
    {
        Assert.Contains("--backend persistent", Call.Of("explain", "persistent").Ends(ExitCode.BadInput).Error);
        Assert.Contains("rnn(svclip_mode=band)", Call.Of("explain", "svclip").Ends(ExitCode.BadInput).Error);
    }
}
