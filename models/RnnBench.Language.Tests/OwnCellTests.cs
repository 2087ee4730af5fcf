namespace RnnBench.Language.Tests;

/// <summary>Cells that no catalogue knows have all that the catalogued ones have.</summary>
public sealed class OwnCellTests
{
    [Theory]
    [InlineData("my(hidden=4)")]
    [InlineData("my(hidden=3,layers=2,bidirectional=true,skip_input=true,skip_output=true)")]
    [InlineData("my(hidden=4)[k=0.5]")]
    [InlineData("my(hidden=4)[U_h=0]")]
    [InlineData("my(hidden=4)[h=h[t-1]+k/(2+h[t-2]*h[t-2])]")]
    [InlineData("rich(hidden=4)")]
    [InlineData("rich(hidden=1,layers=3,skip_output=true)")]
    [InlineData("rich(hidden=3,bidirectional=true)[p=0]")]
    public void Derivatives_are_right(string notation)
    {
        FiniteDifferences.Check(Models.Build(notation, 3), steps: 4, batch: 2, seed: 1);
        FiniteDifferences.Check(Models.Build(notation, 1), steps: 1, batch: 1, seed: 2);
    }

    [Fact]
    public void Explained()
    {
        var explained = Explanation.Of(Models.Build("my(hidden=4,layers=2)", 3));
        Assert.Equal(["k_t = σ(W_k x_t + U_k h_{t-1} + b_k)", "h_t = k_t ⊙ h_{t-1} + (1 - k_t) ⊙ tanh(W_h x_t + U_h h_{t-1})"], explained.Equations);
        Assert.Equal(["layer0.k", "layer1.k"], explained.Gates);
        Assert.Equal(["W_k x_t", "W_h x_t"], explained.Scans[0].Hoisted);
        Assert.Equal(["U_k h_{t-1}", "U_h h_{t-1}"], explained.Scans[1].Sequential);
        Assert.Equal((2 * (3 * 4 + 4 * 4) + 4) + (2 * (4 * 4 + 4 * 4) + 4), explained.ParameterCount);
        Assert.Equal(["hidden=4", "layers=2", "bidirectional=false", "skip_input=false", "skip_output=false"], explained.Settings.Select(s => $"{s.Name}={s.Value}"));
        Assert.Equal(1, explained.Scans[0].Cost.Stages);
        Assert.Equal(4, explained.Scans[0].Cost.StateSize);
    }

    [Fact]
    public void States_of_other_widths_and_depths_are_stored_in_their_form()
    {
        var model = Models.Build("rich(hidden=4,bidirectional=true)", 3);
        Assert.Equal(["h [2,2,5,4]", "s [2,5,2]", "fwd.x [5,3]", "bwd.x [5,3]"], model.States.Select(s => $"{s.Name} {NdArray.Written(s.Shape(5))}"));
        Assert.Equal("W_s[S,H] v_s[S]", string.Join(" ", Explanation.Of(Models.Build("rich(hidden=4)", 3)).Parameters.Where(q => q.Name.EndsWith("_s", StringComparison.Ordinal)).Select(q => q.Name + q.Letters)));
    }

    /// <summary>Each layer goes on from its own earlier inputs, whatever their width.</summary>
    [Theory]
    [InlineData("rich(hidden=4)")]
    [InlineData("rich(hidden=4,layers=2)")]
    [InlineData("my(hidden=4,layers=2)[h=tanh(x[t-1]-k)]")]
    public void Earlier_inputs_are_carried_over(string notation)
    {
        var (model, random) = (Models.Build(notation, notation.StartsWith("my", StringComparison.Ordinal) ? 4 : 3), new Random(4));
        using var run = new Interpreter(model);
        run.Write(Draw.Parameters(random, model));
        var (x, start) = (Draw.Array(random, [7, 1, model.Input]), Draw.States(random, model, 1));
        var whole = run.Run(x, start);
        var first = run.Run(new NdArray([2, 1, model.Input], x.Data[..(2 * model.Input)]), start);
        var second = run.Run(new NdArray([5, 1, model.Input], x.Data[(2 * model.Input)..]), first.State);
        Assert.Equal(whole.Output.Data, first.Output.Data.Concat(second.Output.Data));
        foreach (var (name, value) in whole.State) Assert.Equal(value.Data, second.State[name].Data);
        Assert.Equal(x.Data[^model.Input..], whole.State[model.Scans.Count > 1 ? "layer0.x" : "x"].Data);
    }

    [Fact]
    public void A_deep_state_goes_on_where_it_stopped()
    {
        var (model, random) = (Models.Build("my(hidden=4)[h=tanh(h[t-3]-k*h[t-1])]", 2), new Random(3));
        using var run = new Interpreter(model);
        run.Write(Draw.Parameters(random, model));
        var x = Draw.Array(random, [7, 1, 2]);
        var whole = run.Run(x);
        var first = run.Run(new NdArray([2, 1, 2], x.Data[..4]));           // fewer steps than the state is deep
        var second = run.Run(new NdArray([5, 1, 2], x.Data[4..]), first.State);
        Assert.Equal(whole.Output.Data, first.Output.Data.Concat(second.Output.Data));
        Assert.Equal(whole.State["h"].Data, second.State["h"].Data);
    }
}
