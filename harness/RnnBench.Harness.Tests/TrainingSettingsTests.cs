using RnnBench.Language;

namespace RnnBench.Harness.Tests;

public class TrainingSettingsTests
{
    static Settings Read(string recipe, string user) => TrainingSettings.Read(new Dictionary<string, string>(Lab.Settings(recipe)), Lab.Settings(user));

    [Fact]
    public void The_user_wins_over_the_recipe_and_the_recipe_over_the_default()
    {
        var read = Read("batch=20 learning_rate=1 steps=5 model.hidden=3", "learning_rate=0.5 model?.x=1");
        Assert.Equal((20, 0.5, 0.999), (read.Integer("batch"), read.Real("learning_rate"), read.Real("beta2")));
    }

    [Theory]
    [InlineData("epochs=3", "steps=10", 10, 0)]
    [InlineData("steps=10", "epochs=3", 0, 3)]
    [InlineData("steps=10", "epochs=3 steps=4", 4, 0)]
    [InlineData("epochs=3", "", 0, 3)]
    public void One_length_replaces_the_other(string recipe, string user, int steps, int epochs)
    {
        var read = Read(recipe, user);
        Assert.Equal((steps, epochs), (read.Integer("steps"), read.Integer("epochs")));
    }

    [Theory]
    [InlineData("speed=1", "speed")]
    [InlineData("steps=-1", "steps=-1")]
    [InlineData("steps=99999999999", "steps")]
    [InlineData("learning_rate=NaN", "learning_rate=NaN")]
    [InlineData("learning_rate=0,5", "learning_rate=0,5")]
    [InlineData("optimizer=sgdx", "sgd, adam, rmsprop")]
    [InlineData("dropout=1", "dropout=1")]
    [InlineData("init=uniform:", "uniform:A")]
    [InlineData("init=uniform:-1", "uniform:A")]
    [InlineData("loss=sum", "mean, sum_steps")]
    public void Wrong_settings_are_named_with_what_there_is(string written, string named) =>
        Assert.Contains(named, Assert.Throws<UserError>(() => Read("steps=1", written)).Message);

    [Fact]
    public void A_run_needs_a_length() => Assert.Contains("steps=N", Assert.Throws<UserError>(() => Read("", "")).Message);

    [Fact]
    public void Everything_is_written_the_defaults_too_and_reads_back_the_same()
    {
        var written = TrainingSettings.Write(Read("steps=5", "init=uniform:0.10 learning_rate=1.50 rms_start=0.1 decay_every=3"));
        Assert.Equal(TrainingSettings.Declared.Select(s => s.Name).Order(StringComparer.Ordinal), written.Keys);
        Assert.Equal(("uniform:0.1", "1.5", "0.9"), (written["init"], written["learning_rate"], written["beta1"]));
        Assert.Equal(written, TrainingSettings.Write(Settings.Read("training", TrainingSettings.Declared, written)));
    }

    /// <summary>zaremba-small: four epochs at the full rate, then half of it for each further one.</summary>
    [Theory]
    [InlineData(0, 1)]
    [InlineData(3, 1)]
    [InlineData(4, 0.5)]
    [InlineData(5, 0.25)]
    [InlineData(12, 0.001953125)]
    public void The_rate_decays_after_some_epochs(int epoch, double rate) =>
        Assert.Equal(rate, Schedule.Rate(Read("steps=1 learning_rate=1 decay=0.5 decay_after=4", ""), epoch, 1000));

    [Theory]
    [InlineData(0, 1)]
    [InlineData(999, 1)]
    [InlineData(1000, 0.9)]
    [InlineData(2500, 0.81)]
    public void The_rate_decays_every_so_many_steps(long step, double rate) =>
        Assert.Equal(rate, Schedule.Rate(Read("steps=1 learning_rate=1 decay=0.9 decay_every=1000", ""), 7, step), 1e-15);

    /// <summary>Settings that came later are no part of the key of a run that does not use them.</summary>
    [Fact]
    public void A_later_setting_is_written_where_it_is_used()
    {
        string[] later = ["rms_start", "decay_every"];
        Assert.Empty(TrainingSettings.Write(Read("steps=5", "")).Keys.Intersect(later));
        Assert.Equal(later.Order(), TrainingSettings.Write(Read("steps=5", "decay_every=3 rms_start=0.1")).Keys.Intersect(later));
    }

    [Fact]
    public void When_what_is_due()
    {
        var cadence = new Cadence(Read("epochs=3", ""), new ProbePlan { Moments = [0, 0.5, 1] }, 10);
        Assert.Equal(30, cadence.Steps);
        Assert.Equal([10L, 20, 30], Enumerable.Range(1, 30).Select(s => (long)s).Where(cadence.Evaluates));
        Assert.Equal([0L, 15, 30], Enumerable.Range(0, 31).Select(s => (long)s).Where(cadence.Probes));
        Assert.Equal((1.5, 1), (cadence.Epoch(15), cadence.WholeEpochs(19)));

        cadence = new Cadence(Read("steps=1000", "record_every=300"), ProbePlan.None, null);
        Assert.Equal(10, Enumerable.Range(1, 1000).Count(s => cadence.Evaluates(s)));
        Assert.Equal([300L, 600, 900, 1000], Enumerable.Range(1, 1000).Select(s => (long)s).Where(cadence.Records));
        Assert.Null(cadence.Epoch(1));
    }

    [Theory]
    [InlineData("epochs=2", "epochs")]
    [InlineData("steps=2 decay=0.5", "decay")]
    public void A_task_without_epochs_refuses_what_counts_them(string settings, string named) =>
        Assert.Contains(named, Assert.Throws<UserError>(() => new Cadence(Read(settings, ""), ProbePlan.None, null)).Message);
}
