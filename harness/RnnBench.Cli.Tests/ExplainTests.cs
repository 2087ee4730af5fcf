namespace RnnBench.Cli.Tests;

public sealed class ExplainTests
{
    [Fact]
    public void SaysEquationsParametersGatesStagesAndCosts()
    {
        var text = Call.Of("explain", "lstm(hidden=3)", "--input", "2").Ends(ExitCode.Done).Output;
        foreach (var part in new[] { "i_t = σ(", "U_f", "[3,3]", "forget_bias", "Gates: i, f, o", "FLOPs" }) Assert.Contains(part, text);
        Assert.Contains("Parameters: 72,", text);          // 4 * (3*2 + 3*3 + 3)
    }

    [Fact]
    public void LatexIsAllThatLatexPrints() => Assert.StartsWith(@"\begin{", Call.Of("explain", "lstm[f=1-i]", "--latex").Ends(ExitCode.Done).Output);

    [Fact]
    public void JsonHasTheSame()
    {
        var json = Call.Of("explain", "gru(hidden=3)", "--input", "2", "--json").Ends(ExitCode.Done).Json;
        Assert.Equal("gru(hidden=3)", json.GetProperty("model").GetString());
        Assert.Equal(3 * (3 * 2 + 3 * 3 + 3), json.GetProperty("parameter_count").GetInt32());
        Assert.Equal(9, json.GetProperty("parameters").GetArrayLength());
    }

    [Fact]
    public void KernelsAreThePlanAndItsInstructions()
    {
        var text = Call.Of("explain", "gru(hidden=3,bidirectional=true)", "--explain", "kernels").Ends(ExitCode.Done).Output;
        foreach (var part in new[] { "fwd.gru", "from the last step to the first", "once for all steps", "step by step", "[W_", "backward", "sigmoid(v", "dU_" }) Assert.Contains(part, text);
    }

    /// <summary>A constraint in the model's brackets is of training: it is shown among the settings, and a wrong value is answered.</summary>
    [Fact]
    public void AConstraintIsExplainedWithItsModel()
    {
        var text = Call.Of("explain", "rnn(hidden=3,svclip_mode=margin,svclip_margin=0.2)").Ends(ExitCode.Done).Output;
        Assert.Matches(@"svclip_mode +margin ", text);
        Assert.Matches(@"svclip_margin +0\.2 ", text);
        Assert.DoesNotContain("svclip", Call.Of("explain", "rnn(hidden=3)").Ends(ExitCode.Done).Output);
        Assert.Contains("setting svclip_mode=hard: give one of none, max, band, margin, soft.", Call.Of("explain", "rnn(svclip_mode=hard)").Ends(ExitCode.BadInput).Error);
    }

    [Fact]
    public void EveryModelOfTheCatalogueCanBeExplained()
    {
        foreach (var model in Architectures.Catalog.All) Assert.Contains(model.Title, Call.Of("explain", model.Id).Ends(ExitCode.Done).Output);
    }

    [Fact]
    public void EveryTaskOfTheCatalogueCanBeExplained()
    {
        foreach (var task in Tasks.Catalog.All) Assert.Contains(task.Title, Call.Of("explain", task.Id).Ends(ExitCode.Done).Output);
        var text = Call.Of("explain", "ptb(tokens=1000)").Ends(ExitCode.Done).Output;
        foreach (var part in new[] { "ptb(tokens=1000): Penn Treebank, words", "Trained on the first 1000 tokens only", "perplexity", "zaremba-small: Zaremba", "zaremba-medium", "decay_after=4", "eval_batch" })
            Assert.Contains(part, text);
        Assert.Equal("plain", Call.Of("explain", "copy", "--json").Ends(ExitCode.Done).Json.GetProperty("recipes")[0].GetProperty("name").GetString());
    }
}
