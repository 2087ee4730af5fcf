namespace RnnBench.Language.Tests;

/// <summary>Brackets where they are needed and only there.</summary>
public sealed class PrinterTests
{
    static readonly Expr a = new Given("a", new Width(2, "H")), b = new Given("b", new Width(2, "H")), c = new Given("c", new Width(2, "H"));
    static readonly Matrix U = new("U", ""), W = new("W", "in");

    public static TheoryData<string, string, string> Rows()
    {
        var rows = new TheoryData<string, string, string>();
        foreach (var (e, text, latex) in Table) rows.Add(text, latex, PlainText.Of(e) + "\n" + Latex.Of(e));
        return rows;
    }

    static readonly (Expr, string, string)[] Table =
    [
        (a + (b + c),         "a + b + c",         "a + b + c"),
        (a - (b - c),         "a - (b - c)",       "a - (b - c)"),
        (a - b - c,           "a - b - c",         "a - b - c"),
        (a * (b + c),         "a ⊙ (b + c)",       @"a \odot (b + c)"),
        (a * b * c,           "a ⊙ b ⊙ c",         @"a \odot b \odot c"),
        (a + b * c,           "a + b ⊙ c",         @"a + b \odot c"),
        (a / (b * c),         "a / (b ⊙ c)",       @"\frac{a}{b \odot c}"),
        ((a + b) / c,         "(a + b) / c",       @"\frac{a + b}{c}"),
        (-a + b,              "-a + b",            "-a + b"),
        (a + -b,              "a + (-b)",          "a + (-b)"),
        (-(a + b),            "-(a + b)",          "-(a + b)"),
        (-(a * b),            "-a ⊙ b",            @"-a \odot b"),
        (a * -b,              "a ⊙ (-b)",          @"a \odot (-b)"),
        (2 * a,               "2 a",               "2 a"),
        (a * 2,               "2 a",               "2 a"),
        (2 * (a + b),         "2 (a + b)",         "2 (a + b)"),
        (-2 * a,              "(-2) a",            "(-2) a"),
        (a + -2,              "a + (-2)",          "a + (-2)"),
        (1 - a,               "1 - a",             "1 - a"),
        (U * (a * b),         "U (a ⊙ b)",         @"U (a \odot b)"),
        (U * a + W * b,       "U a + W_in b",      "U a + W_{in} b"),
        (U * (W * a),         "U W_in a",          "U W_{in} a"),
        (new Product(U, a, transposed: true),    "Uᵀ a",     @"U^{\top} a"),
        (new Apply(Function.Tanh, a + b) * c,    "tanh(a + b) ⊙ c", @"\tanh(a + b) \odot c"),
        (U * new Apply(Function.Sigmoid, a),     "U σ(a)",   @"U \sigma(a)"),
        (new Apply(Function.Identity, a + b) * c, "(a + b) ⊙ c", @"(a + b) \odot c"),
        (new Apply(Function.Relu, a),            "relu(a)",  @"\operatorname{relu}(a)"),
        (new Apply(Function.Step, a) * b,        "[a > 0] ⊙ b", @"[a > 0] \odot b"),
        (new StateAt(new State(name: "h"), 2),   "h_{t-2}",  "h_{t-2}"),
        (new Named("cell", a, Role.Value),       "cell_t",   @"\mathrm{cell}_t"),
        (new Matrix("inner1.W", "i") * new Named("inner1.u", a, Role.Value), "inner1.W_i inner1.u_t", @"W^{\mathrm{inner1}}_i u^{\mathrm{inner1}}_t"),
        (new InputAt(1) + new Vector("b", "hn"), "x_{t-1} + b_hn", "x_{t-1} + b_{hn}"),
    ];

    [Theory]
    [MemberData(nameof(Rows))]
    public void As_a_paper_prints_it(string text, string latex, string printed) => Assert.Equal($"{text}\n{latex}", printed);

    [Fact]
    public void An_output_of_its_own_is_printed_last()
    {
        var cell = Models.Define(new Shown());
        Assert.Equal(["h_t = tanh(W_h x_t)", "y_t = 2 h_t"], PlainText.Equations(cell));
        Assert.Equal("\\begin{aligned}\nh_t &= \\tanh(W_h x_t) \\\\\ny_t &= 2 h_t\n\\end{aligned}", Latex.Equations(cell));
    }

    sealed class Shown : Cell
    {
        readonly State h = new();
        protected override Expr Output => 2 * h[t];
        protected override void Equations(Input x) => h[t] = tanh(W * x[t]);
    }
}
