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
}
