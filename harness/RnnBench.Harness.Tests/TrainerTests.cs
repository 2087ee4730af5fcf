using RnnBench.Results;
using TorchSharp;

namespace RnnBench.Harness.Tests;

public class TrainerTests
{
    const string Copy = "copy(T=3,length=2,symbols=2,eval_sequences=50)";
    const string Quick = "steps=12 evaluate_every=6 record_every=1 model.hidden=6 batch=5";

    [Fact]
    public void A_cell_learns_to_copy()
    {
        using var lab = new Lab();
        var experiment = Lab.Plan("gru", Copy, "steps=300 model.hidden=24 batch=40 learning_rate=0.02");
        var result = lab.Run(experiment);
        Assert.Equal(RunStatus.Done, result.Status);
        var baseline = 2 * Math.Log(2) / 7;
        Assert.True(result.Figures["test.loss"] < baseline / 4, $"loss {result.Figures["test.loss"]}, baseline {baseline}");
        Assert.True(result.Figures["test.recall_accuracy"] > 0.9);
    }

    /// <summary>A cell of a user in two versions, with the same id.</summary>
    sealed class Mine(bool edited) : Language.Cell
    {
        readonly Language.State h = new();

        protected override void Equations(Language.Input x) => h[t] = edited ? tanh(W * x[t] + U * h[t - 1] + b) : σ(W * x[t] + U * h[t - 1] + b);

        public static Catalogs Catalogs(bool edited) =>
            new([new Language.Architecture("mine", _ => new Mine(edited)) { Title = "t", Source = "s", Family = "f" }], Lab.Catalogs.Tasks, Backends.Backend.Create);
    }

    static RunResult RunMine(Lab lab, bool edited, Func<Experiment, Experiment>? change = null)
    {
        var experiment = new ExperimentRequest
        {
            Model = "mine(hidden=4)", Task = Copy, Settings = Lab.Settings("steps=2 batch=4"), Setup = new RunSetup { Threads = 1, Probes = ProbePlan.None },
        }.Plan(Mine.Catalogs(edited));
        return new Trainer(Mine.Catalogs(edited), lab.Store, lab.Options).Run((change ?? (e => e))(experiment), new Place(1, 1), default);
    }

    [Fact]
    public void An_edited_cell_does_not_find_the_runs_of_what_it_was()
    {
        using var lab = new Lab();
        var first = RunMine(lab, edited: false);
        Assert.True(RunMine(lab, edited: false).Repeated);
        var second = RunMine(lab, edited: true);
        Assert.False(second.Repeated);
        Assert.NotEqual(first.Experiment.Key, second.Experiment.Key);
    }

    [Fact]
    public void A_run_from_before_equations_were_part_of_the_key_is_found()
    {
        using var lab = new Lab();
        var old = RunMine(lab, edited: false, experiment => experiment with { Equations = null });
        Assert.DoesNotContain("equations", old.Experiment.Canonical);
        var again = RunMine(lab, edited: false);
        Assert.True(again.Repeated);
        Assert.Equal(old.Experiment.Key, again.Experiment.Key);
    }

    [Fact]
    public void Equal_seeds_give_equal_bits_and_others_do_not()
    {
        using Lab first = new(), second = new();
        var experiment = Lab.Plan("lstm", Copy, Quick + " dropout=0.2", probes: new ProbePlan { Batch = 4 });
        first.Run(experiment);
        second.Run(experiment);
        Assert.Equal(first.Rows(experiment), second.Rows(experiment));
        Assert.Equal(12, first.Losses(experiment).Length);
        var other = experiment with { Seed = 2 };
        second.Run(other);
        Assert.NotEqual(first.Losses(experiment), second.Losses(other));
    }

    [Fact]
    public void Library_and_eager_train_alike()
    {
        using var lab = new Lab();
        foreach (var model in new[] { "rnn", "lstm(layers=2)" })
        {
            var curves = new[] { "eager", "library" }.Select(backend => Lab.Plan(model, "alphabet", "steps=20 record_every=1", backend: backend, dtype: "float64"))
                .Select(e => { lab.Run(e); return lab.Losses(e); }).ToArray();
            Assert.Equal(20, curves[0].Length);
            // Rounding grows along the way; 1e-9 after 20 steps from 1e-16 at each.
            foreach (var (a, b) in curves[0].Zip(curves[1])) Assert.Equal(a, b, 1e-9);
        }
    }

    [Fact]
    public void The_state_is_carried_from_chunk_to_chunk()
    {
        using var lab = new Lab();
        var result = lab.Run(Lab.Plan("lstm", "alphabet(blind=true)", "epochs=150 learning_rate=0.02 model.hidden=24 clip_norm=1"));
        // Only the first letter is shown: without the carried state three chunks of four could not be told from one another's rows, loss ln 3 there.
        Assert.True(result.Figures["valid.loss"] < 0.5 * 0.75 * Math.Log(3), $"loss {result.Figures["valid.loss"]}");
    }

    [Fact]
    public void The_data_is_the_same_for_every_model()
    {
        var batches = new[] { "rnn", "lstm(layers=2,hidden=9)" }.Select(model => Parts.Of(Lab.Catalogs, Lab.Plan(model, Copy, Quick)))
            .Select(parts => { using var data = parts.Open(5, "data", null); return Enumerable.Range(0, 5).SelectMany(i => data.Training(i).Ids!).ToArray(); }).ToArray();
        Assert.Equal(batches[0], batches[1]);
    }

    [Fact]
    public void Probes_change_nothing()
    {
        using Lab with = new(), without = new();
        var bare = Lab.Plan("gru", Copy, Quick + " dropout=0.2");
        var probed = bare with { Probes = new ProbePlan() };
        with.Run(probed);
        without.Run(bare);
        Assert.Equal(without.Losses(bare), with.Losses(probed));
        Assert.Equal(without.Losses(bare, "test"), with.Losses(probed, "test"));
        Assert.NotEmpty(with.Rows("gates", probed));
        Assert.Empty(without.Rows("gates", bare));
    }

    [Fact]
    public void No_tensor_is_left_behind()
    {
        Finalized();                                       // what other tests left behind
        using var lab = new Lab();
        var experiment = Lab.Plan("lstm(layers=2)", "alphabet", "steps=40 dropout=0.1 clip_norm=0.1", probes: new ProbePlan { Batch = 4, Moments = [.. Enumerable.Range(0, 41).Select(i => i / 40.0)] });
        var counter = new TensorCounter();
        lab.Run(experiment, o => o with { Progress = counter });
        Assert.True(counter.Counts[5..].Distinct().Count() == 1, string.Join(" ", counter.Counts));
        // What a runner's parameters leave on the counter, though they are disposed of, is not the trainer's.
        var husks = Counted(() =>
        {
            var model = Parts.Of(Lab.Catalogs, experiment).Model;
            for (var i = 0; i < 2; i++) Lab.Catalogs.Runner("eager", model, torch.CPU, torch.ScalarType.Float32, i > 0).Dispose();
        });
        Assert.Equal(husks, Counted(() => lab.Run(experiment with { Seed = 2 })));

        static long Counted(Action action)
        {
            var before = Finalized();
            action();
            return Finalized() - before;
        }

        static long Finalized()
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            return torch.Tensor.TotalCount;
        }
    }

    [Fact]
    public void A_run_that_has_ended_is_not_made_again_unless_forced()
    {
        using var lab = new Lab();
        var experiment = Lab.Plan("rnn", Copy, Quick);
        Assert.False(lab.Run(experiment).Repeated);
        var rows = lab.Rows(experiment);
        Assert.True(lab.Run(experiment).Repeated);
        Assert.False(lab.Run(experiment, o => o with { Force = true }).Repeated);
        Assert.Equal(rows, lab.Rows(experiment));
    }

    [Fact]
    public void A_loss_that_is_not_finite_ends_the_run_as_diverged()
    {
        using var lab = new Lab();
        var experiment = Lab.Plan("rnn(activation=identity)", "adding(T=30,eval_sequences=10)", "steps=200 optimizer=sgd learning_rate=1000 clip_norm=0 model.hidden=8 batch=4 record_every=1");
        var result = lab.Run(experiment);
        Assert.True(result.Status == RunStatus.Diverged, $"{result.Error}");
        Assert.Contains($"step {result.Steps}", result.Message);
        Assert.InRange(result.Steps, 2, 199);
        Assert.Equal((RunStatus.Diverged, result.Steps), (lab.Store.Find(experiment.Key)!.Status, lab.Store.Find(experiment.Key)!.Steps));
        Assert.True(lab.Run(experiment).Repeated);
    }

    [Fact]
    public void Timings_and_what_the_run_is_are_recorded()
    {
        using var lab = new Lab();
        var experiment = Lab.Plan("lstm", Copy, "steps=6 record_every=3 model.hidden=6 batch=5");
        lab.Run(experiment);
        var frame = lab.Store.Query("SELECT step, steps, tokens, data + forward + backward + \"update\" AS seconds, memory FROM timings WHERE run = @Key ORDER BY step", new { experiment.Key });
        Assert.Equal([(3L, 3L, 105L), (6L, 3L, 105L)], frame.Rows.Select(r => ((long)r[0], (long)r[1], (long)r[2])));
        Assert.All(frame.Rows, r => Assert.True((double)r[3] > 0 && (long)r[4] > 1 << 20));
        var run = lab.Store.Find(experiment.Key)!;
        Assert.Equal(("eager", "cpu", "float32", 1, 6L), (run.Path, run.Device, run.DType, run.Threads, run.Steps));
        Assert.Equal((4L * (4 * 6 + 6 * 6 + 6), 3L * 6 + 3), (run.Parameters, run.ParametersOutside));
        Assert.Equal(8L * (6 * 4 + 6 * 6), run.Flops);
    }

    [Theory]
    [InlineData("lstm(layers=2)", "layer0 layer1")]
    [InlineData("gru", "")]
    [InlineData("sru", null)]                                                // no matrix on a state: nothing to share by units
    public void What_the_backend_chose_by_measuring_is_recorded(string model, string? scans)
    {
        using var lab = new Lab();
        var experiment = Lab.Plan(model, Copy, "steps=12 model.hidden=64 batch=4", backend: "cpu") with { Threads = 2 };
        Assert.Equal(RunStatus.Done, lab.Run(experiment).Status);
        var rows = lab.Store.Query("SELECT scan, batch, group_concat(way, ' ' ORDER BY way), sum(chosen), min(seconds) > 0 FROM choices WHERE run = @Key GROUP BY scan, batch ORDER BY scan", new { experiment.Key }).Rows;
        Assert.Equal(scans?.Split(' ').Select(scan => (scan, 4L, "rows units", 1L, 1L)) ?? [],
            rows.Select(r => ((string)r[0], (long)r[1], (string)r[2], (long)r[3], (long)r[4])));
    }

    [Fact]
    public void Nothing_is_recorded_of_a_run_that_cannot_begin()
    {
        using var lab = new Lab();
        var experiment = Lab.Plan("lstm", "ptb", "steps=1");
        Assert.Throws<Language.UserError>(() => lab.Run(experiment, o => o with { DataFolder = lab.Folder }));
        Assert.Null(lab.Store.Find(experiment.Key));
    }

    [Fact]
    public void Progress_tells_the_story_in_order()
    {
        using var lab = new Lab();
        var story = new Story();
        lab.Run(Lab.Plan("rnn", "alphabet", "steps=4"), o => o with { Progress = story });
        Assert.Equal(["Started", "Stepped", "Stepped", "Stepped", "Stepped", "Evaluated", "Evaluated", "Ended"], story.Events.Select(e => e.GetType().Name));
        var last = story.Events.OfType<ProgressEvent.Stepped>().Last();
        Assert.Equal((4L, 4L, 1.0, TimeSpan.Zero), (last.Step, last.Steps, last.Epoch!.Value, last.Left));
        Assert.True(last.TokensPerSecond > 0);
    }

    sealed class Story : IProgress<ProgressEvent>
    {
        public List<ProgressEvent> Events { get; } = [];
        public void Report(ProgressEvent value) => Events.Add(value);
    }

    sealed class TensorCounter : IProgress<ProgressEvent>
    {
        public List<long> Counts { get; } = [];
        public void Report(ProgressEvent value)
        {
            if (value is ProgressEvent.Stepped) Counts.Add(torch.Tensor.TotalCount);
        }
    }
}
