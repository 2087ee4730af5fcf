namespace RnnBench.Language.Tests;

/// <summary>What the author of a cell can write wrongly, and the answer. (U * r * h without brackets does not compile.)</summary>
public sealed class CellMistakeTests
{
    static readonly Time t = new(0);

    static void Answers(string message, Cell cell) => Assert.Equal(message, Assert.Throws<UserError>(() => Models.Define(cell)).Message);

    [Fact]
    public void Read_before_its_equation() =>
        Answers("c[t] is read before the equation that defines it; did you mean c[t-1]?", new Small((x, h, c) => (c[t] * h[t-1], c[t-1])));

    [Fact]
    public void Read_from_the_future() =>
        Answers("c[t+1] lies in the future; a cell reads c[t-1] and earlier.", new Small((x, h, c) => (c[new Time(-1)], c[t-1])));

    [Fact]
    public void Defined_in_the_past() =>
        Answers("h[t-1] is in the past; only h[t] can be defined.", new Small((x, h, c) => (h[t-1] = c[t-1], c[t-1])));

    [Fact]
    public void Defined_twice() =>
        Answers("h[t] is defined twice; name intermediate values with Let.", new Small((x, h, c) => (h[t] = c[t-1], c[t-1])));

    sealed class Unfinished : Cell
    {
        readonly State h = new(), c = new();
        protected override void Equations(Input x) => h[t] = tanh(c[t-1]);
    }

    [Fact]
    public void Never_defined() => Answers("cell never defines c[t].", new Unfinished());

    [Fact]
    public void Two_fresh_weights_of_one_name() =>
        Answers("h uses two fresh weights called W; name one of them: new Matrix(\"W\", \"h2\").",
            new Small((x, h, c) => (new Matrix("W") * x[t] + new Matrix("W") * h[t-1], c[t-1])));

    [Fact]
    public void Widths_that_differ() =>
        Answers("cell, equation of h: widths I=3 and H=4 meet in an elementwise add; bring them to one width with a matrix.", new Small((x, h, c) => (x[t] + h[t-1], c[t-1])));

    [Fact]
    public void A_state_that_gets_another_width() =>
        Answers("cell, equation of h: state h has width H=4, but its equation gives I=3; bring it to one width with a matrix.", new Small((x, h, c) => (x[t], c[t-1])));

    [Fact]
    public void Nothing_says_how_wide() =>
        Answers("cell: nothing says how wide what W_h acts on is; use it with an input, a state or a matrix.", new Small((x, h, c) => (new Matrix("W") * 2.0, c[t-1])));

    sealed class SameName : Cell
    {
        readonly State h = new();
        protected override void Equations(Input x) => h[t] = Let("g", W * x[t]) + Let("g", U * h[t-1]);
    }

    [Fact]
    public void Two_equations_of_one_name() => Answers("cell has two equations called g; give each its own name.", new SameName());

    sealed class SameWeight : Cell
    {
        readonly State h = new();
        protected override void Equations(Input x) => h[t] = new Matrix("U", "h") * tanh(h[t-1]) + U * h[t-1];
    }

    [Fact]
    public void Two_weights_of_one_name() => Answers("cell has two weights called U_h; give each its own name.", new SameWeight());

    sealed class Stateless : Cell
    {
        protected override void Equations(Input x) { }
    }

    [Fact]
    public void No_state() => Answers("cell has no state; give it a field such as readonly State h = new().", new Stateless());

    [Fact]
    public void A_cell_object_defines_one_recurrence()
    {
        var cell = new MyCell();
        Models.Define(cell);
        Assert.Throws<InvalidOperationException>(() => Models.Define(cell));
    }
}
