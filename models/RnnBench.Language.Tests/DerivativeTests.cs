namespace RnnBench.Language.Tests;

/// <summary>Random equations of every node kind, against finite differences.</summary>
public sealed class DerivativeTests
{
    static readonly Time t = new(0);

    public static TheoryData<int> Seeds() => [.. Enumerable.Range(1, 60)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Random_equations(int seed)
    {
        var random = new Random(seed);
        var made = 0;
        var cell = Models.Define(new Small((x, h, c) => (Grow(x, h, c, 5), Grow(x, h, c, 4))), input: random.Next(1, 4), hidden: random.Next(1, 4));
        FiniteDifferences.Check(Models.Around(cell), steps: 4, batch: 2, seed);

        Expr Grow(Input x, State h, State c, int depth) => (depth == 0 ? random.Next(4) : random.Next(4, 12)) switch
        {
            0 => h[t - random.Next(1, 4)],
            1 => c[t-1],
            2 => new Vector("b", Fresh()) * 1,
            3 => new Matrix("W", Fresh()) * x[t - random.Next(3)],
            4 or 5 => Grow(x, h, c, depth - 1) + Grow(x, h, c, depth - 1),
            6 => 0.5 - Grow(x, h, c, depth - 1),
            7 => Grow(x, h, c, depth - 1) * new Apply(Function.Tanh, Grow(x, h, c, depth - 1)),
            8 => new Apply(Function.Sigmoid, Grow(x, h, c, depth - 1)) / (2 + new Apply(Function.Sigmoid, Grow(x, h, c, depth - 1))),
            9 => -new Apply(Function.Tanh, Grow(x, h, c, depth - 1)) - Grow(x, h, c, depth - 1),
            10 => new Matrix("U", Fresh()) * new Apply(Function.Tanh, h[t-1] + Grow(x, h, c, depth - 1)),
            _ => Shared(new Apply(Function.Sigmoid, Grow(x, h, c, depth - 1))),
        };

        Expr Shared(Expr e) => e * e + new Apply(Function.Identity, e);

        string Fresh() => Convert.ToString(++made, null);
    }

    [Fact]
    public void A_matrix_used_twice_and_transposed_gets_the_sum()
    {
        var m = new Matrix("M", "");
        var cell = Models.Define(new Small((x, h, c) => (new Apply(Function.Tanh, m * h[t-1] + new Product(m, c[t-1], transposed: true)), m * c[t-1])));
        Assert.Equal(3, Derivative.Of(cell).Matrices.Count);
        FiniteDifferences.Check(Models.Around(cell), steps: 4, batch: 3, seed: 1);
    }

    [Fact]
    public void The_slope_of_relu_at_0_is_0()
    {
        var cell = Models.Define(new Small((x, h, c) => (new Apply(Function.Relu, h[t-1]), c[t-1])), hidden: 3);
        using var run = new Interpreter(Models.Around(cell));
        run.Run(NdArray.Zeros(1, 1, 3), new Dictionary<string, NdArray> { ["h"] = new([1, 3], [-1, 0, 1]) });
        Assert.Equal([0, 0, 1], run.Backward(new NdArray([1, 1, 3], [1, 1, 1])).Initial["h"].Data);
    }

    [Fact]
    public void Derivatives_are_equations_that_can_be_read()
    {
        var cell = Models.Define(new Small((x, h, c) => (c[t-1] * new Apply(Function.Tanh, new Matrix("U") * h[t-1]), c[t-1] / 2)));
        var derivative = Derivative.Of(cell);
        Assert.Equal("(dh + dy) ⊙ tanh(U_h h_{t-1}) + dc / 2", PlainText.Of(derivative.States[("c", 1)]).Replace("dc / 2 + (dh + dy) ⊙ tanh(U_h h_{t-1})", "(dh + dy) ⊙ tanh(U_h h_{t-1}) + dc / 2"));
        Assert.Equal("U_hᵀ ((dh + dy) ⊙ c_{t-1} ⊙ (1 - tanh(U_h h_{t-1}) ⊙ tanh(U_h h_{t-1})))", PlainText.Of(derivative.States[("h", 1)]));
        Assert.Equal("U_h", Assert.Single(derivative.Matrices).Matrix.Name);
    }
}
