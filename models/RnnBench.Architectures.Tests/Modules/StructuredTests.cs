using RnnBench.Language;
using static TorchSharp.torch;

namespace RnnBench.Architectures.Tests;

/// <summary>The structured family against the catalogue: counts, identities between models, published networks, settings that are refused.</summary>
public sealed class StructuredTests
{
    [Theory]
    [InlineData("gcnn-glu(hidden=5,kernel=3)", 3, 2 * (3 * 3 * 5 + 5) + 2 * 5, 4 * 3 * 3 * 5)]
    [InlineData("gcnn-glu(hidden=5,layers=2,kernel=3,weight_norm=false)", 3, 2 * (3 * 3 * 5 + 5) + 2 * (3 * 5 * 5 + 5), 4 * 3 * (3 * 5 + 5 * 5))]
    [InlineData("gcnn-bilinear(hidden=5,kernel=3,bottleneck=2,weight_norm=false)", 3, 2 * (3 * 2 + 2) + 2 * (3 * 2 * 2 + 2) + 2 * (2 * 5 + 5), 4 * (3 * 2 + 3 * 2 * 2 + 2 * 5))]
    [InlineData("gcnn-relu(hidden=5,kernel=3)", 3, 3 * 3 * 5 + 5 + 5, 2 * 3 * 3 * 5)]
    [InlineData("tcn(hidden=5,layers=2,kernel=3)", 3, 3 * 3 * 5 + 3 * 25 + 10 + 15 + 5 + 10 + 2 * 3 * 25 + 10 + 10, 2 * (3 * 3 * 5 + 3 * 25 + 15 + 2 * 3 * 25))]
    [InlineData("trellisnet(hidden=5,layers=3)", 3, 4 * 5 * (3 + 5) * 2 + 4 * 5 + 8 * 5, 8 * 2 * 5 * 3 + 3 * 8 * 2 * 25)]
    [InlineData("trellisnet(hidden=5,layers=3,tied=false,weight_norm=false)", 3, 3 * (4 * 5 * (3 + 5) * 2 + 4 * 5), 3 * 8 * 2 * 5 * (3 + 5))]
    [InlineData("trellisnet(hidden=5,layers=3,inject=false,gated=false,weight_norm=false)", 3, 5 * (3 + 5) * 2 + 5, 2 * 2 * 5 * (3 + 3 * 5))]
    [InlineData("trellisnet(hidden=5,layers=3,weight_norm=false)[f=1-i][o=1]", 3, 2 * 5 * (3 + 5) * 2 + 2 * 5, 4 * 2 * 5 * 3 + 3 * 4 * 2 * 25)]
    [InlineData("gcnn-glu(hidden=5,kernel=3)[gate=1]", 3, 3 * 3 * 5 + 5 + 5, 2 * 3 * 3 * 5)]
    [InlineData("conv-lstm(hidden=5,kernel=1,state_kernel=1,channels=3,width=1)[f=1-i]", 3, 3 * 3 + 3 + 3 * (3 * 5 + 25 + 5) + 2 * 5, 2 * 9 + 6 * (3 * 5 + 25))]
    [InlineData("tcn(hidden=5,layers=1,kernel=3,unit=glu,weight_norm=false)", 3, 2 * (3 * 3 * 5 + 3 * 25 + 10) + 15 + 5, 2 * (2 * (3 * 3 * 5 + 3 * 25) + 15))]
    [InlineData("grid-lstm(hidden=5,layers=2,depth=plain)", 3, 15 + 2 * (10 * 25 + 5 * 5), 2 * 15 + 2 * 20 * 25)]
    [InlineData("grid-lstm(hidden=5,layers=2)", 3, 2 * 15 + 2 * (16 * 25 + 8 * 5), 4 * 15 + 2 * 32 * 25)]
    [InlineData("grid-lstm(hidden=5,layers=2,tied=all)", 3, 2 * 15 + 16 * 25 + 8 * 5, 4 * 15 + 2 * 32 * 25)]
    [InlineData("grid-lstm(hidden=5,layers=2,tied=depth)", 3, 2 * 15 + 3 * (8 * 25 + 4 * 5), 4 * 15 + 2 * 32 * 25)]
    public void Counts(string notation, int input, long parameters, long flops)
    {
        var model = ModuleCase.Build(notation, input);
        Assert.Equal(parameters, Explanation.Of(model).ParameterCount);
        Assert.Equal(flops, model.Flops);
    }

    [Theory]
    [InlineData("conv-lstm(hidden=256)", 13_524_496, 1)]
    [InlineData("conv-lstm(hidden=128,kernel=9,state_kernel=1)", 0, 0)]
    public void Sizes_of_the_moving_digits(string notation, long published, int layers)
    {
        // Encoder and forecaster of one layer: the forecaster has the state's kernels, biases and peepholes, and a 1x1 convolution gives 16 channels.
        var model = ModuleCase.Build(notation, 16, 16, 16);
        var encoder = Explanation.Of(model).ParameterCount;
        var (hidden, state, kernel) = (model.Parameters[0].Shape[0], model.Parameters[1].Shape[2], model.Parameters[0].Shape[2]);
        Assert.Equal(4L * (kernel * kernel * 16 * hidden + state * state * hidden * hidden + hidden) + 3 * hidden, encoder);
        if (layers == 1) Assert.Equal(published, 2 * encoder - 4L * kernel * kernel * 16 * hidden + 16 * hidden + 16);
    }

    [Theory]
    [InlineData("tcn(hidden=27,layers=7,kernel=6)", 2, 1, 58_051)]
    [InlineData("tcn(hidden=24,layers=8,kernel=8)", 2, 1, 70_369)]
    [InlineData("tcn(hidden=25,layers=8,kernel=7)", 1, 10, 66_910)]
    [InlineData("tcn(hidden=10,layers=9,kernel=6)", 1, 10, 10_750)]
    [InlineData("tcn(hidden=10,layers=8,kernel=8)", 1, 10, 12_530)]
    public void Sizes_of_the_tcn_with_its_output_layer(string notation, int input, int outputs, long published)
    {
        var model = ModuleCase.Build(notation, input);
        Assert.Equal(published, Explanation.Of(model).ParameterCount + outputs * (model.Output + 1));
    }

    [Theory]
    [InlineData("gcnn-8", 900, 8)]
    [InlineData("gcnn-9", 807, 5)]
    [InlineData("gcnn-13", 1268, 13)]
    [InlineData("gcnn-14", 2048, 14)]
    [InlineData("gcnn-8b", 2048, 8)]
    [InlineData("gcnn-14b", 4096, 14)]
    public void Networks_of_the_paper(string network, int hidden, int blocks)
    {
        var model = ModuleCase.Build($"gcnn-glu(hidden={hidden},network={network})", 128);
        Assert.Equal(blocks, model.Parameters.Select(q => q.Name.Split('.')[0]).Distinct().Count());
        Assert.Equal(hidden, model.Output);
        if (network is "gcnn-13") Assert.Equal(40 - 1, model.States.Sum(s => s.Depth));
        if (network is "gcnn-14") Assert.Equal(47 - 1, model.States.Sum(s => s.Depth));
    }

    /// <summary>The direction alone counts, and gains that are the norms leave the kernels as they are.</summary>
    [Theory]
    [InlineData("gcnn-glu(hidden=4,layers=2,kernel=3)")]
    [InlineData("tcn(hidden=4,layers=2,kernel=3)")]
    [InlineData("trellisnet(hidden=4,layers=2)")]
    public void Weight_normalisation(string notation)
    {
        var (normal, x, random) = ModulePropertyTests.Drawn(notation, 5, 2);
        using var _ = normal;
        using var plain = new ModuleCase(ModuleCase.Build(notation.Replace(")", ",weight_norm=false)"), 3));
        var kernels = Draw.Parameters(random, plain.Model);
        plain.Write(kernels);
        normal.Write(normal.Model.Parameters.ToDictionary(q => q.Name, q =>
            q.Name.EndsWith(".v") ? Scaled(kernels[q.Name[..^2]], 3) : q.Name.EndsWith(".g") ? Norms(kernels[q.Name[..^2]]) : kernels[q.Name]));
        Close.Assert(plain.Run(x).Output, normal.Run(x).Output, 1e-13, notation);

        static NdArray Scaled(NdArray a, double by) => new(a.Shape, [.. a.Data.Select(value => by * value)]);
        static NdArray Norms(NdArray a) => new([a.Shape[0]], [.. a.Data.Chunk(a.Data.Length / a.Shape[0]).Select(row => Math.Sqrt(row.Sum(value => value * value)))]);
    }

    /// <summary>Maps of one place and kernels of one tap: the convolutions are matrix products.</summary>
    [Fact]
    public void A_conv_lstm_on_single_places_is_an_lstm()
    {
        var (lstm, random) = (ModuleCase.Build("lstm(hidden=4)", 3), new Random(4));
        var parameters = Draw.Parameters(random, lstm);
        using var run = new Interpreter(lstm);
        run.Write(parameters);
        using var maps = new ModuleCase(ModuleCase.Build("conv-lstm(hidden=4,kernel=1,state_kernel=1,peephole=none)", 3, 1, 1));
        maps.Write(maps.Model.Parameters.ToDictionary(q => q.Name, q => new NdArray(q.Shape, parameters[q.Name].Data)));
        var x = Draw.Array(random, [5, 2, 3]);
        Close.Assert(run.Run(x).Output, new([5, 2, 4], maps.Run(new([5, 2, 3, 1, 1], x.Data)).Output.Data), 1e-14, "conv-lstm");
    }

    /// <summary>The form for vectors is the form for maps behind a linear layer.</summary>
    [Fact]
    public void The_token_form_reads_maps_row_by_row()
    {
        var (token, x, random) = ModulePropertyTests.Drawn("conv-lstm(hidden=2,kernel=3,state_kernel=3,channels=2,height=2,width=3)", 4, 2);
        using var _ = token;
        using var maps = new ModuleCase(ModuleCase.Build("conv-lstm(hidden=2,kernel=3,state_kernel=3)", 2, 2, 3));
        var parameters = Draw.Parameters(random, token.Model);
        token.Write(parameters);
        maps.Write(maps.Model.Parameters.ToDictionary(q => q.Name, q => parameters[q.Name]));
        var (w, b) = (parameters["in.W"], parameters["in.b"]);
        var m = x.Data.Chunk(3).SelectMany(row => Enumerable.Range(0, 12).Select(k => b.Data[k] + row.Select((value, i) => value * w[k, i]).Sum()));
        Close.Assert(new([4, 2, 12], maps.Run(new([4, 2, 2, 2, 3], [.. m])).Output.Data), token.Run(x).Output, 1e-13, "token form");
    }

    [Fact]
    public void The_grid_runs_on_compiled_cells_too()
    {
        var (eager, x, random) = ModulePropertyTests.Drawn("grid-lstm(hidden=4,layers=2)", 6, 3);
        using var _ = eager;
        using var compiled = new ModuleCase(eager.Model, backend: "cpu");
        Assert.Equal("module + cpu: compiled", compiled.Path);
        var (parameters, dy) = (Draw.Parameters(random, eager.Model), Draw.Array(random, [6, 3, 4]));
        var state = Draw.States(random, eager.Model, 3);
        foreach (var one in new[] { eager, compiled }) one.Write(parameters);
        var (expected, actual) = (eager.Gradients(x, state, dy), compiled.Gradients(x, state, dy));
        foreach (var (name, value) in expected) Close.Assert(value, actual[name], 1e-12, name);
    }

    /// <summary>A window that begins anew says the same as the whole sequence once the first steps, as many as the net looks back, have given it context.</summary>
    [Theory]
    [InlineData("trellisnet(hidden=4,layers=3,dilation=[1,2],repack=false)", 1 + 2 + 1)]
    [InlineData("trellisnet(hidden=3,layers=2,kernel=3,weight_norm=false)", 2 * 2)]
    [InlineData("trellisnet(hidden=3,layers=2,kernel=1,dilation=[3])", 3)]
    [InlineData("trellisnet(hidden=3,layers=4,gated=false,tied=false)", 4)]
    public void Windows_with_history_say_what_the_whole_sequence_says(string notation, int history)
    {
        var (one, x, _) = ModulePropertyTests.Drawn(notation, 12, 2);
        using var __ = one;
        var whole = one.Run(x).Output;
        foreach (var start in new[] { 1, 3 })
        {
            var window = one.Run(new([12 - start, 2, 3], x.Data[(start * 2 * 3)..])).Output;
            var width = 2 * one.Model.Output;
            int[] scored = [12 - start - history, width];
            Close.Assert(new(scored, whole.Data[((start + history) * width)..]), new(scored, window.Data[(history * width)..]), 1e-14, notation);
            Assert.NotEqual(whole.Data[((start + history - 1) * width)..((start + history) * width)], window.Data[((history - 1) * width)..(history * width)]);
        }
    }

    /// <summary>Untied levels with equal weights are tied levels; levels that do not read x are untied ones whose W is zero.</summary>
    [Fact]
    public void Weights_of_a_trellis_are_tied_and_the_input_is_injected()
    {
        var (tied, x, random) = ModulePropertyTests.Drawn("trellisnet(hidden=3,layers=3,dilation=[1,2],weight_norm=false)", 6, 2);
        using var _ = tied;
        using var untied = new ModuleCase(ModuleCase.Build("trellisnet(hidden=3,layers=3,dilation=[1,2],weight_norm=false,tied=false)", 3));
        using var first = new ModuleCase(ModuleCase.Build("trellisnet(hidden=3,layers=3,dilation=[1,2],weight_norm=false,inject=false)", 3));
        var (weights, state) = (Draw.Parameters(random, tied.Model), Draw.States(random, tied.Model, 2));
        foreach (var one in new[] { tied, first }) one.Write(weights);
        untied.Write(untied.Model.Parameters.ToDictionary(q => q.Name, q => weights[q.Name[(q.Name.IndexOf('.') + 1)..]]));
        Close.Assert(tied.Run(x, state).Output, untied.Run(x, state).Output, 1e-14, "tied");
        untied.Write(untied.Model.Parameters.ToDictionary(q => q.Name, q => q.Name[0..6] != "layer0" && q.Name.Contains(".W_") ? NdArray.Zeros([.. q.Shape]) : weights[q.Name[(q.Name.IndexOf('.') + 1)..]]));
        Close.Assert(untied.Run(x, state).Output, first.Run(x, state).Output, 1e-14, "injected");
    }

    [Fact]
    public void Inner_levels_of_a_trellis_are_supervised_in_training_only()
    {
        var (one, x, _) = ModulePropertyTests.Drawn("trellisnet(hidden=4,layers=5,nout=3,aux=0.3,aux_frequency=2)", 4, 2);
        using var __ = one;
        Assert.Empty(one.Run(x).Supervised);
        var supervised = one.Run(x, training: new TrainingMoment(0, name => new Random(1))).Supervised;
        Assert.Equal([0.3, 0.3], supervised.Select(s => s.Weight));
        Assert.All(supervised, s => Assert.Equal([4, 2, 3], s.Output.Shape));
    }

    [Theory]
    [InlineData("tcn(hidden=64,layers=2,dropout=0.5)")]
    [InlineData("trellisnet(hidden=64,layers=2,hidden_dropout=0.5)")]
    [InlineData("trellisnet(hidden=64,layers=2,weight_dropout=0.5)")]
    public void Masks_depend_on_the_stream_and_are_there_in_training_only(string notation)
    {
        var (one, x, _) = ModulePropertyTests.Drawn(notation, 4, 2);
        using var __ = one;
        double[] Trained(int seed) => one.Run(x, training: new TrainingMoment(0, name => new Random(seed + name.Length))).Output.Data;
        Assert.Equal(Trained(1), Trained(1));
        Assert.NotEqual(Trained(1), Trained(2));
        Assert.NotEqual(Trained(1), one.Run(x).Output.Data);
        Assert.Equal(one.Run(x).Output.Data, one.Run(x).Output.Data);
    }

    [Theory]
    [InlineData("tcn(hidden=4,kernel=0)", "tcn: setting kernel=0: give a whole number from 1 to 10000.")]
    [InlineData("tcn(hidden=4)[i=1]", "tcn[i=1]: tcn is no step recurrence, so there are no equations to rewrite; its variants are settings.")]
    [InlineData("gcnn-glu(hidden=4)[i=1]", "gcnn-glu[i=1]: there is no gate i to fix; there are gate. Its other variants are settings.")]
    [InlineData("conv-lstm(hidden=4)[i=1-f]", "conv-lstm[i=1-f]: conv-lstm is no step recurrence, so a gate can be fixed to a number, [i=1], or to a number less a gate before it, [f=1-i], and to nothing else.")]
    [InlineData("conv-lstm(hidden=4)[o=tanh(i)]", "conv-lstm[o=tanh(i)]: conv-lstm is no step recurrence, so a gate can be fixed to a number")]
    [InlineData("conv-lstm(hidden=4)[i=1][f=1-i]", "conv-lstm[f=1-i]: i is fixed itself; give f as a number.")]
    [InlineData("trellisnet(hidden=4,gated=false)[i=1]", "trellisnet[i=1]: with gated=false there are no gates to fix.")]
    [InlineData("conv-lstm(hidden=4,kernel=4)", "conv-lstm: setting kernel=4 is even; give an odd side, so that maps keep their size.")]
    [InlineData("trellisnet(hidden=4,nout=5)", "trellisnet: nout=5 channels of hidden=4; give at most as many.")]
    [InlineData("trellisnet(hidden=4,dilation=[])", "trellisnet: dilation=[] names no dilation; give at least one, [1].")]
    [InlineData("gcnn-glu(hidden=4,kernels=[2])", "gcnn-glu: kernels has 1 entries and channels 0; give as many of both.")]
    [InlineData("trellisnet(hidden=4,aux=0.1)", "trellisnet: aux=0.1 weighs the losses of inner levels, but aux_frequency=0 asks for none; give aux_frequency, the levels from one to the next.")]
    [InlineData("gcnn-glu(hidden=4,network=gcnn-8)", "gcnn-glu: the last layer has 900 channels, and hidden is 4; give hidden=900.")]
    [InlineData("gcnn-glu(hidden=4,network=gcnn-8,kernels=[2],channels=[4])", "gcnn-glu: give network or kernels and channels, not both.")]
    [InlineData("gcnn-glu(hidden=65536,kernel=10000)", "gcnn-glu: more than 2147483647 parameters; choose a smaller hidden or fewer layers.")]
    [InlineData("grid-lstm(hidden=4)[q=1]", "grid-lstm[q=1]: nothing is called q")]
    public void Is_refused(string notation, string message) =>
        Assert.StartsWith(message, Assert.Throws<UserError>(() => ModuleCase.Build(notation, 3)).Message);

    [Fact]
    public void A_gate_of_the_grid_can_be_fixed()
    {
        var model = ModuleCase.Build("grid-lstm(hidden=4)[d.f=1]", 3);
        Assert.Equal("t.i t.f t.o d.i d.o", string.Join(" ", model.Gates));
        Assert.DoesNotContain("d.W_f", model.Parameters.Select(q => q.Name));
    }
}
