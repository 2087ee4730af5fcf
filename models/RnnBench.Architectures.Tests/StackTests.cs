using RnnBench.Language;

namespace RnnBench.Architectures.Tests;

/// <summary>Layers, directions and skips, as the catalogue's section <c>stacked</c> defines them.</summary>
public sealed class StackTests
{
    [Theory]
    [InlineData("rnn(hidden=4)", "W_h[4,3] U_h[4,4] b_h[4]", 4, "[2,4]")]
    [InlineData("rnn(hidden=4,layers=2)", "layer0.W_h[4,3] layer0.U_h[4,4] layer0.b_h[4] layer1.W_h[4,4] layer1.U_h[4,4] layer1.b_h[4]", 4, "[2,2,4]")]
    [InlineData("rnn(hidden=4,bidirectional=true)", "fwd.W_h[4,3] fwd.U_h[4,4] fwd.b_h[4] bwd.W_h[4,3] bwd.U_h[4,4] bwd.b_h[4]", 8, "[2,2,4]")]
    [InlineData("rnn(hidden=4,layers=2,bidirectional=true,skip_input=true,skip_output=true)",
        "layer0.fwd.W_h[4,3] layer0.fwd.U_h[4,4] layer0.fwd.b_h[4] layer0.bwd.W_h[4,3] layer0.bwd.U_h[4,4] layer0.bwd.b_h[4] "
        + "layer1.fwd.W_h[4,11] layer1.fwd.U_h[4,4] layer1.fwd.b_h[4] layer1.bwd.W_h[4,11] layer1.bwd.U_h[4,4] layer1.bwd.b_h[4]", 16, "[4,2,4]")]
    public void Names_and_shapes(string notation, string parameters, int output, string state)
    {
        var model = Variants.Build(notation, 3);
        Assert.Equal(parameters, string.Join(" ", model.Parameters.Select(q => q.Name + NdArray.Written(q.Shape))));
        Assert.Equal(output, model.Output);
        Assert.Equal(state, NdArray.Written(Assert.Single(model.States).Shape(2)));
    }

    [Fact]
    public void Gates_carry_the_prefix_of_their_scan() =>
        Assert.Equal("layer0.fwd.r layer0.fwd.z layer0.bwd.r layer0.bwd.z layer1.fwd.r layer1.fwd.z layer1.bwd.r layer1.bwd.z",
            string.Join(" ", Variants.Build("gru(hidden=2,layers=2,bidirectional=true)", 3).Gates));

    [Fact]
    public void The_backward_scan_is_a_forward_scan_over_reversed_time()
    {
        var (both, one, random) = (Variants.Build("gru(hidden=3,bidirectional=true)", 2), Variants.Build("gru(hidden=3)", 2), new Random(4));
        var parameters = Draw.Parameters(random, both);
        var (x, initial) = (Draw.Array(random, [5, 1, 2]), Draw.States(random, both, 1));
        using var run = new Interpreter(both);
        run.Write(parameters);
        var result = run.Run(x, initial, new RunHooks<NdArray> { RecordGates = true });
        using var alone = new Interpreter(one);
        alone.Write(one.Parameters.ToDictionary(q => q.Name, q => parameters["bwd." + q.Name]));
        var expected = alone.Run(Turned(x), new Dictionary<string, NdArray> { ["h"] = new([1, 3], initial["h"].Data[3..]) }, new RunHooks<NdArray> { RecordGates = true });

        Assert.Equal(Turned(expected.Output).Data, result.Output.Data.Chunk(6).SelectMany(row => row[3..]));
        Assert.Equal(expected.State["h"].Data, result.State["h"].Data[3..]);
        Assert.Equal(Turned(expected.Gates["z"]).Data, result.Gates["bwd.z"].Data);
    }

    [Fact]
    public void The_second_layer_sees_the_first_and_x_after_it()
    {
        var (two, random) = (Variants.Build("rnn(hidden=3,layers=2,skip_input=true,skip_output=true)", 2), new Random(5));
        var (parameters, x) = (Draw.Parameters(random, two), Draw.Array(random, [4, 1, 2]));
        using var run = new Interpreter(two);
        run.Write(parameters);
        var rows = run.Run(x).Output.Data.Chunk(6).ToArray();
        var first = Layer("rnn(hidden=3)", 2, "layer0.", x);
        var second = Layer("rnn(hidden=3)", 5, "layer1.", new NdArray([4, 1, 5], [.. first.Data.Chunk(3).Zip(x.Data.Chunk(2), (y, input) => (double[])[.. y, .. input]).SelectMany(row => row)]));
        Assert.Equal(first.Data, rows.SelectMany(row => row[..3]));
        Assert.Equal(second.Data, rows.SelectMany(row => row[3..]));

        NdArray Layer(string notation, int input, string prefix, NdArray sequence)
        {
            var model = Variants.Build(notation, input);
            using var layer = new Interpreter(model);
            layer.Write(model.Parameters.ToDictionary(q => q.Name, q => parameters[prefix + q.Name]));
            return layer.Run(sequence).Output;
        }
    }

    static NdArray Turned(NdArray x) => new(x.Shape, [.. x.Data.Chunk(x.Data.Length / x.Shape[0]).Reverse().SelectMany(step => step)]);
}
