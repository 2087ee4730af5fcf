namespace RnnBench.Language.Tests;

/// <summary>A user's own cell, outside the catalogue: these ten lines are all it takes.</summary>
sealed class MyCell : Cell
{
    readonly State h = new();

    protected override void Equations(Input x)
    {
        var k = Gate("k", σ(W * x[t] + U * h[t-1] + b));
        h[t] = k * h[t-1] + (1 - k) * tanh(W * x[t] + U * h[t-1]);
    }
}

/// <summary>A cell with peepholes, an output of its own, a state two steps back and one of another width.</summary>
sealed class Rich : Cell
{
    readonly State h = new(), s = new(new Width(2, "S"));
    Expr? shown;

    protected override Expr? Output => shown;

    protected override void Equations(Input x)
    {
        var o = Gate("o", σ(W * x[t] + p * h[t-2] + b));
        var g = Let("g", tanh(W * x[t-1] + U * s[t-1] + b));
        h[t] = o * g + (1 - o) * h[t-1];
        s[t] = tanh(W * h[t] + new Vector("v") * s[t-1]);
        shown = Let("y", h[t] / (2 + o) - p * g);
    }
}

/// <summary>A cell from a lambda, for tests of single equations.</summary>
sealed class Small(Func<Input, State, State, (Expr H, Expr C)> equations) : Cell
{
    readonly State h = new(), c = new();

    protected override void Equations(Input x)
    {
        var (nextH, nextC) = equations(x, h, c);
        c[t] = nextC;
        h[t] = nextH;
    }
}

static class Models
{
    public static readonly Architecture My = new("my", _ => new MyCell()) { Title = "My cell", Source = "me", Family = "own" };
    public static readonly Architecture Rich = new("rich", _ => new Rich()) { Title = "Rich cell", Source = "tests", Family = "own" };

    public static Model Build(string notation, int input) => Model.Build([My, Rich], Notation.Parse(notation), input);

    public static Recurrence Define(Cell cell, int input = 3, int hidden = 4) => cell.Define("cell", new Width(input, "I"), new Width(hidden, "H"));

    /// <summary>A model of one scan around given equations.</summary>
    public static Model Around(Recurrence cell) => new Stack("cell", My, [[new Scan("", cell, false)]], cell.Input.Size, false, false, InitialRule.Default);
}
