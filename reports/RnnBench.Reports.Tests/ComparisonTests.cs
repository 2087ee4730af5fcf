using RnnBench.Results;

namespace RnnBench.Reports.Tests;

public sealed class ComparisonTests : IDisposable
{
    readonly TestFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Two_models_are_compared_by_seed()
    {
        using var store = StudySamples.Study(folder["x.db"], 8);
        var filter = new RunFilter { Study = "gates" };
        var worse = ModelComparison.Of(store, filter, "rnn", "lstm");
        Assert.Equal(["adding(T=100)", "adding(T=50)"], worse.Select(line => line.Task));
        Assert.All(worse, line => Assert.Equal((8, 2 * 2.0 / 256, 0.0, "worse", true), (line.Pairs, line.P, line.Improvement, line.Conclusion, line.IsWorse)));
        Assert.All(ModelComparison.Of(store, filter, "lstm", "rnn"), line => Assert.Equal("better", line.Conclusion));
        Assert.Empty(ModelComparison.Of(store, filter, "lstm", "mgu"));
    }

    [Fact]
    public void Few_seeds_decide_nothing()
    {
        using var store = StudySamples.Study(folder["x.db"], 3);
        Assert.All(ModelComparison.Of(store, new RunFilter(), "rnn", "lstm"), line => Assert.Equal(("too few seeds (needs 7)", false), (line.Conclusion, line.IsWorse)));
    }
}
