using RnnBench.Language;

namespace RnnBench.Harness.Tests;

public class KeptBestTests
{
    /// <summary>At a rate this high the loss goes up and down, so that the last parameters are not the best.</summary>
    const string Restless = "evaluate_every=2 optimizer=sgd learning_rate=40 clip_norm=1 model.hidden=6 batch=5 dropout=0.1";

    [Fact]
    public void The_test_is_made_with_the_parameters_of_the_best_validation()
    {
        using var lab = new Lab();
        var chosen = Lab.Plan("rnn", "alphabet", $"steps=30 choose=loss {Restless}");
        var result = lab.Run(chosen);
        var valid = lab.Losses(chosen, "valid");
        var best = Array.IndexOf(valid, valid.Min());
        Assert.InRange(best, 0, valid.Length - 2);

        var short_ = lab.Run(Lab.Plan("rnn", "alphabet", $"steps={2 * (best + 1)} {Restless}"));
        Assert.Equal(short_.Figures["test.loss"], result.Figures["test.loss"]);
        Assert.NotEqual(result.Figures["test.loss"], lab.Run(Lab.Plan("rnn", "alphabet", $"steps=30 {Restless}")).Figures["test.loss"]);
    }

    [Theory, InlineData(5), InlineData(29)]
    public void A_resumed_run_remembers_the_best(int stop)
    {
        using Lab whole = new(), broken = new();
        var experiment = Lab.Plan("rnn", "alphabet", $"steps=30 choose=loss {Restless}");
        var expected = whole.Run(experiment).Figures;
        var watcher = new StopAt(stop);
        broken.Run(experiment, o => o with { Progress = watcher }, watcher.Token);
        Assert.Equal(expected["test.loss"], broken.Run(experiment).Figures["test.loss"]);
    }

    [Fact]
    public void A_figure_that_the_task_lacks_is_refused()
    {
        using var lab = new Lab();
        var message = Assert.Throws<UserError>(() => lab.Run(Lab.Plan("rnn", "adding(T=5)", "steps=2 choose=accuracy"))).Message;
        Assert.Contains("choose=accuracy: adding(T=5) has no such figure; give last, loss", message);
    }
}
