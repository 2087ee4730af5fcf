using System.Runtime.CompilerServices;

namespace RnnBench.Language;

/// <summary>A moment relative to the step being defined: t, t-1, t-2.</summary>
/// <param name="Lag">Steps back.</param>
public readonly record struct Time(int Lag)
{
    /// <summary><paramref name="steps"/> earlier.</summary>
    public static Time operator -(Time at, int steps) => new(at.Lag + steps);
}

/// <summary>The cell's input sequence.</summary>
/// <param name="width">Its width.</param>
public sealed class Input(Width width)
{
    /// <summary>What a state of earlier inputs is called.</summary>
    public const string Name = "x";

    /// <summary>The input at a moment. An earlier one is a state, so that a sequence which goes on in a new chunk goes on from the inputs before it.</summary>
    public Expr this[Time at] => at.Lag == 0 ? new InputAt(0) : new StateAt(Past ??= new State(width, Name), at.Lag);

    /// <summary>The state that earlier inputs are, once one is read.</summary>
    internal State? Past { get; private set; }

    /// <summary>What that state is at t.</summary>
    internal static Named Next => new(Name, new InputAt(0), Role.State);

    /// <summary>Whether an equation only says that x is x, so that nobody need print it.</summary>
    internal static bool IsNext(Named e) => e is { Name: Name, Role: Role.State, Body: InputAt { Lag: 0 } };
}

/// <summary>A value carried from step to step. Its name is that of the field that holds it, its width the hidden size unless said.</summary>
/// <param name="width">Its width; null for the hidden size.</param>
/// <param name="name">Its name, as the catalogue spells it.</param>
/// <param name="initial">What every element is before the first step, unless a state is given.</param>
public sealed class State(Width? width = null, [CallerMemberName] string name = "", double initial = 0)
{
    Named? next;

    /// <summary>Its name: h, c.</summary>
    public string Name { get; } = name;

    /// <summary>Its own width, or null for the hidden size.</summary>
    public Width? Width { get; } = width;

    /// <summary>What every element is before the first step, unless a state is given.</summary>
    public double Initial { get; } = initial;
    /// <summary>The parameters that it starts from where no state is given, one after the other; each has a <see cref="Vector.Width"/>. Else zeros.</summary>
    public IReadOnlyList<Vector> Start { get; init; } = [];

    /// <summary>The equation that defines it at t, once there is one.</summary>
    internal Named? Next => next;

    /// <summary>Set by the cell that is being defined, to hear of each equation in order.</summary>
    internal Action<Named>? Defined { get; set; }

    /// <summary>The state at a moment: read at t-1 or earlier, defined at t, and read at t once defined.</summary>
    /// <exception cref="UserError">Read before its equation, defined twice, or defined in the past.</exception>
    public Expr this[Time at]
    {
        get => at.Lag switch
        {
            < 0 => throw new UserError($"{Name}[t+{-at.Lag}] lies in the future; a cell reads {Name}[t-1] and earlier."),
            0 => next ?? throw new UserError($"{Name}[t] is read before the equation that defines it; did you mean {Name}[t-1]?"),
            _ => new StateAt(this, at.Lag),
        };
        set
        {
            if (at.Lag != 0) throw new UserError($"{Name}[t-{at.Lag}] is in the past; only {Name}[t] can be defined.");
            if (next is not null) throw new UserError($"{Name}[t] is defined twice; name intermediate values with Let.");
            if (value is Named { Role: Role.Gate } gate && gate.Name == Name)
                next = gate;                                                // a gate that is carried on: one equation, already said
            else
                Defined?.Invoke(next = Cell.Name(Name, value, Role.State));
        }
    }
}
