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

    [Theory]
    [InlineData("optimizer=adam dropout=0.3")]
    [InlineData("optimizer=sgd momentum=0.9 learning_rate=0.1 clip_norm=0.1 decay=0.5 decay_after=1")]
    [InlineData("optimizer=rmsprop momentum=0.5")]
    public void A_stopped_run_goes_on_to_the_same_bits(string settings)
    {
        using Lab whole = new(), parts = new();
        var experiment = Lab.Plan("lstm", "alphabet", $"epochs=5 record_every=3 evaluate_every=7 {settings}", probes: new ProbePlan { Batch = 4, Moments = [0, 0.5, 1] });
        whole.Run(experiment);
        foreach (var step in new long[] { 4, 5, 13 })
        {
            var stop = new StopAt(step);
            var result = parts.Run(experiment, o => o with { Progress = stop }, stop.Token);
            Assert.Equal((RunStatus.Interrupted, step), (result.Status, result.Steps));
            Assert.Equal(RunStatus.Interrupted, parts.Store.Find(experiment.Key)!.Status);
        }
        Assert.Equal(RunStatus.Done, parts.Run(experiment).Status);
        Assert.Equal(whole.Rows(experiment), parts.Rows(experiment));
        Assert.Empty(Directory.GetFiles(parts.Checkpoints));
    }

    /// <summary>As if the process had been killed: the exception leaves from inside a step, and what was recorded since the checkpoint is stale.</summary>
    [Fact]
    public void A_killed_run_goes_on_to_the_same_bits()
    {
        using Lab whole = new(), parts = new();
        var experiment = Lab.Plan("gru", "alphabet", "steps=20 evaluate_every=5 record_every=2", probes: new ProbePlan { Batch = 4 });
        whole.Run(experiment);
        Assert.Throws<StoreError>(() => parts.Run(experiment, o => o with { Progress = new Killer(13) }));
        Assert.Equal(RunStatus.Running, parts.Store.Find(experiment.Key)!.Status);
        Assert.Equal(RunStatus.Done, parts.Run(experiment).Status);
        Assert.Equal(whole.Rows(experiment), parts.Rows(experiment));
    }

    [Fact]
    public void A_checkpoint_whose_record_is_gone_is_not_taken_up()
    {
        using Lab whole = new(), parts = new();
        var experiment = Lab.Plan("rnn", "alphabet", "steps=12 evaluate_every=4");
        whole.Run(experiment);
        Assert.Throws<StoreError>(() => parts.Run(experiment, o => o with { Progress = new Killer(7) }));
        parts.Store.Remove(experiment.Key);
        Assert.Throws<StoreError>(() => parts.Run(experiment, o => o with { Progress = new Killer(1) }));
        Assert.Equal(RunStatus.Done, parts.Run(experiment).Status);
        Assert.Equal(whole.Rows(experiment), parts.Rows(experiment));
    }

    [Fact]
    public void Another_path_does_not_go_on()
    {
        using var lab = new Lab();
        var experiment = Lab.Plan("lstm", "alphabet", "steps=12 evaluate_every=4", backend: "eager");
        var stop = new StopAt(5);
        lab.Run(experiment, o => o with { Progress = stop }, stop.Token);
        var file = Checkpoint.FileOf(lab.Checkpoints, experiment.Key);
        (Checkpoint.Read(file, experiment.Key)! with { Path = "other" }).Write(file);
        var message = Assert.Throws<Language.UserError>(() => lab.Run(experiment)).Message;
        Assert.Contains("other", message);
        Assert.Contains("--force", message);
        Assert.Equal(RunStatus.Done, lab.Run(experiment, o => o with { Force = true }).Status);
    }

    [Fact]
    public void Parameters_after_a_stop_are_those_of_an_unbroken_run()
    {
        using var lab = new Lab();
        var experiment = Lab.Plan("lstm", "alphabet", "steps=20 dropout=0.2");
        var parts = Parts.Of(Lab.Catalogs, experiment);
        using var data = parts.Open(3, "data", null);
        var cadence = new Cadence(parts.Training, ProbePlan.None, data.BatchesPerEpoch);
        using Network whole = Network(parts), first = Network(parts), second = Network(parts);
        using TrainingRun a = new(parts, data, whole, cadence, TimeProvider.System), b = new(parts, data, first, cadence, TimeProvider.System), c = new(parts, data, second, cadence, TimeProvider.System);
        Advance(a, 20);
        Advance(b, 10);
        var file = Path.Combine(lab.Folder, "x.safetensors");
        b.Save("key").Write(file);
        c.Restore(Checkpoint.Read(file, "key")!);
        Advance(c, 10);
        foreach (var (x, y) in whole.Trainable.Zip(second.Trainable)) Assert.True(Bits.Same(x, y));
        Assert.Equal(a.Meter with { Seconds = [] }, c.Meter with { Seconds = [] });

        static Network Network(Parts parts) => new(parts, Lab.Catalogs.Runner("eager", parts.Model, torch.CPU, torch.ScalarType.Float32, false));
        static void Advance(TrainingRun run, int steps)
        {
            for (var i = 0; i < steps; i++) Assert.True(run.Advance());
        }
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
    public void A_checkpoint_that_cannot_be_written_ends_the_run_with_what_was_recorded()
    {
        using var lab = new Lab();
        File.WriteAllText(lab.Checkpoints, "in the way");
        var experiment = Lab.Plan("rnn", Copy, Quick);
        var result = lab.Run(experiment);
        Assert.Equal(RunStatus.Failed, result.Status);
        Assert.Contains("checkpoint cannot be written", result.Message);
        Assert.IsType<Language.UserError>(result.Error);
        Assert.Equal(6, lab.Losses(experiment).Length);
        File.Delete(lab.Checkpoints);
        Assert.Equal(RunStatus.Done, lab.Run(experiment).Status);
        Assert.Equal(12, lab.Losses(experiment).Length);
    }

    [Fact]
    public void A_full_disk_leaves_the_last_checkpoint()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "needs /dev/full to stand for a full disk");
        using var lab = new Lab();
        var file = Path.Combine(lab.Folder, "x.safetensors");
        new Checkpoint("key", "eager", 1, "{}", new Dictionary<string, torch.Tensor>()).Write(file);
        File.CreateSymbolicLink(file + ".new", "/dev/full");
        using var large = torch.zeros(100_000);
        var error = Assert.Throws<Language.UserError>(() => new Checkpoint("key", "eager", 2, "{}", new Dictionary<string, torch.Tensor> { ["a"] = large }).Write(file));
        Assert.Contains("make room", error.Message);
        Assert.Equal(1, Checkpoint.Read(file, "key")!.Step);
    }

    [Fact]
    public void A_checkpoint_of_another_run_is_refused()
    {
        using var lab = new Lab();
        var file = Path.Combine(lab.Folder, "x.safetensors");
        new Checkpoint("key", "eager", 1, "{}", new Dictionary<string, torch.Tensor>()).Write(file);
        Assert.Contains("another run", Assert.Throws<Language.UserError>(() => Checkpoint.Read(file, "other")).Message);
        File.WriteAllText(file, "rubbish");
        Assert.Contains(file, Assert.Throws<Language.UserError>(() => Checkpoint.Read(file, "key")).Message);
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

    sealed class Killer(long step) : IProgress<ProgressEvent>
    {
        public void Report(ProgressEvent value)
        {
            if (value is ProgressEvent.Stepped stepped && stepped.Step == step) throw new StoreError("killed");
        }
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
