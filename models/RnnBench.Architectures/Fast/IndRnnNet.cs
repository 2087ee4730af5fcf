using System.Globalization;
using RnnBench.Backends.Modules;
using RnnBench.Language;
using static TorchSharp.torch;

namespace RnnBench.Architectures;

/// <summary>Independently recurrent networks with batch normalisation, and the residual network of them.</summary>
/// <remarks>
/// Li, Li, Cook, Zhu and Gao 2018, arXiv:1803.04831 and 1910.06251. Statistics are those of the batch, over all its steps and members, in training
/// and evaluation, so that later steps reach earlier ones: not for language models.
/// </remarks>
public sealed class IndRnnNet : Module
{
    readonly string norm;
    readonly int hidden, depth;
    readonly bool residual;
    readonly List<string> recurrent = [];

    IndRnnNet(ModelRequest request) : base(request)
    {
        (norm, hidden, residual) = (Settings.Choice("bn"), Settings.Integer("hidden"), Settings.Choice("net") == "residual");
        depth = residual ? Settings.Integer("blocks") : Settings.Integer("layers");
        foreach (var option in new[] { "bidirectional", "skip_input", "skip_output" })
            if (Settings.Flag(option)) throw new UserError($"indrnn: {option}=true goes with net=plain and bn=none only.");
        if (residual && Settings.Integer("layers") > 1) throw new UserError("indrnn: the depth of net=residual is blocks; leave layers out.");
        Width H = new(hidden, "H"), I = new(request.InputWidth, "I");
        Equation(residual ? "a = W x + b; in each block a <- a + W_2 REC(W_1 REC(a) + b_1) + b_2; y = REC(a), REC being" : "a = W x + b; y = REC(a), REC being",
            residual ? @"a &\leftarrow a + W_2 \operatorname{REC}(W_1 \operatorname{REC}(a) + b_1) + b_2" : @"y &= \operatorname{REC}(W x + b)");
        for (var k = 0; k < depth; k++)
        {
            if (k == 0 || !residual) Linear(residual ? "" : At(k, "layer"), "", k == 0 ? I : H);
            if (!residual) Recurrent(request, At(k, "layer"));
            else foreach (var half in new[] { "1", "2" })
            {
                Recurrent(request, $"{At(k, "block")}rec{half}.");
                Linear(At(k, "block"), "_" + half, H);
            }
        }
        if (residual) Recurrent(request, "last.");
        Costing("", (residual ? "W x, W_1 r, W_2 s" : "W x", 2L * hidden * (request.InputWidth + (residual ? 2L * depth : depth - 1) * hidden)));
        HasState(new ModelState("h", recurrent.Count, 1, hidden));
        HasOutput(hidden);

        void Linear(string at, string k, Width columns)
        {
            Weight($"{at}W{k}", new Initial.Glorot(), H, columns);
            Weight($"{at}b{k}", new Initial.Constant(0), H);
        }
    }

    /// <summary>The network of a request; null where it is the plain one, which is a cell.</summary>
    /// <exception cref="UserError">Blocks of a plain network.</exception>
    internal static Model? For(ModelRequest request) => request.Settings.Choice("net") == "residual" || request.Settings.Choice("bn") != "none" ? new IndRnnNet(request) : null;

    /// <inheritdoc/>
    public override Tensor Run(Pass pass, Tensor x)
    {
        if (pass.Lengths is { } lengths && norm != "none" && lengths.Any(length => length < x.shape[0]))
            throw new UserError($"{Text}: its statistics are over all steps, so it reads sequences of one length; set bn=none.");
        var (last, at) = (new List<Tensor>(), 0);
        var a = x;
        for (var k = 0; k < depth; k++)
        {
            if (!residual) a = Rec(Linear(At(k, "layer"), "", k > 0 ? pass.Between(a) : a));
            else
            {
                if (k == 0) a = Linear("", "", a);
                var s = Linear(At(k, "block"), "_1", Rec(a));
                a = a + Linear(At(k, "block"), "_2", Rec(s));
            }
        }
        if (residual) a = Rec(a);
        pass.Carry("h", last.Count > 1 ? stack(last, 0) : last[0]);
        return a;

        Tensor Linear(string prefix, string k, Tensor value) => nn.functional.linear(value, pass[$"{prefix}W{k}"], pass[$"{prefix}b{k}"]);

        Tensor Rec(Tensor value)
        {
            var prefix = recurrent[at];
            if (norm == "before") value = Normal(pass, prefix, value);
            var run = pass.Inside(prefix, value, new Dictionary<string, Tensor> { ["h"] = recurrent.Count > 1 ? pass.State("h")[at] : pass.State("h") });
            last.Add(run.State["h"]);
            at++;
            return norm == "after" ? Normal(pass, prefix, run.Output) : run.Output;
        }
    }

    static Tensor Normal(Pass pass, string at, Tensor a)
    {
        var centred = a - a.mean([0, 1], keepdim: true);
        return centred / (centred.square().mean([0, 1], keepdim: true) + 1e-5).sqrt() * pass[at + "bn_g"] + pass[at + "bn_b"];
    }

    void Recurrent(ModelRequest request, string at)
    {
        recurrent.Add(at);
        var cell = request.Rewritten(new Part(Activation.Of(Settings)).Define(request.Architecture.Id, new Width(hidden, "H"), new Width(hidden, "H")));
        HasInside(at, new Stack(request.Text, request.Architecture, [[new Scan("", cell, false)]], hidden, false, false,
            [new("u", new Initial.Interval(0, 1))], [.. IndRnn.Bound(Settings)]));
        if (norm == "none") return;
        Weight(at + "bn_g", new Initial.Constant(1), new Width(hidden, "H"));
        Weight(at + "bn_b", new Initial.Constant(0), new Width(hidden, "H"));
    }

    string At(int k, string what) => what == "layer" && depth == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $"{what}{k}.");

    /// <summary>The recurrent part alone.</summary>
    sealed class Part(Function act) : Cell
    {
        readonly State h = new();

        protected override void Equations(Input x) => h[t] = new Apply(act, x[t] + new Vector("u", "") * h[t-1]);
    }
}
