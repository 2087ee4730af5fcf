using RnnBench.Language;

namespace RnnBench.Backends.Measuring;

/// <summary>Elementwise recurrences alone: their input products are given, side by side in x.</summary>
public static class Recurrences
{
    static readonly Architecture[] all =
    [
        new("recurrence-sru", _ => new Sru()) { Title = "SRU", Source = "Lei et al. 2018", Family = "recurrence" },
        new("recurrence-qrnn", _ => new FoPooling()) { Title = "fo-pooling", Source = "Bradbury et al. 2016", Family = "recurrence" },
        new("recurrence-indrnn", _ => new IndRnn()) { Title = "IndRNN", Source = "Li et al. 2018", Family = "recurrence" },
    ];

    /// <summary>All of them for a hidden size; their input is one to three times as wide.</summary>
    public static IEnumerable<Stack> Of(int hidden) => all.Select((a, i) =>
        (Stack)Model.Build(all, Notation.Parse(FormattableString.Invariant($"{a.Id}(hidden={hidden})")), hidden * (i == 2 ? 1 : 3)));

    abstract class GivenProducts : Cell
    {
        protected Expr Part(Input x, int k) => new Slice(x[t], k * H.Size, H, (2 - k) * H.Size);
    }

    sealed class Sru : GivenProducts
    {
        readonly State c = new();
        Expr? shown;

        protected override void Equations(Input x)
        {
            var f = Gate("f", σ(Part(x, 1) + v * c[t-1] + b));
            var r = Gate("r", σ(Part(x, 2) + v * c[t-1] + b));
            c[t] = f * c[t-1] + (1 - f) * Part(x, 0);
            shown = Let("h", r * c[t] + (1 - r) * Part(x, 0));
        }

        protected override Expr? Output => shown;
    }

    sealed class FoPooling : GivenProducts
    {
        readonly State c = new();
        Expr? shown;

        protected override void Equations(Input x)
        {
            var f = Gate("f", σ(Part(x, 1)));
            var o = Gate("o", σ(Part(x, 2)));
            c[t] = f * c[t-1] + (1 - f) * tanh(Part(x, 0));
            shown = Let("h", o * c[t]);
        }

        protected override Expr? Output => shown;
    }

    sealed class IndRnn : Cell
    {
        readonly State h = new();

        protected override void Equations(Input x) => h[t] = relu(x[t] + v * h[t-1] + b);
    }
}
