using RnnBench.Backends;
using RnnBench.Language;
using static TorchSharp.torch;

namespace RnnBench.Architectures.Tests;

/// <summary>Dilated scans in fewer steps on larger batches give what the plain form gives: output, states, gradients, chunks, sequences of unequal lengths.</summary>
public sealed class InterleavingTests
{
    public static TheoryData<string, int, int> Cases => new()
    {
        { "dilated-rnn(hidden=3,cell=lstm,dilations=[2,4])", 9, 2 }, { "dilated-rnn(hidden=4,cell=gru,dilations=[3],fuse=false)", 7, 3 }, { "dilated-rnn(hidden=3,dilations=[4,8],fuse=false)", 5, 1 },
        { "dilated-rnn(hidden=3,dilations=[1,2,16])", 6, 2 }, { "dilated-rnn(hidden=3,cell=lstm-peephole,dilations=[2,2],fuse=false)", 1, 1 }, { "narx-rnn(hidden=3,delays=[2,4])", 7, 2 },
        { "narx-rnn(hidden=4,layers=2,delays=[3,6])", 10, 1 }, { "mist-rnn(hidden=3,delays=[1,2])", 5, 2 }, { "dilated-rnn(hidden=3,cell=sru,dilations=[1,2],fuse=false)", 6, 2 },
        { "dilated-rnn(hidden=2,cell=mlstm,dilations=[2],fuse=false)", 6, 2 }, { "dilated-rnn(hidden=2,cell=minlstm,dilations=[2,4])", 6, 2 },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_interleaved_form_is_the_plain_form(string notation, int steps, int batch)
    {
        var model = Model.Build(Catalog.All, Notation.Parse(notation), 3);
        using var plain = new ModuleCase(model);
        using var interleaved = new ModuleCase(model, backend: "cpu");
        Assert.Equal(notation.StartsWith("mist") ? "cpu: compiled" : "cpu: compiled, interleaved", interleaved.Path);
        var random = new Random(5);
        var (parameters, x, state) = (Draw.Parameters(random, model), Draw.Array(random, [steps, batch, 3]), Draw.States(random, model, batch));
        foreach (var one in new[] { plain, interleaved }) one.Write(parameters);
        var (dy, dLast) = (Draw.Array(random, [steps, batch, model.Output]), Draw.States(random, model, batch));
        foreach (var start in new[] { state, [] })
        {
            var (expected, actual) = (plain.Gradients(x, start, dy, dLast), interleaved.Gradients(x, start, dy, dLast));
            foreach (var (name, value) in expected) Close.Assert(value, actual[name], 1e-12, $"{notation}: d {name}");
            int[][] lengths = [[.. Enumerable.Repeat(steps, batch)], [.. Enumerable.Range(0, batch).Select(b => Math.Max(1, steps - 2 * b - 1))]];
            foreach (var given in lengths)
            {
                var (a, b) = (plain.Run(x, start, given, records: false), interleaved.Run(x, start, given, records: false));
                Close.Assert(a.Output, b.Output, 1e-13, $"{notation}: y");
                foreach (var (name, value) in a.State) Close.Assert(value, b.State[name], 1e-13, $"{notation}: state {name}");
            }
        }
        if (steps < 3) return;
        var whole = interleaved.Run(x, state, records: false);
        var first = interleaved.Run(Steps(x, 0, 2), state, records: false);
        var second = interleaved.Run(Steps(x, 2, steps), first.State, records: false);
        Close.Assert(whole.Output, new(whole.Output.Shape, [.. first.Output.Data, .. second.Output.Data]), 1e-13, $"{notation}: chunks");
    }

    [Theory]
    [InlineData("dilated-rnn(hidden=3,dilations=[8],fuse=false)", 8)]
    [InlineData("dilated-rnn(hidden=3,dilations=[2],fuse=true)", 1)]           // the fusion reads the last outputs
    [InlineData("narx-rnn(hidden=3,delays=[4,6])", 2)]
    [InlineData("narx-rnn(hidden=3,delays=[2,3])", 1)]
    [InlineData("lstm(hidden=3)", 1)]
    public void Steps_that_never_meet(string notation, int expected) =>
        Assert.Equal(expected > 1 ? "cpu: compiled, interleaved" : "cpu: compiled", Backend.Create("cpu", Model.Build(Catalog.All, Notation.Parse(notation), 3), CPU, ScalarType.Float32).Path);

    static NdArray Steps(NdArray x, int from, int to) => new([to - from, x.Shape[1], x.Shape[2]], x.Data[(from * x.Shape[1] * x.Shape[2])..(to * x.Shape[1] * x.Shape[2])]);
}
