namespace RnnBench.Cli.Tests;

/// <summary>The README's cell is this project's, and the program runs it.</summary>
public sealed class OwnCellTests
{
    static readonly string Library = typeof(Leaky).Assembly.Location;

    [Fact]
    public void TheReadmeShowsTheCellLetterByLetter()
    {
        var code = Repository.Read("harness/RnnBench.Cli.Tests/OwnCell.cs");
        Assert.Contains(code[code.IndexOf("/// <summary>A GRU", StringComparison.Ordinal)..].Trim(), Repository.Read("README.md"));
    }

    [Fact]
    public void EveryCommandKnowsIt()
    {
        using var folder = new Folder();
        Assert.Contains("z_t = σ(", Call.Of("explain", "leaky", "--cells", Library).Ends(ExitCode.Done).Output);
        Call.Of("run", "leaky(hidden=5)[z=1]", "--task", "adding(T=4,eval_sequences=10)", "--steps", "5", "--cells", Library, "--db", folder["runs.db"]).Ends(ExitCode.Done);
        Assert.Contains("leaky", Call.Of("list", "models", "--cells", Library).Ends(ExitCode.Done).Output);
        Assert.Contains("there is a model leaky already", Call.Of("list", "models", "--cells", Library, "--cells", Library).Ends(ExitCode.BadInput).Error);
    }
}
