using RnnBench.Architectures;
using RnnBench.Language;
using static TorchSharp.torch;

namespace RnnBench.Backends.Tests;

/// <summary>A random problem: a model, its parameters, an input and a cotangent of the output.</summary>
sealed class Case
{
    readonly Generator random;

    public Case(Model model, int steps, int batch, ScalarType dtype = ScalarType.Float64, long seed = 1, double scale = 0.7)
    {
        random = new Generator((ulong)seed);
        (Model, Dtype) = (model, dtype);
        X = Draw(steps, batch, model.Input);
        Cotangent = Draw(steps, batch, model.Output);
        Parameters = model.Parameters.ToDictionary(p => p.Name, p => Draw([.. p.Shape.Select(side => (long)side)]).mul(p is StackParameter { Weight: Stored } ? Math.Min(scale, Computed) : scale).DetachFromDisposeScope());
        Initial = model.States.ToDictionary(s => s.Name, s => Start(s.Name, Draw([.. s.Shape(batch).Select(side => (long)side)])));
    }

    /// <summary>What divides, the sum of exponentials that exponential gating calls n, is never negative: where it could cross zero the output has a pole.</summary>
    static Tensor Start(string state, Tensor drawn) => state == "n" ? drawn.abs().DetachFromDisposeScope() : drawn;

    /// <summary>What weights are computed from is smaller: an exponential, or a sum of several matrices, makes more of it.</summary>
    const double Computed = 0.15;

    public Model Model { get; }
    public ScalarType Dtype { get; }
    public Tensor X { get; }
    public Tensor Cotangent { get; }
    public Dictionary<string, Tensor> Parameters { get; }
    public Dictionary<string, Tensor> Initial { get; }
    /// <summary>The real steps of each sequence; null for all.</summary>
    public int[]? Lengths { get; init; }

    /// <summary>Float64 draws rounded to the type, so that the same case in either type has the same numbers.</summary>
    public Tensor Draw(params long[] shape) => randn(shape, ScalarType.Float32, generator: random).to(Dtype).DetachFromDisposeScope();

    public ISequenceRunner<Tensor> On(string backend)
    {
        var runner = Backend.Create(backend, Model, CPU, Dtype);
        runner.Write(Parameters);
        return runner;
    }

    /// <summary>Output, final states and all gradients, by name. The loss weighs the output and the final states with fixed draws.</summary>
    public Dictionary<string, Tensor> Everything(string backend)
    {
        using var runner = On(backend);
        var x = X.clone().requires_grad_();
        var start = Initial.ToDictionary(s => s.Key, s => s.Value.clone().requires_grad_());
        var result = runner.Run(x, start, new() { Lengths = Lengths });
        result.State.Aggregate(result.Output.mul(Cotangent).sum(), (loss, state) => loss.add(state.Value.mul(Initial[state.Key]).sum())).backward();
        return Named(result.Output, result.State, x.grad!, start.ToDictionary(s => s.Key, s => s.Value.grad!), runner.ReadGradients());
    }

    /// <summary>The same from the interpreter, the definition.</summary>
    public Dictionary<string, Tensor> Definition()
    {
        var interpreter = new Interpreter(Model);
        interpreter.Write(Parameters.ToDictionary(p => p.Key, p => Array(p.Value)));
        var result = interpreter.Run(Array(X), Initial.ToDictionary(s => s.Key, s => Array(s.Value)), new() { Lengths = Lengths });
        var gradients = interpreter.Backward(Array(Cotangent), Initial.ToDictionary(s => s.Key, s => Array(s.Value)));
        return Named(Of(result.Output), All(result.State), Of(gradients.Input), All(gradients.Initial), All(gradients.Parameters));
    }

    /// <summary>
    /// Compares a backend with the definition, relative to the largest element. Float64 leaves room for the rounding of some hundred
    /// operations; float32, with its 6e-8, is held to 1e-5 in the output and 1e-4 in sums over time and batch.
    /// </summary>
    public void Check(string backend, string what)
    {
        var (expected, actual) = (Definition(), Everything(backend));
        Assert.Equal(expected.Keys.Order(), actual.Keys.Order());
        // A derivative whose terms cancel, such as that of a query against one key, is rounding only: it is measured by the largest of all.
        var largest = expected.Values.Max(value => value.numel() == 0 ? 0 : value.abs().max().to(ScalarType.Float64).item<double>());
        foreach (var (name, value) in expected)
            Close.Assert(value, actual[name], Dtype == ScalarType.Float64 ? 1e-10 : name == "y" ? 1e-5 : 1e-4, $"{backend}, {Dtype}, {what}: {name}",
                scale: value.abs().max().to(ScalarType.Float64).item<double>() < 1e-14 * largest ? largest : 0);
    }

    /// <summary>A model from its notation.</summary>
    public static Model Of(string notation, int input) => Model.Build(Catalog.All, Notation.Parse(notation), input);

    /// <summary>A model of a cell that is in no catalogue.</summary>
    public static Model Of(Func<Cell> cell, int input, int hidden) =>
        Model.Build([new Architecture("own", _ => cell()) { Title = "", Source = "", Family = "" }], Notation.Parse($"own(hidden={hidden})"), input);

    public static NdArray Array(Tensor tensor) =>
        new([.. tensor.shape.Select(side => (int)side)], tensor.detach().to(ScalarType.Float64).contiguous().data<double>().ToArray());

    public static Tensor Of(NdArray array) => tensor(array.Data, [.. array.Shape.Select(side => (long)side)]).DetachFromDisposeScope();

    static Dictionary<string, Tensor> All(IReadOnlyDictionary<string, NdArray> arrays) => arrays.ToDictionary(a => a.Key, a => Of(a.Value));

    static Dictionary<string, Tensor> Named(Tensor y, IReadOnlyDictionary<string, Tensor> final, Tensor dx,
        IReadOnlyDictionary<string, Tensor> dInitial, IReadOnlyDictionary<string, Tensor> dParameters) => new([
            new("y", y), new("dx", dx),
            .. final.Select(s => KeyValuePair.Create($"final {s.Key}", s.Value)),
            .. dInitial.Select(s => KeyValuePair.Create($"d initial {s.Key}", s.Value)),
            .. dParameters.Select(g => KeyValuePair.Create($"d{g.Key}", g.Value)),
        ]);
}
