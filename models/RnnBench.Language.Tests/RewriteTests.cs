namespace RnnBench.Language.Tests;

/// <summary>Ablation by rewriting: what vanishes, what stays shared, what the equations become.</summary>
public sealed class RewriteTests
{
    [Theory]
    [InlineData("my(hidden=4)[k=1]", "h_t = h_{t-1}", "", "")]
    [InlineData("my(hidden=4)[k=0]", "h_t = tanh(W_h x_t + U_h h_{t-1})", "W_h U_h", "")]
    [InlineData("my(hidden=4)[k=0.5]", "h_t = 0.5 h_{t-1} + 0.5 tanh(W_h x_t + U_h h_{t-1})", "W_h U_h", "")]
    [InlineData("my(hidden=4)[U=0]", "k_t = σ(W_k x_t + b_k); h_t = k_t ⊙ h_{t-1} + (1 - k_t) ⊙ tanh(W_h x_t)", "W_k b_k W_h", "k")]
    [InlineData("my(hidden=4)[b_k=0]", "k_t = σ(W_k x_t + U_k h_{t-1}); h_t = k_t ⊙ h_{t-1} + (1 - k_t) ⊙ tanh(W_h x_t + U_h h_{t-1})", "W_k U_k W_h U_h", "k")]
    [InlineData("my(hidden=4)[b_k=2]", "k_t = σ(W_k x_t + U_k h_{t-1} + 2); h_t = k_t ⊙ h_{t-1} + (1 - k_t) ⊙ tanh(W_h x_t + U_h h_{t-1})", "W_k U_k W_h U_h", "k")]
    [InlineData("my(hidden=4)[k=arg(k)]", "k_t = W_k x_t + U_k h_{t-1} + b_k; h_t = k_t ⊙ h_{t-1} + (1 - k_t) ⊙ tanh(W_h x_t + U_h h_{t-1})", "W_k U_k b_k W_h U_h", "k")]
    [InlineData("my(hidden=4)[k=relu(-W_k*x)]", "k_t = relu(-W_k x_t); h_t = k_t ⊙ h_{t-1} + (1 - k_t) ⊙ tanh(W_h x_t + U_h h_{t-1})", "W_k W_h U_h", "k")]
    [InlineData("my(hidden=4)[h=k-tanh(h[t-1])]", "k_t = σ(W_k x_t + U_k h_{t-1} + b_k); h_t = k_t - tanh(h_{t-1})", "W_k U_k b_k", "k")]
    [InlineData("my(hidden=4)[h=0]", "h_t = 0", "", "")]
    [InlineData("my(hidden=4)[h=k][k=0.25]", "h_t = 0.25", "", "")]
    public void Equations_parameters_and_gates_become(string notation, string equations, string parameters, string gates)
    {
        var cell = Models.Build(notation, 3).Scans[0].Cell;
        Assert.Equal(equations, string.Join("; ", PlainText.Equations(cell)));
        Assert.Equal(parameters, string.Join(" ", cell.Parameters));
        Assert.Equal(gates, string.Join(" ", cell.Gates.Select(g => g.Name)));
    }

    [Fact]
    public void The_value_of_a_rewritten_cell_is_that_of_the_numbers_put_in()
    {
        var (model, random) = (Models.Build("my(hidden=4)[k=0.25]", 3), new Random(2));
        using var run = new Interpreter(model);
        var parameters = Draw.Parameters(random, model);
        run.Write(parameters);
        var (x, before) = (Draw.Array(random, [1, 1, 3]), Draw.States(random, model, 1));
        var y = run.Run(x, before).Output;
        for (var k = 0; k < 4; k++)
        {
            var sum = Enumerable.Range(0, 3).Sum(c => parameters["W_h"][k, c] * x[0, 0, c]) + Enumerable.Range(0, 4).Sum(c => parameters["U_h"][k, c] * before["h"][0, c]);
            Assert.Equal(0.25 * before["h"][0, k] + 0.75 * Math.Tanh(sum), y[0, 0, k], 1e-15);
        }
    }

    [Fact]
    public void Rewriting_holds_for_every_layer_and_direction() =>
        Assert.All(Models.Build("my(hidden=4,layers=3,bidirectional=true)[k=0]", 3).Scans, scan => Assert.Equal("W_h U_h", string.Join(" ", scan.Cell.Parameters)));

    [Fact]
    public void What_did_not_change_stays_shared()
    {
        var cell = Models.Define(new MyCell());
        var rewritten = Rewrite.Apply(cell, FormulaReader.Read("h=k*h[t-1]"));
        Assert.Same(cell.Equations[0], rewritten.Equations[0]);
        Assert.Equal("cell[h=k*h[t-1]]", rewritten.Name);
    }

    [Fact]
    public void A_graph_that_shares_its_nodes_is_rewritten_in_no_time()
    {
        var cell = Models.Define(new Small((x, h, c) =>
        {
            Expr e = h[new Time(1)] * 1.5;
            for (var depth = 0; depth < 60; depth++) e = e + e;             // 2^60 nodes if nothing were shared
            return (e * new Vector("a", "0"), c[new Time(1)]);
        }));
        Assert.Empty(Rewrite.Apply(cell, FormulaReader.Read("a_0=1")).Parameters);
        Assert.Single(Derivative.Of(cell).Vectors);
    }

    [Fact]
    public void Equations_stay_in_an_order_in_which_they_can_be_computed()
    {
        var cell = Rewrite.Apply(Models.Define(new Rich()), FormulaReader.Read("o=tanh(g)"));
        Assert.Equal("g o h s y x", string.Join(" ", cell.Equations.Select(e => e.Name)));
    }
}
