namespace RnnBench.Language;

/// <summary>
/// A model made runnable by a backend. The tensor type is the backend's: arrays for the interpreter, TorchSharp tensors for the rest.
/// Sequences are time-major: x [T,B,I], y [T,B,O]. A model of trees reads the N nodes of a forest as [N,1,I], or [N,I], and gives as many outputs.
/// </summary>
/// <typeparam name="TTensor">The backend's tensor.</typeparam>
public interface ISequenceRunner<TTensor> : IDisposable
{
    /// <summary>What is run.</summary>
    Model Model { get; }

    /// <summary>The path that was taken, for the record: <c>eager</c>, <c>library: nn.LSTM</c>.</summary>
    string Path { get; }

    /// <summary>What was chosen by measuring in the training steps so far; empty where nothing was to choose.</summary>
    IReadOnlyList<MeasuredChoice> Choices => [];

    /// <summary>What an optimiser updates. The layout is the backend's own.</summary>
    IReadOnlyList<TTensor> Trainable { get; }

    /// <summary>The parameters by their catalogue names, in the catalogue's layout and sign; copies or views, not to be written to.</summary>
    IReadOnlyDictionary<string, TTensor> Read();

    /// <summary>The gradients of the parameters by their catalogue names, in the catalogue's layout and sign, after a backward pass.</summary>
    IReadOnlyDictionary<string, TTensor> ReadGradients();

    /// <summary>Sets all parameters, by their catalogue names.</summary>
    void Write(IReadOnlyDictionary<string, TTensor> parameters);

    /// <summary>Sets some parameters, by their catalogue names.</summary>
    void Change(IReadOnlyDictionary<string, TTensor> parameters)
    {
        var all = new Dictionary<string, TTensor>(Read());
        foreach (var (name, value) in parameters) all[name] = value;
        Write(all);
    }

    /// <summary>The constants of the model, in the order of its parameters: what a run must keep beside <see cref="Trainable"/>.</summary>
    IReadOnlyList<TTensor> Constants => [];

    /// <summary>Runs the model over a sequence.</summary>
    /// <param name="x">[T,B,I].</param>
    /// <param name="initial">State before the first step by name (<c>h</c>, <c>c</c>): [B,W], or [L·D,B,W] where there are several scans. Null for zeros.</param>
    /// <param name="hooks">What to do along the way; null for nothing.</param>
    SequenceResult<TTensor> Run(TTensor x, IReadOnlyDictionary<string, TTensor>? initial = null, RunHooks<TTensor>? hooks = null);
}

/// <summary>What a run gives.</summary>
/// <param name="Output">y [T,B,O].</param>
/// <param name="State">State after the last step, in the form of the initial state.</param>
/// <param name="Gates">Gate values [T,B,W] by full name where they were asked for, else empty.</param>
public sealed record SequenceResult<TTensor>(TTensor Output, IReadOnlyDictionary<string, TTensor> State, IReadOnlyDictionary<string, TTensor> Gates)
{
    /// <summary>Terms that are added to the training loss as they are, single numbers: the price of not skimming.</summary>
    public IReadOnlyList<TTensor> Penalties { get; init; } = [];

    /// <summary>What the run says of itself, by name: an average, and the steps that it is over. The share of steps that were skimmed, the FLOPs of a step.</summary>
    public IReadOnlyDictionary<string, (double Mean, long Steps)> Figures { get; init; } = new Dictionary<string, (double, long)>();

    /// <summary>Further outputs, like y, that go through the same output layer and are judged by the same targets; the loss counts with the weight.</summary>
    public IReadOnlyList<(double Weight, TTensor Output)> Supervised { get; init; } = [];
}

/// <summary>What a step of training tells a model.</summary>
/// <param name="Step">Its number, from 0: for temperatures and schedules.</param>
/// <param name="Stream">A fresh generator for a name, the same for the same name, step and root seed: for masks and noise.</param>
public sealed record TrainingMoment(long Step, Func<string, Random> Stream);

/// <summary>What a run does along the way.</summary>
/// <typeparam name="TTensor">The backend's tensor.</typeparam>
public sealed record RunHooks<TTensor>
{
    /// <summary>Whether gate values are kept.</summary>
    public bool RecordGates { get; init; }

    /// <summary>The step of training; null in evaluation.</summary>
    public TrainingMoment? Training { get; init; }

    /// <summary>
    /// What is given from outside, by the name that golden cases have for it: random numbers in place of drawn ones (<c>noise.gumbel</c>), constants
    /// in place of the model's own (<c>const.perm</c>), the children of a forest (<c>children</c> [N,K], whole numbers, -1 for none).
    /// </summary>
    public IReadOnlyDictionary<string, TTensor> Given { get; init; } = new Dictionary<string, TTensor>();

    /// <summary>Applied to the input of every layer but the first, [T,B,W]: dropout between layers (Zaremba et al. 2014).</summary>
    public Func<TTensor, TTensor>? BetweenLayers { get; init; }

    /// <summary>
    /// Sees every state right after it is computed and gives what the run goes on with: scan prefix, state name, step, value [B,W]. With
    /// <c>h + e</c>, e a zero that requires gradient, e's gradient is the total derivative with respect to h at that step.
    /// </summary>
    public Func<string, string, int, TTensor, TTensor>? Tap { get; init; }

    /// <summary>
    /// The steps that each sequence of the batch really has, [B], each at most T; null where all have T. A sequence ends with its last real
    /// step: from there on its states keep their values, its output and gates are zero, and what x holds there is not read. A reversed scan
    /// starts at the last real step of each sequence. So a sequence gives the same in a batch as alone.
    /// </summary>
    public IReadOnlyList<int>? Lengths { get; init; }

    /// <summary>Refuses lengths that do not fit.</summary>
    /// <param name="model">The model, for the message.</param>
    /// <param name="steps">T.</param>
    /// <param name="batch">B.</param>
    /// <exception cref="UserError">There are not B lengths, or one is negative or above T.</exception>
    public void CheckLengths(Model model, long steps, long batch)
    {
        if (Lengths is null) return;
        if (Lengths.Count != batch) throw new UserError($"{model.Text}: {Lengths.Count} lengths for a batch of {batch}; give one for each sequence.");
        foreach (var (member, length) in Lengths.Index())
            if (length < 0 || length > steps) throw new UserError($"{model.Text}: sequence {member} of the batch is said to have {length} of {steps} steps.");
    }
}
