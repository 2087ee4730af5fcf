using RnnBench.Language;
using RnnBench.Results;

namespace RnnBench.Harness.Tests;

public class ImprovementTests
{
    static Improvement Of(string settings, string task = "adding(T=3)") => new(Parts.Of(Lab.Catalogs, Lab.Plan("rnn", task, $"steps=9 {settings}")));

    static Dictionary<string, double> Loss(double value) => new() { ["valid.loss"] = value };

    [Fact]
    public void A_plateau_is_so_many_evaluations_without_a_better_one_and_counting_starts_anew()
    {
        using var improvement = Of("plateau=2 decay=0.5 patience=5");
        var seen = new List<(int, bool)>();
        foreach (var loss in new[] { 3, 2, 2, double.NaN, 2, 2.5, 1.9, 2, 2, 2, 2, 2 })
        {
            improvement.See(Loss(loss));
            seen.Add((improvement.Plateaus, improvement.IsOver));
        }
        Assert.Equal([(0, false), (0, false), (0, false), (1, false), (1, false), (2, false), (2, false), (2, false), (3, false), (3, false), (4, false), (4, true)], seen);
    }

    [Fact]
    public void Without_a_rule_nothing_is_counted_and_nothing_is_kept()
    {
        using var improvement = Of("");
        foreach (var _ in Enumerable.Range(0, 50)) improvement.See(Loss(1));
        Assert.Equal((0, false), (improvement.Plateaus, improvement.IsOver));
        Assert.Empty(improvement.Memory);
    }

    [Fact]
    public void What_is_remembered_goes_on_where_it_stood()
    {
        using Improvement first = Of("plateau=3 decay=0.5 patience=4"), second = Of("plateau=3 decay=0.5 patience=4");
        foreach (var loss in new[] { 1.0, 2, 2 }) first.See(Loss(loss));
        second.Restore(first.Memory);
        second.See(Loss(1.5));
        Assert.Equal((1, false), (second.Plateaus, second.IsOver));
        second.See(Loss(1.5));
        Assert.True(second.IsOver);
    }

    /// <summary>At this rate the loss soon goes up again.</summary>
    const string Restless = "steps=60 evaluate_every=2 record_every=5 optimizer=sgd learning_rate=40 clip_norm=1 model.hidden=6 batch=5 choose=loss";

    [Theory]
    [InlineData("patience=3", 3)]
    [InlineData("patience=3", 8)]
    [InlineData("patience=6 plateau=2 decay=0.5", 7)]
    public void A_run_that_no_longer_gets_better_ends_and_so_does_one_that_was_stopped(string rules, int stop)
    {
        using Lab whole = new(), broken = new();
        var experiment = Lab.Plan("rnn", "alphabet", $"{Restless} {rules}");
        var result = whole.Run(experiment);
        Assert.Equal(RunStatus.Done, result.Status);
        var valid = whole.Losses(experiment, "valid");
        Assert.InRange(valid.Length, 2, 29);
        Assert.Equal(valid.Length - 1 - Array.IndexOf(valid, valid.Min()), int.Parse(rules[9..10]));
        Assert.Equal(2 * valid.Length, result.Steps);
        Assert.Equal((2 * valid.Length + 4) / 5, whole.Losses(experiment).Length);

        var watcher = new StopAt(stop);
        broken.Run(experiment, o => o with { Progress = watcher }, watcher.Token);
        broken.Run(experiment);
        Assert.Equal(whole.Rows(experiment), broken.Rows(experiment));
    }

    [Fact]
    public void A_falling_rate_changes_what_follows()
    {
        using var lab = new Lab();
        var (falling, constant) = (Lab.Plan("rnn", "alphabet", $"{Restless} plateau=1 decay=0.1"), Lab.Plan("rnn", "alphabet", Restless));
        lab.Run(falling);
        lab.Run(constant);
        Assert.True(lab.Losses(falling, "valid")[^1] < lab.Losses(constant, "valid").Max());
        Assert.NotEqual(lab.Losses(constant), lab.Losses(falling));
    }
}
