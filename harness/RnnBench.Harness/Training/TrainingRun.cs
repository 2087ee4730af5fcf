using System.Globalization;
using RnnBench.Language;
using RnnBench.Results;
using RnnBench.Tasks;
using TorchSharp;
using static TorchSharp.torch;

namespace RnnBench.Harness;

/// <summary>The state of a run in training, and the one step that all tasks share.</summary>
sealed class TrainingRun : IDisposable
{
    readonly Parts parts;
    readonly ITaskData data;
    readonly Optimizer optimizer;
    readonly ConstrainedUpdate constraints;
    readonly Dropout dropout;
    readonly CarriedState carried = new();
    readonly PhaseClock clock;
    readonly Func<long, int, double> divisor;
    readonly KeptBest? best;
    readonly Improvement improvement;
    readonly SoftOrthogonality? penalty;

    /// <param name="parts">What the experiment names.</param>
    /// <param name="data">The task's data; not disposed of here.</param>
    /// <param name="network">The network; not disposed of here.</param>
    /// <param name="cadence">When what is due.</param>
    /// <param name="time">Measures durations.</param>
    public TrainingRun(Parts parts, ITaskData data, Network network, Cadence cadence, TimeProvider time)
    {
        (this.parts, this.data, Network, Cadence) = (parts, data, network, cadence);
        optimizer = Optimizer.Table[parts.Training.Choice("optimizer")](parts.Training);
        divisor = Losses.Divisors[parts.Training.Choice("loss")];
        best = KeptBest.Of(parts);
        improvement = new Improvement(parts);
        penalty = SoftOrthogonality.Of(network, parts.Training);
        constraints = new ConstrainedUpdate(network.Runner, parts.Training);
        dropout = new Dropout(parts.Seeds, parts.Training.Real("dropout"));
        clock = new PhaseClock(time, parts.Device.type == DeviceType.CUDA);
    }

    /// <summary>What is trained.</summary>
    public Network Network { get; }
    /// <summary>When what is due.</summary>
    public Cadence Cadence { get; }
    /// <summary>Steps done.</summary>
    public long Step { get; private set; }
    /// <summary>Sums since the last recorded row.</summary>
    public Meter Meter { get; private set; } = new();
    /// <summary>The loss of the last step, per target.</summary>
    public double LastLoss { get; private set; }

    /// <summary>Whether patience with validation is at its end, so that there are no further steps.</summary>
    public bool IsOver => improvement.IsOver;

    /// <summary>Makes one training step.</summary>
    /// <returns>False where loss or gradient was not finite: the parameters are as before, and the run has diverged.</returns>
    public bool Advance()
    {
        clock.Start();
        using var scope = NewDisposeScope();
        var batch = data.Training(Step);
        Meter.Seconds[(int)Phase.Data] += clock.Lap();

        var targets = batch.Groups[Batch.Trained].LongCount(w => w != 0);
        var (loss, objective) = Forward(batch, divisor(targets, batch.Size));
        var sum = loss?.to(ScalarType.Float64).item<double>() ?? 0;
        Meter.Seconds[(int)Phase.Forward] += clock.Lap();

        foreach (var parameter in Network.Trainable) parameter.grad = null;
        objective?.backward();
        penalty?.AddGradient();
        Meter.Seconds[(int)Phase.Backward] += clock.Lap();

        var norm = GlobalNorm.Of(Network.Trainable);
        var finite = double.IsFinite(sum) && double.IsFinite(norm);
        if (finite) Update(norm, batch.Steps);
        Meter.Seconds[(int)Phase.Update] += clock.Lap();

        Meter.Count(batch.Steps * batch.Size, targets, sum, norm);
        LastLoss = targets > 0 ? sum / targets : 0;
        Step++;
        return finite;
    }

    /// <summary>
    /// The sum of the losses of the trained targets, and what is descended: this sum over <paramref name="divisor"/>, with the further terms of
    /// the model. Null where the batch has no targets. Keeps the state for the next batch.
    /// </summary>
    (Tensor? Loss, Tensor? Objective) Forward(Batch batch, double divisor)
    {
        var (rows, step) = (Losses.Rows(batch, [Batch.Trained]), Step);
        var moment = new TrainingMoment(step, name => parts.Seeds.Stream(string.Create(CultureInfo.InvariantCulture, $"{name}/{step}")));
        var prediction = Network.Run(batch, rows, carried.Before(batch), new RunHooks<Tensor> { Training = moment }, dropout.At(step));
        carried.Keep(prediction.Run.State);
        if (rows is { Length: 0 }) return (null, null);
        var loss = Sum(prediction.Read);
        var all = prediction.Supervised.Aggregate(loss, (sum, further) => sum + further.Weight * Sum(further.Read));
        return (loss, prediction.Run.Penalties.Aggregate(all / divisor, (sum, penalty) => sum + penalty));

        Tensor Sum(Tensor read) => Network.Losses(read, batch, rows, Batch.Trained).Sum;
    }

    void Update(double norm, long length)
    {
        var decay = parts.Training.Real("weight_decay");
        var beyond = GlobalNorm.ClipEach(Network.Trainable, parts.Training.Real("clip_value"));
        if (beyond) norm = GlobalNorm.Of(Network.Trainable);
        if (GlobalNorm.Clip(Network.Trainable, norm, parts.Training.Real("clip_norm")) || beyond) Meter.Clipped++;
        var rate = Schedule.Rate(parts.Training, Cadence.WholeEpochs(Step), Step, Cadence.Steps, improvement.Plateaus);
        constraints.Around(Step + 1, rate, length, () => optimizer.Step(Network.Trainable, rate, Step + 1, place => Network.Decays(place) ? decay : 0, Network.Decaying));
    }

    /// <summary>Looks at the figures of a validation.</summary>
    public void Validated(IReadOnlyDictionary<string, double> figures)
    {
        best?.See(figures, Network.Kept);
        improvement.See(figures);
    }

    /// <summary>Puts those parameters in place that are to be tested.</summary>
    public void Choose() => best?.PutBack(Network.Kept);

    /// <summary>Records what is due after the step that was just made.</summary>
    public void Record(Recording into)
    {
        if (Cadence.Records(Step)) Meter.Flush(Step, Cadence.Epoch(Step), into);
    }

    /// <summary>Records what is left over where training ends before its last step.</summary>
    public void RecordRest(Recording into) => Meter.Flush(Step, Cadence.Epoch(Step), into);

    /// <summary>Everything that the rest of the run depends on, by name.</summary>
    public Checkpoint Save(string key) => new(key, Network.Runner.Path, Step, Meter.Write(), TensorsByName());

    /// <summary>Goes on from a checkpoint of the same experiment and path.</summary>
    public void Restore(Checkpoint checkpoint)
    {
        (Step, Meter) = (checkpoint.Step, Meter.Read(checkpoint.Meter));
        using var still = no_grad();
        foreach (var (name, value) in Named("trainable", Network.Kept)) value.copy_(checkpoint.Tensors[name]);
        optimizer.Restore(Under("optimizer.", checkpoint));
        constraints.Restore(Under("constraint.", checkpoint));
        best?.Restore(Under("best.", checkpoint));
        improvement.Restore(Under("improvement.", checkpoint));
        carried.Keep(Under("state.", checkpoint));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        optimizer.Dispose();
        constraints.Dispose();
        best?.Dispose();
        improvement.Dispose();
        carried.Dispose();
    }

    Dictionary<string, Tensor> TensorsByName() => new(
    [
        .. Named("trainable", Network.Kept),
        .. optimizer.Memory.Select(m => KeyValuePair.Create($"optimizer.{m.Key}", m.Value)),
        .. constraints.Memory.Select(m => KeyValuePair.Create($"constraint.{m.Key}", m.Value)),
        .. best is null ? [] : best.Memory.Select(m => KeyValuePair.Create($"best.{m.Key}", m.Value)),
        .. improvement.Memory.Select(m => KeyValuePair.Create($"improvement.{m.Key}", m.Value)),
        .. carried.Values.Select(s => KeyValuePair.Create($"state.{s.Key}", s.Value)),
    ]);

    IEnumerable<KeyValuePair<string, Tensor>> Under(string prefix, Checkpoint checkpoint) => checkpoint.Tensors
        .Where(t => t.Key.StartsWith(prefix, StringComparison.Ordinal))
        .Select(t => KeyValuePair.Create(t.Key[prefix.Length..], t.Value.to(parts.Device)));

    static IEnumerable<KeyValuePair<string, Tensor>> Named(string prefix, IReadOnlyList<Tensor> tensors) =>
        tensors.Select((tensor, place) => KeyValuePair.Create(string.Create(CultureInfo.InvariantCulture, $"{prefix}.{place}"), tensor));
}
