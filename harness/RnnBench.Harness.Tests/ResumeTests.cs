using RnnBench.Results;
using TorchSharp;

namespace RnnBench.Harness.Tests;

/// <summary>Runs that are stopped or killed go on to the same bits, from checkpoints that are whole and theirs.</summary>
public class ResumeTests
{
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
    public void A_checkpoint_that_cannot_be_written_ends_the_run_with_what_was_recorded()
    {
        using var lab = new Lab();
        File.WriteAllText(lab.Checkpoints, "in the way");
        var experiment = Lab.Plan("rnn", "copy(T=3,length=2,symbols=2,eval_sequences=50)", "steps=12 evaluate_every=6 record_every=1 model.hidden=6 batch=5");
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

    sealed class Killer(long step) : IProgress<ProgressEvent>
    {
        public void Report(ProgressEvent value)
        {
            if (value is ProgressEvent.Stepped stepped && stepped.Step == step) throw new StoreError("killed");
        }
    }
}
