using RnnBench.Language;

namespace RnnBench.Backends.Tests;

/// <summary>A GRU as the library writes it: z = 1 keeps.</summary>
sealed class KeepingGru : Cell
{
    readonly State s = new();

    protected override void Equations(Input x)
    {
        var reset = Gate("reset", σ(U * s[t-1] + b + W * x[t]));
        var keep = Gate("keep", σ(U * s[t-1] + W * x[t] + b));
        var fresh = Let("fresh", tanh(reset * (U * s[t-1] + new Vector("b", "inner")) + (W * x[t] + b)));
        s[t] = keep * s[t-1] + (1 - keep) * fresh;
    }
}

/// <summary>An LSTM in other words: other names, other orders, states the other way round.</summary>
sealed class SomeonesLstm : Cell
{
    readonly State memory = new(), shown = new();

    protected override void Equations(Input x)
    {
        var write = Gate("write", σ(U * shown[t-1] + (W * x[t] + b)));
        var look = Gate("look", σ(W * x[t] + b + U * shown[t-1]));
        var keep = Gate("keep", σ(W * x[t] + U * shown[t-1] + b));
        memory[t] = tanh(W * x[t] + U * shown[t-1] + b) * write + memory[t-1] * keep;
        shown[t] = tanh(memory[t]) * look;
    }

    protected override Expr Output => shown[t];
}

static class Cells
{
    /// <summary>An LSTM with one part replaced.</summary>
    public abstract class Near : Cell
    {
        protected readonly State h = new(), c = new();

        protected override void Equations(Input x)
        {
            var i = Gate("i", σ(Input(x)));
            var f = Gate("f", σ(Forget(x)));
            var o = Gate("o", σ(W * x[t] + U * h[t-1] + b));
            var g = Let("g", Candidate(W * x[t] + U * h[t-1] + b));
            c[t] = f * c[t-1] + i * g;
            h[t] = o * tanh(c[t]);
        }

        protected virtual Expr Input(Input x) => W * x[t] + U * h[t-1] + b;
        protected virtual Expr Forget(Input x) => W * x[t] + U * h[t-1] + b;
        protected virtual Expr Candidate(Expr a) => tanh(a);
    }

    public sealed class BiaslessLstm : Near
    {
        protected override Expr Forget(Input x) => W * x[t] + U * h[t-1];
    }

    public sealed class TiedLstm : Near
    {
        readonly Matrix w = new("W", "if"), u = new("U", "if");
        readonly Vector bias = new("b", "if");
        protected override Expr Input(Input x) => w * x[t] + u * h[t-1] + bias;
        protected override Expr Forget(Input x) => w * x[t] + u * h[t-1] + bias;
    }

    public sealed class Peephole : Near
    {
        protected override Expr Forget(Input x) => W * x[t] + U * h[t-1] + p * c[t-1] + b;
    }

    public sealed class ReluLstm : Near
    {
        protected override Expr Candidate(Expr a) => relu(a);
    }

    public sealed class ShowsMemory : Near
    {
        protected override Expr Output => c[t];
    }

    /// <summary>States and inputs from longer ago.</summary>
    public sealed class Deep : Cell
    {
        readonly State h = new(), s = new();

        protected override void Equations(Input x)
        {
            s[t] = tanh(W * x[t-2] + U * h[t-3] + b) * s[t-1];
            h[t] = σ(W * x[t] + U * h[t-1] + new Matrix("V") * x[t-1] + p * h[t-2] + b) + s[t];
        }
    }

    /// <summary>Everything that sums, constants and sharing can do to a plan.</summary>
    public sealed class Odd : Cell
    {
        readonly State h = new(), k = new(), m = new(new Width(2, "M"));

        protected override void Equations(Input x)
        {
            var shared = W * x[t] + b;
            var a = Gate("a", σ(shared + U * h[t-1]));
            var twice = Let("twice", (Expr)(U * h[t-1]) - 2 * a + relu(shared) / (1 + a * a));
            var onlyInput = Gate("onlyInput", tanh(W * x[t]) * 3 - 0.5);
            var onlyWeights = Gate("onlyWeights", σ(new Vector("b") * 2 + v));
            m[t] = tanh(W * (h[t-1] + onlyInput) + U * m[t-1]);
            k[t] = 0.25;
            h[t] = (1 - a) * twice + a * (onlyInput + onlyWeights) + k[t-1] + twice + 2 - (Expr)(W * m[t]) + -twice / 4;
        }

        protected override Expr Output => h[t] * 2 + k[t];
    }

    /// <summary>Bands of one product whose hoisted parts come from here and there.</summary>
    public sealed class Interleaved : Cell
    {
        readonly State h = new(), g = new();

        protected override void Equations(Input x)
        {
            var w = new Matrix("W", "shared");
            var i = Gate("i", σ(W * x[t] + U * h[t-1] + b));
            var f = Gate("f", tanh(w * x[t] + U * h[t-1]));
            var o = Gate("o", σ(W * tanh(x[t]) + U * h[t-1] + b));
            var q = Gate("q", σ(U * h[t-1] + b));
            var r = Gate("r", tanh(W * x[t] + new Matrix("V") * tanh(x[t]) + U * h[t-1]));
            var s = Gate("s", relu(W * x[t] + U * h[t-1] + new Matrix("V") * g[t-1] + b));
            var n = Gate("n", σ(U * h[t-1]));
            g[t] = i * f + o * q;
            h[t] = tanh(g[t] * r + s) - n * σ(w * x[t]);
        }
    }

    /// <summary>Has nothing to learn.</summary>
    public sealed class Weightless : Cell
    {
        readonly State s = new(new Width(3, "S"));

        protected override void Equations(Input x) => s[t] = 0.5 * s[t-1] + tanh(x[t]) - 1;
    }

    /// <summary>Uses a node that belongs to derivatives.</summary>
    public sealed class Foreign : Cell
    {
        readonly State h = new();

        protected override void Equations(Input x) => h[t] = W * x[t] + new Given("what", H);
    }
}
