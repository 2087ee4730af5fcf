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
    [InlineData("optimizer=sgdx", "sgd, adam, adamw, rmsprop")]
    [InlineData("dropout=1", "dropout=1")]
    [InlineData("init=uniform:", "uniform:A")]
    [InlineData("init=uniform:-1", "uniform:A")]
    [InlineData("init=normal:0", "normal:S")]
    [InlineData("plateau=2", "decay is 1")]
    [InlineData("plateau=2 decay=0.5 decay_every=3", "decay_every and plateau")]
    [InlineData("decay_after=2 decay=0.5 decay_at=[3]", "decay_after and decay_at")]
    [InlineData("loss=sum", "mean, sum_steps")]
    public void Wrong_settings_are_named_with_what_there_is(string written, string named) =>
        Assert.Contains(named, Assert.Throws<UserError>(() => Read("steps=1", written)).Message);

    [Fact]
    public void A_run_needs_a_length() => Assert.Contains("steps=N", Assert.Throws<UserError>(() => Read("", "")).Message);

    /// <summary>Every setting that was declared later, but for rules of decay that exclude each other.</summary>
    const string Later = "rms_start=0.1 plateau=3 decay=0.5 patience=9 warmup=0.1 anneal=cosine rate_floor=1e-7 clip_value=1 recurrent_start=glorot svclip_penalty=1";

    [Fact]
    public void Everything_is_written_the_defaults_too_and_reads_back_the_same()
    {
        var written = TrainingSettings.Write(Read("steps=5", "init=uniform:0.10 learning_rate=1.50 " + Later));
        Assert.Equal(TrainingSettings.Declared.Select(s => s.Name).Except(["decay_every", "decay_at"]).Order(StringComparer.Ordinal), written.Keys);
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

    /// <summary>The catalogue's pixels of trellisnet: divided by ten after 50, 75 and 90 epochs.</summary>
    [Theory]
    [InlineData(49, 1)]
    [InlineData(50, 0.1)]
    [InlineData(75, 0.01)]
    [InlineData(199, 0.001)]
    public void The_rate_decays_after_certain_epochs(int epoch, double rate) =>
        Assert.Equal(rate, Schedule.Rate(Read("steps=1 learning_rate=1 decay=0.1 decay_at=[50,75,90]", ""), epoch, 1000), 1e-15);

    /// <summary>A tenth of 1000 steps up from the floor, then half a cosine down to it.</summary>
    [Theory]
    [InlineData(0, 0.01)]
    [InlineData(50, 0.505)]
    [InlineData(100, 1)]
    [InlineData(550, 0.505)]
    [InlineData(1000, 0.01)]
    public void The_rate_warms_up_and_falls_along_a_cosine(long step, double rate) =>
        Assert.Equal(rate, Schedule.Rate(Read("steps=1 learning_rate=1 warmup=0.1 anneal=cosine rate_floor=0.01", ""), 0, step, 1000), 1e-12);

    [Fact]
    public void The_rate_decays_on_a_plateau() =>
        Assert.Equal([1, 0.25, 0.0625], Enumerable.Range(0, 3).Select(plateaus => Schedule.Rate(Read("steps=1 learning_rate=1 decay=0.25 plateau=5", ""), 9, 1000, 2000, plateaus)));

    /// <summary>Settings that came later are no part of the key of a run that does not use them.</summary>
    [Fact]
    public void A_later_setting_is_written_where_it_is_used()
    {
        string[] later = [.. Lab.Settings(Later).Select(s => s.Key).Where(key => key != "decay"), "decay_every", "decay_at"];
        Assert.Empty(TrainingSettings.Write(Read("steps=5", "")).Keys.Intersect(later));
        Assert.Equal(later[..^2].Order(), TrainingSettings.Write(Read("steps=5", Later)).Keys.Intersect(later));
        Assert.Equal(["decay_every"], TrainingSettings.Write(Read("steps=5", "decay_every=3")).Keys.Intersect(later));
        Assert.Equal(["decay_at"], TrainingSettings.Write(Read("steps=5", "decay_at=[2]")).Keys.Intersect(later));
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
