using RnnBench.Backends.Modules;
using RnnBench.Language;
using static TorchSharp.torch;

namespace RnnBench.Architectures;

/// <summary>Layers of independently recurrent units with batch normalisation, and the residual network of them.</summary>
/// <remarks>Li, Li, Cook, Zhu and Gao 2018, arXiv:1803.04831 and 1910.06251.</remarks>
public sealed class IndRnnNet : IndRnnModule
{
    readonly int depth;
    readonly bool residual;

    IndRnnNet(ModelRequest request) : base(request)
    {
        residual = Settings.Choice("net") == "residual";
        depth = residual ? Settings.Integer("blocks") : Settings.Integer("layers");
        Width H = new(Settings.Integer("hidden"), "H"), I = new(request.InputWidth, "I");
        Equation(residual ? "a = W x + b; in each block a <- a + W_2 REC(W_1 REC(a) + b_1) + b_2; y = REC(a), REC being" : "a = W x + b; y = REC(a), REC being",
            residual ? @"a &\leftarrow a + W_2 \operatorname{REC}(W_1 \operatorname{REC}(a) + b_1) + b_2" : @"y &= \operatorname{REC}(W x + b)");
        for (var k = 0; k < depth; k++)
        {
            if (k == 0 || !residual) Linear(residual ? "" : At(k, "layer", depth), "", H, k == 0 ? I : H);
            if (!residual) Recurrent(request, At(k, "layer", depth), H);
            else foreach (var half in new[] { "1", "2" })
            {
                Recurrent(request, $"{At(k, "block", depth)}rec{half}.", H);
                Linear(At(k, "block", depth), "_" + half, H, H);
            }
        }
        if (residual) Recurrent(request, "last.", H);
        Costing("", (residual ? "W x, W_1 r, W_2 s" : "W x", 2L * H.Size * (I.Size + (residual ? 2L * depth : depth - 1) * H.Size)));
        HasState(new ModelState("h", Recurrents.Count, 1, H.Size));
        HasOutput(H.Size);
    }

    /// <summary>The network of a request; null where it is the plain one, which is a cell.</summary>
    /// <exception cref="UserError">Settings of another network than the one that is asked for.</exception>
    internal static Model? For(ModelRequest request)
    {
        var (net, bn) = (request.Settings.Choice("net"), request.Settings.Choice("bn"));
        if (bn == "none" && request.Settings.Choice("bn_over") == "step") throw new UserError("indrnn: bn_over=step says what statistics are over, but bn=none has none; set bn=before or bn=after.");
        if (net != "dense" && request.Settings.Integer("growth") > 0) throw new UserError($"indrnn: growth={request.Settings.Integer("growth")} belongs to net=dense.");
        return net == "dense" ? new IndRnnDense(request) : net == "residual" || bn != "none" ? new IndRnnNet(request) : null;
    }

    /// <inheritdoc/>
    public override Tensor Run(Pass pass, Tensor x)
    {
        var (Rec, last) = Parts(pass, x.shape[0], k => Recurrents.Count > 1 ? pass.State("h")[k] : pass.State("h"));
        var a = x;
        for (var k = 0; k < depth; k++)
        {
            if (!residual) a = Rec(Apply(pass, At(k, "layer", depth), "", k > 0 ? pass.Between(a) : a));
            else
            {
                if (k == 0) a = Apply(pass, "", "", a);
                var s = Apply(pass, At(k, "block", depth), "_1", Rec(a));
                a = a + Apply(pass, At(k, "block", depth), "_2", Rec(s));
            }
        }
        if (residual) a = Rec(a);
        pass.Carry("h", last.Count > 1 ? stack(last, 0) : last[0]);
        return a;
    }
}
