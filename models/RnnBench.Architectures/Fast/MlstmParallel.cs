using RnnBench.Backends.Modules;
using RnnBench.Language;
using static TorchSharp.torch;

namespace RnnBench.Architectures;

/// <summary>The mLSTM for all steps at once: a masked matrix of T times T weights for each head, as in attention, equal to the form by steps.</summary>
/// <remarks>
/// Beck et al. 2024, arXiv:2405.04517, appendix A.3. A state before the sequence is one more column of the weights. M, the largest exponent of each row, only
/// keeps exponentials in range: y does not depend on it.
/// </remarks>
public sealed class MlstmParallel : Module
{
    static readonly string[] letters = ["q", "k", "v", "i", "f", "o"];

    readonly int layers, hidden, heads, d;
    readonly bool sigmoid;

    MlstmParallel(ModelRequest request) : base(request)
    {
        (layers, hidden, heads, sigmoid) = (Settings.Integer("layers"), Settings.Integer("hidden"), Slstm.Heads("mlstm", Settings), Settings.Choice("forget") == "sigmoid");
        d = hidden / heads;
        DemandOneWay("goes with form=step only.");
        InitialRule[] starts = [.. Mlstm.Starts(Settings), .. InitialRule.Default];
        for (var l = 0; l < layers; l++)
        {
            var (at, input) = (Prefix(l, layers), new Width(l == 0 ? request.InputWidth : hidden, l == 0 ? "I" : "H"));
            foreach (var letter in letters)
            {
                var rows = letter is "i" or "f" ? new Width(heads, "K") : new Width(hidden, "H");
                Weight($"{at}W_{letter}", starts.First(rule => rule.Matches("W_" + letter)).Start, rows, input);
                Weight($"{at}b_{letter}", starts.First(rule => rule.Matches("b_" + letter)).Start, rows);
            }
            HasGates(sigmoid ? [at + "f", at + "o"] : [at + "o"]);
            Costing(at, (string.Join(", ", letters.Select(letter => $"W_{letter} x_t")), 8L * hidden * input.Size + 4L * heads * input.Size));
        }
        foreach (var (name, sides) in new (string, int[])[] { ("C", [heads, d, d]), ("n", [heads, d]), ("m", [heads]) })
            HasState(new ModelState(name, layers, 1, sides) { Initial = name == "m" ? double.NegativeInfinity : 0 });
        HasOutput(hidden);
        Equation("L_ts = Σ_{r=s+1..t} φ_r + i_s, D_ts = exp(L_ts - M_t), M_t = max_s L_ts, S = (Q K^T) ⊙ D", @"L_{ts} &= \sum_{r=s+1}^{t} \phi_r + i_s, \quad D_{ts} = e^{L_{ts} - M_t}, \quad S = (Q K^\top) \odot D");
        Equation("h_t = o_t ⊙ (S V)_t / max(|Σ_s S_ts|, exp(-M_t))", @"h_t &= o_t \odot \frac{(S V)_t}{\max(|\sum_s S_{ts}|, e^{-M_t})}");
    }

    /// <summary>The model of a request; null where it asks for the form by steps, which is a cell.</summary>
    internal static Model? For(ModelRequest request) => request.Settings.Choice("form") == "parallel" ? new MlstmParallel(request) : null;

    /// <inheritdoc/>
    public override Tensor Run(Pass pass, Tensor x)
    {
        var last = new List<(Tensor C, Tensor n, Tensor m)>();
        for (var l = 0; l < layers; l++)
        {
            (x, var state) = Layer(pass, Prefix(l, layers), l > 0 ? pass.Between(x) : x, Of("C", l), Of("n", l), Before(pass, l, x));
            last.Add(state);
        }
        pass.Carry("C", Joined(last.Select(s => s.C)));
        pass.Carry("n", Joined(last.Select(s => s.n)));
        pass.Carry("m", Joined(last.Select(s => s.m)));
        return x;

        Tensor Of(string name, int layer) => layers > 1 ? pass.State(name)[layer] : pass.State(name);
    }

    /// <summary>m before the first step, [B,K].</summary>
    Tensor Before(Pass pass, int layer, Tensor x) => !pass.HasState("m") ? full([x.shape[1], heads], double.NegativeInfinity, x.dtype, x.device)
        : layers > 1 ? pass.State("m")[layer] : pass.State("m");

    (Tensor Output, (Tensor C, Tensor n, Tensor m)) Layer(Pass pass, string at, Tensor x, Tensor C, Tensor n, Tensor m)
    {
        var (i, f, o) = (Sum("i"), Sum("f"), Sum("o").sigmoid());
        pass.Gate(at + "o", o);
        if (sigmoid) pass.Gate(at + "f", f.sigmoid());
        var φ = sigmoid ? nn.functional.logsigmoid(f) : f;
        var (q, k, v) = (Heads(Sum("q")), Heads(nn.functional.linear(x, pass[at + "W_k"]) / Math.Sqrt(d) + pass[at + "b_k"]), Heads(Sum("v")));
        if (pass.Lengths is { } lengths)                                    // what is behind a sequence's end neither forgets nor writes
        {
            var real = arange(x.shape[0], device: x.device).unsqueeze(-1).lt(tensor([.. lengths], device: x.device)).unsqueeze(-1);
            (φ, i) = (where(real, φ, zeros_like(φ)), where(real, i, full_like(i, double.NegativeInfinity)));
        }
        var (L, first) = Exponents(φ.permute(1, 2, 0), i.permute(1, 2, 0), m);
        var largest = maximum(L.amax([-1]), first);
        var M = where(largest.isinf(), zeros_like(largest), largest);       // nothing was written yet
        var (D, start) = ((L - M.unsqueeze(-1)).exp(), (first - M).exp());  // [B,K,T,T] and [B,K,T]
        var S = q.matmul(k.transpose(-2, -1)) * D;
        var read = S.matmul(v) + start.unsqueeze(-1) * q.matmul(C.transpose(-2, -1));
        var match = S.sum(-1) + start * q.matmul(n.unsqueeze(-1)).squeeze(-1);
        var h = read / maximum(match.abs(), (-M).exp()).unsqueeze(-1);
        return (o * h.permute(2, 0, 1, 3).reshape(x.shape[0], x.shape[1], hidden), After(D, start, k, v, C, n, largest));

        Tensor Sum(string letter) => nn.functional.linear(x, pass[$"{at}W_{letter}"], pass[$"{at}b_{letter}"]);

        Tensor Heads(Tensor value) => value.reshape(x.shape[0], x.shape[1], heads, d).permute(1, 2, 0, 3);
    }

    /// <summary>The exponents of what step s wrote as seen at step t, [B,K,T,T], and of what was there before the first step, [B,K,T].</summary>
    static (Tensor L, Tensor First) Exponents(Tensor φ, Tensor i, Tensor m)
    {
        var sum = φ.cumsum(-1);
        var future = ones([sum.shape[2], sum.shape[2]], ScalarType.Bool, sum.device).triu(1);
        var L = (sum.unsqueeze(-1) - sum.unsqueeze(-2) + i.unsqueeze(-2)).masked_fill(future, double.NegativeInfinity);
        return (L, sum + m.unsqueeze(-1));
    }

    /// <summary>The states after the last step, from the last row of the weights.</summary>
    static (Tensor C, Tensor n, Tensor m) After(Tensor D, Tensor start, Tensor k, Tensor v, Tensor C, Tensor n, Tensor M)
    {
        var (weights, first) = (D.select(2, -1).unsqueeze(-1), start.select(2, -1).unsqueeze(-1));
        return ((weights * v).transpose(-2, -1).matmul(k) + first.unsqueeze(-1) * C, (weights * k).sum(-2) + first * n, M.select(2, -1));
    }

    static Tensor Joined(IEnumerable<Tensor> each) => each.ToArray() is [var only] ? only : stack([.. each], 0);
}
