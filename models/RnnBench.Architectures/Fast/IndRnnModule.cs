using System.Globalization;
using RnnBench.Backends.Modules;
using RnnBench.Language;
using static TorchSharp.torch;

namespace RnnBench.Architectures;

/// <summary>What the networks of independently recurrent units share: linear maps, the recurrent part alone, and its batch normalisation.</summary>
/// <remarks>
/// Li, Li, Cook, Zhu and Gao 2018, arXiv:1803.04831 and 1910.06251. Statistics are those of the batch, in training and evaluation: over all its steps and
/// members, so that later steps reach earlier ones, which is not for language models; or over its members at each step (bn_over = step).
/// </remarks>
public abstract class IndRnnModule : Module
{
    readonly string norm;
    readonly long[] over;
    readonly List<(string Prefix, int Width)> recurrent = [];

    /// <param name="request">What it is made from.</param>
    /// <exception cref="UserError">A setting of the plain cell alone.</exception>
    protected IndRnnModule(ModelRequest request) : base(request)
    {
        (norm, over) = (Settings.Choice("bn"), Settings.Choice("bn_over") == "step" ? [1] : [0, 1]);
        DemandOneWay("goes with net=plain and bn=none only.");
        if (Settings.Integer("u_lasts") > 0) throw new UserError($"indrnn: u_lasts={Settings.Integer("u_lasts")} goes with net=plain and bn=none only.");
        if (Settings.Choice("net") != "plain" && Settings.Integer("layers") > 1)
            throw new UserError($"indrnn: the depth of net={Settings.Choice("net")} is {(Settings.Choice("net") == "dense" ? "dense_blocks" : "blocks")}; leave layers out.");
    }

    /// <summary>The widths of the recurrent parts, in the order of their declaration.</summary>
    protected IReadOnlyList<int> Recurrents => [.. recurrent.Select(part => part.Width)];

    /// <summary>Declares a linear map W, b, or W_k, b_k.</summary>
    protected void Linear(string at, string k, Width rows, Width columns)
    {
        Weight($"{at}W{k}", new Initial.Glorot(), rows, columns);
        Weight($"{at}b{k}", new Initial.Constant(0), rows);
    }

    /// <summary>Declares a recurrent part: u, and the normalisation beside it.</summary>
    protected void Recurrent(ModelRequest request, string at, Width width)
    {
        recurrent.Add((at, width.Size));
        var cell = request.Rewritten(new Part(Activation.Of(Settings)).Define(request.Architecture.Id, width, width));
        HasInside(at, new Stack(request.Text, request.Architecture, [[new Scan("", cell, false)]], width.Size, false, false,
            [new("u", new Initial.Interval(0, 1))], [.. request.Architecture.Constraints(Settings)]));
        if (norm == "none") return;
        Weight(at + "bn_g", new Initial.Constant(1), width);
        Weight(at + "bn_b", new Initial.Constant(0), width);
    }

    /// <summary>Applies a linear map.</summary>
    protected static Tensor Apply(Pass pass, string at, string k, Tensor value) => nn.functional.linear(value, pass[$"{at}W{k}"], pass[$"{at}b{k}"]);

    /// <summary>The prefix of one of several parts; none where it is the only layer.</summary>
    protected static string At(int k, string what, int count) => what == "layer" && count == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $"{what}{k}.");

    /// <summary>Runs recurrent parts one after the other, in the order of their declaration.</summary>
    /// <param name="pass">The run.</param>
    /// <param name="steps">T.</param>
    /// <param name="state">The state before the first step of each part, by its place.</param>
    /// <returns>What applies the next part to its input, and the states after the last step of those that have run.</returns>
    /// <exception cref="UserError">Statistics would be over sequences of several lengths.</exception>
    protected (Func<Tensor, Tensor> Rec, List<Tensor> Last) Parts(Pass pass, long steps, Func<int, Tensor> state)
    {
        if (pass.Lengths is { } lengths && norm != "none" && lengths.Any(length => length < steps))
            throw new UserError($"{Text}: its statistics are over all members of the batch, so it reads sequences of one length; set bn=none.");
        var last = new List<Tensor>();
        return (Rec, last);

        Tensor Rec(Tensor value)
        {
            var (at, place) = (recurrent[last.Count].Prefix, last.Count);
            var run = pass.Inside(at, norm == "before" ? Normal(pass, at, value) : value, new Dictionary<string, Tensor> { ["h"] = state(place) });
            last.Add(run.State["h"]);
            return norm == "after" ? Normal(pass, at, run.Output) : run.Output;
        }
    }

    Tensor Normal(Pass pass, string at, Tensor a) => Normalisation.Over(over, pass, at + "bn", a);

    /// <summary>The recurrent part alone.</summary>
    sealed class Part(Function act) : Cell
    {
        readonly State h = new();

        protected override void Equations(Input x) => h[t] = new Apply(act, x[t] + new Vector("u", "") * h[t-1]);
    }
}
