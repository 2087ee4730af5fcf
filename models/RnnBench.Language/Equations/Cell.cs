using System.Reflection;

namespace RnnBench.Language;

/// <summary>One recurrent architecture, written as its paper writes it. Everything else is derived from the equations.</summary>
public abstract class Cell
{
    readonly List<Named> equations = [];
    Width? input, hidden;

    /// <summary>The step that the equations define.</summary>
    protected static readonly Time t = new(0);

    /// <summary>The input width.</summary>
    protected Width I => input ?? throw new InvalidOperationException("the input width is known inside Equations only");
    /// <summary>The hidden size.</summary>
    protected Width H => hidden ?? throw new InvalidOperationException("the hidden size is known inside Equations only");

    /// <summary>A fresh matrix, named for the equation it stands in; W acts on the input by custom.</summary>
    protected static Matrix W => new("W");
    /// <summary>A fresh matrix, named for the equation it stands in; U acts on a state by custom.</summary>
    protected static Matrix U => new("U");
    /// <summary>A fresh bias, named for the equation it stands in.</summary>
    protected static Vector b => new("b");
    /// <summary>A fresh peephole, named for the equation it stands in.</summary>
    protected static Vector p => new("p");
    /// <summary>A fresh diagonal weight, named for the equation it stands in.</summary>
    protected static Vector v => new("v");

    /// <summary>The logistic function.</summary>
    protected static Expr σ(Expr e) => new Apply(Function.Sigmoid, e);
    /// <summary>The hyperbolic tangent.</summary>
    protected static Expr tanh(Expr e) => new Apply(Function.Tanh, e);
    /// <summary>max(e, 0).</summary>
    protected static Expr relu(Expr e) => new Apply(Function.Relu, e);

    /// <summary>exp(e), element by element.</summary>
    protected static Expr exp(Expr e) => new Apply(Function.Exp, e);
    /// <summary>log(1 + exp(e)).</summary>
    protected static Expr softplus(Expr e) => new Apply(Function.Softplus, e);
    /// <summary>The value itself, held constant in the backward pass.</summary>
    protected static Expr hold(Expr e) => new Apply(Function.Hold, e);
    /// <summary>The larger of two, element by element.</summary>
    protected static Expr max(Expr a, Expr b) => new Elementwise(Operator.Maximum, a, b);

    /// <summary>Names a gate: a value that the probes record and ablations fix.</summary>
    protected Expr Gate(string name, Expr e) => Say(Name(name, e, Role.Gate));
    /// <summary>Names a value that is no gate.</summary>
    protected Expr Let(string name, Expr e) => Say(Name(name, e, Role.Value));

    /// <summary>The cell's equations, in the order of the paper.</summary>
    protected abstract void Equations(Input x);

    /// <summary>What the cell shows to the layer above; the first state unless overridden.</summary>
    protected virtual Expr? Output => null;

    /// <summary>Runs the equations once and collects the graph.</summary>
    /// <param name="name">The architecture's id.</param>
    /// <param name="input">The input width.</param>
    /// <param name="hidden">The hidden size.</param>
    /// <exception cref="UserError">The equations do not hold together; the message says which and why.</exception>
    public Recurrence Define(string name, Width input, Width hidden)
    {
        if (this.hidden is not null) throw new InvalidOperationException($"{name}: a cell object defines one recurrence; make a new one for each layer");
        (this.input, this.hidden) = (input, hidden);
        var states = StateFields().ToArray();
        if (states.Length == 0) throw new UserError($"{name} has no state; give it a field such as readonly State h = new().");
        foreach (var state in states) state.Defined = named => equations.Add(named);
        var x = new Input(input);
        Equations(x);
        if (states.FirstOrDefault(s => s.Next is null) is { } missing)
            throw new UserError($"{name} never defines {missing.Name}[t].");
        var next = states.ToDictionary(s => s.Name, s => (Expr)s.Next!);
        if (x.Past is null) return new Recurrence(name, input, hidden, states, next, Output ?? states[0].Next!, [.. equations]);
        var seen = Input.Next;
        if (!next.TryAdd(Input.Name, seen)) throw new UserError($"{name} has a state {Input.Name} and reads x[t-1]; call the state something else.");
        return new Recurrence(name, input, hidden, [.. states, x.Past], next, Output ?? states[0].Next!, [.. equations, seen]);
    }

    internal static Named Name(string name, Expr e, Role role)
    {
        var seen = new HashSet<string>();
        foreach (var parameter in Graph.Parameters(e).Where(parameter => parameter.Equation is null))
        {
            if (!seen.Add(parameter.Symbol))
                throw new UserError($"{name} uses two fresh weights called {parameter.Symbol}; name one of them: new Matrix(\"{parameter.Symbol}\", \"{name}2\").");
            parameter.Equation = name;
        }
        return new Named(name, e, role);
    }

    Named Say(Named named)
    {
        equations.Add(named);
        return named;
    }

    IEnumerable<State> StateFields() => GetType()
        .GetFields(BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public)
        .OrderBy(field => field.MetadataToken)
        .SelectMany(field => field.GetValue(this) switch { State state => [state], IEnumerable<State> several => several, _ => Array.Empty<State>() });
}
