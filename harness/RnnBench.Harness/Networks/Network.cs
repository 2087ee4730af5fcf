using RnnBench.Language;
using RnnBench.Tasks;
using TorchSharp;
using static TorchSharp.torch;

namespace RnnBench.Harness;

/// <summary>What a network makes of a batch.</summary>
/// <param name="Read">What the output layer reads, [N,H], one row for each position that was asked for.</param>
/// <param name="Supervised">Further ones of the same form that are trained on, and by how much each counts.</param>
/// <param name="Run">What the recurrent part gave.</param>
/// <param name="Input">What the recurrent part read, [T,B,I].</param>
sealed record Prediction(Tensor Read, IReadOnlyList<(double Weight, Tensor Read)> Supervised, SequenceResult<Tensor> Run, Tensor Input);

/// <summary>
/// A model with what a task needs around it: an embedding E [V,I] where the input is tokens, and an output layer, W [O,H] and b [O] where it is the
/// usual one. Parameters are called <c>input.E</c>, <c>model.NAME</c>, <c>output.W</c> and <c>output.b</c>.
/// </summary>
sealed class Network : IDisposable
{
    /// <summary>Embedding and output weights start uniform on ±0.1, as in most language models since Mikolov et al. 2010; the output bias at 0.</summary>
    static readonly Initial outside = new Initial.Uniform(0.1);

    /// <summary>The ways in which the setting <c>recurrent_start</c> has all recurrent matrices start.</summary>
    static readonly Dictionary<string, Initial> recurrent = new()
    {
        ["identity"] = new Initial.Identity(), ["orthogonal"] = new Initial.Orthogonal(), ["glorot"] = new Initial.Glorot(),
    };

    readonly Parts parts;
    readonly Tensor? embedding;
    readonly OutputLayer output;
    readonly IReadOnlyList<Tensor> decaying = [];

    /// <param name="parts">Task, model, settings, seeds.</param>
    /// <param name="runner">The recurrent part; disposed of with the network.</param>
    public Network(Parts parts, ISequenceRunner<Tensor> runner)
    {
        (this.parts, Runner) = (parts, runner);
        var start = InitialisationSetting.Of(parts.Training.Choice("init"));
        using var scope = NewDisposeScope();
        runner.Write(parts.Model.Parameters.ToDictionary(p => p.Name, p => Values(DrawModel(p, start), p.Shape)));
        if (parts.Vocabulary is { } words) embedding = Leaf(Draw("input.E", start ?? outside, [words, parts.Model.Input]));
        var own = OutputLayer.ShapesOf(parts);
        output = OutputLayer.Of(parts, own.ToDictionary(p => p.Name, p => Leaf(Draw(p.Name, start ?? (p.Shape is [_] ? new Initial.Constant(0) : outside), p.Shape))), embedding);
        Trainable = [.. embedding is null ? [] : new[] { embedding }, .. runner.Trainable, .. own.Select(p => output.Own[p.Name])];
        if (parts.Training.Real("weight_decay") > 0 && parts.Model.Parameters.Any(p => p.Constraints.Any(rule => rule is Constraint.Undecayed)))
            decaying = [.. Laid(parts.Model.Parameters.Where(p => p.Constraints.All(rule => rule is not Constraint.Undecayed))
                .ToDictionary(p => p.Name, p => ones([.. p.Shape.Select(side => (long)side)], parts.DType, parts.Device))).Select(mask => mask.ne(0).to(parts.DType).DetachFromDisposeScope())];
    }

    /// <summary>The recurrent part.</summary>
    public ISequenceRunner<Tensor> Runner { get; }

    /// <summary>What an optimiser updates.</summary>
    public IReadOnlyList<Tensor> Trainable { get; }

    /// <summary>Whether weight decay is for what stands at this place of <see cref="Trainable"/>: all but the embedding.</summary>
    public bool Decays(int place) => !ReferenceEquals(Trainable[place], embedding);

    /// <summary>For each element of what stands at such a place whether weight decay is for it, 1 or 0, where the model leaves parameters out; else null.</summary>
    public Tensor? Decaying(int place) => place - (embedding is null ? 0 : 1) is >= 0 and var inside && inside < decaying.Count ? decaying[inside] : null;

    /// <summary>
    /// Numbers for parameters of the model as its runner keeps them, one tensor for each of the runner's <see cref="ISequenceRunner{T}.Trainable"/>: the layout,
    /// and the sign, are the runner's own, so it is asked to take them in and is given its parameters back.
    /// </summary>
    /// <param name="byName">In the catalogue's layout and sign; zero for what is not there.</param>
    /// <returns>Tensors of the caller's scope.</returns>
    public IReadOnlyList<Tensor> Laid(IReadOnlyDictionary<string, Tensor> byName)
    {
        using var still = no_grad();
        var before = Runner.Read().ToDictionary(p => p.Key, p => p.Value.clone());
        Runner.Write(before.ToDictionary(p => p.Key, p => byName.TryGetValue(p.Key, out var given) ? given : zeros_like(p.Value)));
        Tensor[] laid = [.. Runner.Trainable.Select(weight => weight.detach().clone())];
        Runner.Write(before);
        return laid;
    }

    /// <summary>All that a run must keep: what an optimiser updates, and the constants of the recurrent part.</summary>
    public IReadOnlyList<Tensor> Kept => [.. Trainable, .. Runner.Constants];

    /// <summary>The number of elements outside the recurrent part.</summary>
    public long CountOutside => (embedding?.numel() ?? 0) + output.Own.Values.Sum(p => p.numel());

    /// <summary>Starts some words from vectors that were made elsewhere.</summary>
    /// <param name="vectors">By id.</param>
    /// <exception cref="UserError">They are not as wide as the embedding.</exception>
    public void Adopt(IReadOnlyDictionary<int, float[]> vectors)
    {
        using var still = no_grad();
        using var scope = NewDisposeScope();
        var width = parts.Model.Input;
        if (vectors.Count == 0) return;
        if (vectors.Values.First().Length is var given && given != width) throw new UserError(string.Create(System.Globalization.CultureInfo.InvariantCulture,
            $"{parts.Task.Text}: its word vectors have {given} numbers, the embedding is {width} wide; give --set embedding={given}."));
        embedding!.index_copy_(0, tensor([.. vectors.Keys.Select(id => (long)id)]).to(parts.Device), Values([.. vectors.Values.SelectMany(v => v)], [vectors.Count, width]));
    }

    /// <summary>Runs the network.</summary>
    /// <param name="batch">What it reads.</param>
    /// <param name="rows">The places of targets that are wanted; null for all.</param>
    /// <param name="state">The state before the first step; null for zeros.</param>
    /// <param name="hooks">What to do along the way, dropout apart.</param>
    /// <param name="dropout">Applied to the input of every layer and to the output of the last; null for evaluation.</param>
    /// <param name="runner">Another runner of the same model, for the probes; null for the network's own.</param>
    /// <param name="input">What the recurrent part reads in place of the batch's input.</param>
    public Prediction Run(Batch batch, long[]? rows, IReadOnlyDictionary<string, Tensor>? state = null, RunHooks<Tensor>? hooks = null,
        Func<Tensor, Tensor>? dropout = null, ISequenceRunner<Tensor>? runner = null, Tensor? input = null)
    {
        dropout ??= x => x;
        var x = input ?? dropout(Input(batch));
        hooks ??= new();
        var run = (runner ?? Runner).Run(x, state, hooks with { BetweenLayers = dropout, Lengths = batch.Lengths, Given = Given(batch, hooks.Given) });
        return new Prediction(Read(run.Output), [.. run.Supervised.Select(s => (s.Weight, Read(s.Output)))], run, x);

        Tensor Read(Tensor y)
        {
            var read = dropout(parts.Task.Readout == Readout.Final ? Final(y, batch) : y).reshape(-1, parts.Model.Output);
            return rows is null ? read : read.index_select(0, tensor(rows).to(read.device));
        }
    }

    /// <summary>The losses of rows.</summary>
    /// <param name="read">What the output layer reads, from <see cref="Run"/>.</param>
    /// <param name="batch">The targets.</param>
    /// <param name="rows">The rows that <paramref name="read"/> has; null for all.</param>
    /// <param name="group">The group whose weights the rows have in the sum; null for ones.</param>
    public RowLosses Losses(Tensor read, Batch batch, long[]? rows, string? group = null) =>
        output.Losses(read, batch, rows, group is null ? null : Harness.Losses.Weights(batch, group, rows, read));

    /// <summary>Tells the output layer in which order of frequency the words are, if it wants to know.</summary>
    public void Sort(Func<IReadOnlyList<int>?> byFrequency) => output.Sort(byFrequency);

    /// <summary>The output [B,O] of each part of y at its own last step.</summary>
    Tensor Final(Tensor y, Batch batch)
    {
        var flat = y.flatten(2);
        if (!this.parts.Model.EachStep) return flat[-1];
        var last = batch.Lengths is { } lengths ? tensor([.. lengths.Select(length => length - 1L)]) : full([batch.Size], batch.Steps - 1L, ScalarType.Int64);
        var members = arange(batch.Size, ScalarType.Int64).to(y.device);
        var parts = this.parts.Model.OutputParts;
        return cat([.. flat.split([.. parts.Select(part => (long)part.Width)], -1)
            .Zip(parts, (of, part) => part.Reversed ? of[0] : of.index([last.to(y.device), members]))], -1);
    }

    /// <summary>What is given from outside: the children of a forest, the clauses of sentences.</summary>
    Dictionary<string, Tensor> Given(Batch batch, IReadOnlyDictionary<string, Tensor> given)
    {
        var all = new Dictionary<string, Tensor>(given);
        if (batch.Children is { } children) all["children"] = tensor(children, [batch.Steps, children.Length / batch.Steps], ScalarType.Int64).to(parts.Device);
        if (batch.Clauses is { } clauses) all["clauses"] = tensor(clauses, [batch.Steps, batch.Size], ScalarType.Int64);
        return all;
    }

    /// <summary>What the recurrent part reads, [T,B,I].</summary>
    public Tensor Input(Batch batch) => parts.Task.Input switch
    {
        InputKind.Tokens => embedding!.index_select(0, Ids(batch).flatten()).reshape(batch.Steps, batch.Size, parts.Model.Input),
        InputKind.OneHot x => nn.functional.one_hot(Ids(batch), x.Symbols).to(parts.DType),
        InputKind.Trees => embedding!.index_select(0, Ids(batch).flatten().clamp(min: 0)).reshape(batch.Steps, 1, parts.Model.Input)
            * Ids(batch).ge(0).unsqueeze(-1),
        InputKind.Real x => tensor(batch.Values!, [batch.Steps, batch.Size, x.Width]).to(parts.DType, parts.Device),
        _ => throw new NotSupportedException($"a network cannot read {parts.Task.Input.GetType().Name}"),
    };

    /// <inheritdoc/>
    public void Dispose()
    {
        Runner.Dispose();
        embedding?.Dispose();
        output.Dispose();
        foreach (var mask in decaying) mask.Dispose();
    }

    Tensor Ids(Batch batch) => tensor(batch.Ids!, [batch.Steps, batch.Size], ScalarType.Int64).to(parts.Device);

    /// <summary>A parameter's starting values; those that follow from others do so whatever the others are drawn from.</summary>
    float[] DrawModel(ModelParameter parameter, Initial? start)
    {
        // A constant, or a matrix that is kept unitary, starts where it must.
        if (!parameter.Trained || parameter.Constraints.Any(rule => rule is Constraint.Unitary) || parameter.Start is Initial.Evaluated) start = null;
        if (parts.Training.Choice("recurrent_start") is not "catalogue" and var way && SingularValueClipping.Covers(parts.Model, parameter)) return DrawRecurrent(recurrent[way]);
        return (start, parameter.Start) switch
        {
            (_, Initial.Norms norms) => Initializer.Norms(DrawModel(Named(norms.Of), start), parameter.Shape[0]),
            (null, Initial.Trace trace) => Initializer.Trace(trace, parameter.Shape, DrawModel(Named(Beside(trace.Logits)), start), Stream(parameter.Name)),
            (null, Initial.BiasOfLinear) => Initializer.Draw(BesideItsMatrix(), parameter.Shape, Stream(parameter.Name)),
            (null, Initial.Evaluated evaluated) => Evaluate(evaluated),
            (null, Initial.Shared shared) => Initializer.Shared(shared, parameter.Count, [.. shared.Streams.Select(name => Stream(Beside(name)))]),
            (_, Initial.Computed computed) => Initializer.Compute(computed, [.. computed.From.Select(name => DrawModel(Named(Beside(name)), start))]),
            _ => Initializer.Draw(start ?? parameter.Start, parameter.Shape, Stream(parameter.Name)),
        };

        // Where the equations add the identity, it is the sum that starts so.
        float[] DrawRecurrent(Initial way) => SingularValueClipping.PlusIdentity(parts.Model, parameter)
            ? [.. Initializer.DrawEach(way, parameter.Shape, Stream(parameter.Name)).Zip(Initializer.DrawEach(new Initial.Identity(), parameter.Shape, new Random(0)), (whole, one) => whole - one)]
            : Initializer.DrawEach(way, parameter.Shape, Stream(parameter.Name));

        ModelParameter Named(string name) => parts.Model.Parameters.First(p => p.Name == name);

        string Beside(string name) => parameter.Name[..(parameter.Name.LastIndexOf('.') + 1)] + name;

        // An ablation may have taken the matrix away.
        Initial BesideItsMatrix() => parts.Model.Parameters.FirstOrDefault(p => p.Name == Beside("W" + parameter.Name[(parameter.Name.LastIndexOf('.') + 2)..])) is { } matrix
            ? new Initial.Uniform(1 / Math.Sqrt(matrix.Shape[1])) : new Initial.Constant(0);

        Random Stream(string name) => parts.Seeds.Stream($"init/model.{name}");

        float[] Evaluate(Initial.Evaluated evaluated)
        {
            var drawn = evaluated.Starts.ToDictionary(q => q.Key, q => Array.ConvertAll(Initializer.Draw(q.Value, [((Vector)q.Key).Width!.Value.Size], Stream(Beside(q.Key.Name))), value => (double)value));
            return [.. evaluated.Matrix.Value(q => drawn[q]).Skip(evaluated.Row * evaluated.Matrix.Columns).Take(parameter.Count).Select(value => (float)value)];
        }
    }

    Tensor Draw(string name, Initial start, IReadOnlyList<int> shape) => Values(Initializer.Draw(start, shape, parts.Seeds.Stream($"init/{name}")), shape);

    Tensor Values(float[] values, IReadOnlyList<int> shape) => tensor(values, [.. shape.Select(side => (long)side)]).to(parts.DType, parts.Device);

    static Tensor Leaf(Tensor values) => values.clone().requires_grad_(true).DetachFromDisposeScope();
}
