using RnnBench.Language;

namespace RnnBench.Backends.Tests.Cpu;

/// <summary>Cells that need what the catalogue's do not yet: each a corner of the planner.</summary>
static class OddCells
{
    public static IReadOnlyDictionary<string, Func<Cell>> All { get; } = new Dictionary<string, Func<Cell>>
    {
        ["sru"] = () => new Sru(), ["deep"] = () => new Deep(), ["lookback"] = () => new Lookback(), ["tower"] = () => new Tower(), ["tied"] = () => new Tied(),
        ["projection"] = () => new Projection(), ["quotient"] = () => new Quotient(), ["still"] = () => new Still(), ["negative"] = () => new Negative(), ["delay"] = () => new Delay(),
        ["cut"] = () => new Cut(), ["joined"] = () => new Joined(), ["averaged"] = () => new Averaged(), ["weightless"] = () => new Weightless(),
        ["numbered"] = () => new Numbered(), ["part and whole"] = () => new PartAndWhole(), ["shared"] = () => new Shared(),
    };

    /// <summary>Elementwise in time, with a skip from the input (Lei et al. 2018).</summary>
    sealed class Sru : Cell
    {
        readonly State c = new();
        Expr? shown;

        protected override void Equations(Input x)
        {
            var f = Gate("f", σ(W * x[t] + v * c[t-1] + b));
            var r = Gate("r", σ(W * x[t] + v * c[t-1] + b));
            c[t] = f * c[t-1] + (1 - f) * (W * x[t]);
            shown = Let("y", r * tanh(c[t]) + (1 - r) * (new Matrix("W", "skip") * x[t]));
        }

        protected override Expr Output => shown!;
    }

    /// <summary>Reads states from two and three steps back.</summary>
    sealed class Deep : Cell
    {
        readonly State h = new(), c = new();

        protected override void Equations(Input x)
        {
            c[t] = tanh(W * x[t] + U * h[t-1] + new Matrix("V") * h[t-3] + b) * p + c[t-2] * 0.5;
            h[t] = σ(new Matrix("Z", "h") * c[t] + b) * h[t-2] + 0.3 * c[t-1];
        }
    }

    /// <summary>Reads earlier inputs, by a matrix and by element.</summary>
    sealed class Lookback : Cell
    {
        readonly State h = new();

        protected override void Equations(Input x)
        {
            var g = Gate("g", σ(W * (x[t] * x[t-1]) + new Matrix("V") * x[t-2] + b));
            h[t] = g * h[t-1] + (1 - g) * tanh(W * x[t] + U * h[t-1] + b);
        }
    }

    /// <summary>Products of products, before and inside the loop.</summary>
    sealed class Tower : Cell
    {
        readonly State h = new();

        protected override void Equations(Input x)
        {
            var one = Let("one", tanh(W * x[t] + b));
            var two = Let("two", tanh(W * one + b));
            var up = Gate("up", σ(U * h[t-1] + new Matrix("V", "up") * two));
            h[t] = tanh(U * (up * h[t-1]) + new Matrix("V", "h") * (two * one) + b) + 0.5 * two;
        }
    }

    /// <summary>One matrix in two places, also with one operand twice.</summary>
    sealed class Tied : Cell
    {
        readonly State h = new();
        readonly Matrix shared = new("U", "");

        protected override void Equations(Input x)
        {
            var z = Gate("z", σ(shared * h[t-1] + W * x[t]));
            h[t] = z * tanh(shared * (z * h[t-1]) + W * x[t] + shared * h[t-1]) - 0.25 * h[t-1];
        }
    }

    /// <summary>States of two widths, the shown one a projection (Sak et al. 2014).</summary>
    sealed class Projection : Cell
    {
        readonly State r = new(new Width(5, "P")), c = new();

        protected override void Equations(Input x)
        {
            var i = Gate("i", σ(W * x[t] + U * r[t-1] + b));
            c[t] = (1 - i) * c[t-1] + i * tanh(W * x[t] + U * r[t-1] + b);
            r[t] = new Matrix("P") * tanh(c[t]);
        }
    }

    /// <summary>Division, negation, and the same gate in several places.</summary>
    sealed class Quotient : Cell
    {
        readonly State h = new(), n = new();

        protected override void Equations(Input x)
        {
            var f = Gate("f", σ(U * h[t-1] + W * x[t] + b));
            n[t] = f * n[t-1] * 0.1 + (1 + f);
            h[t] = relu(-(Expr)(W * x[t]) + f * h[t-1]) / n[t] + (U * h[t-1] - f);
        }
    }

    /// <summary>No state is read, and a gate depends on the input alone.</summary>
    sealed class Still : Cell
    {
        readonly State h = new();

        protected override void Equations(Input x)
        {
            var z = Gate("z", σ(W * x[t] + b));
            h[t] = z * (W * x[t]);
        }
    }

    /// <summary>Products that are subtracted.</summary>
    sealed class Negative : Cell
    {
        readonly State h = new();

        protected override void Equations(Input x) => h[t] = tanh(b - (U * h[t-1] + W * x[t] - (0.5 - (Expr)(new Matrix("V") * h[t-1]))));
    }

    /// <summary>A state that is the past of another, and one that is an input.</summary>
    sealed class Delay : Cell
    {
        readonly State h = new(), last = new(), seen = new();

        protected override void Equations(Input x)
        {
            var a = W * x[t] + new Matrix("U", "seen") * seen[t-1];
            seen[t] = h[t-1];
            last[t] = seen[t-1];
            h[t] = tanh(a + new Matrix("U", "last") * last[t-1] + b);
        }
    }

    /// <summary>Parts of the input and of values, at whatever column they begin.</summary>
    sealed class Cut : Cell
    {
        readonly State h = new();

        protected override void Equations(Input x)
        {
            Width half = new((I.Size + 1) / 2, "J"), rest = new(I.Size - half.Size, "K");
            var front = new Slice(x[t], 0, half, rest.Size);
            var back = rest.Size == 0 ? front : (Expr)new Slice(x[t], half.Size, rest, 0);
            var all = Let("all", new Matrix("V") * tanh(new Concat((W * front, H), (U * h[t-1] + b, H))) + new Vector("c", "all"));
            h[t] = tanh(new Matrix("W", "h") * back) + σ(all) * new Slice(new Concat((h[t-1], H), (x[t], I)), 0, H, I.Size);
        }
    }

    /// <summary>A matrix on a state and others on parts of it, one of which begins where it begins.</summary>
    sealed class PartAndWhole : Cell
    {
        readonly State h = new();

        protected override void Equations(Input x)
        {
            Width first = new((H.Size + 1) / 2, "J"), last = new(H.Size - first.Size, "K");
            var back = last.Size == 0 ? h[t-1] : new Slice(h[t-1], first.Size, last, 0);
            var z = Gate("z", σ(W * x[t] + U * h[t-1] + b));
            h[t] = z * tanh(new Matrix("V", "first") * new Slice(h[t-1], 0, first, last.Size) + new Matrix("V", "last") * back) + (1 - z) * h[t-1];
        }
    }

    /// <summary>Concatenations of states, products and numbers, one of them a state itself.</summary>
    sealed class Joined : Cell
    {
        readonly State h = new(), both = new(new Width(5, "B"));

        protected override void Equations(Input x)
        {
            var one = new Width(1, "1");
            both[t] = new Concat((W * x[t], one), (new Slice(both[t-1], 1, new Width(3, "3"), 1), new Width(3, "3")), (0.5, one));
            h[t] = tanh(U * new Concat((h[t-1], H), (both[t], new Width(5, "B")), (x[t-1], I)) + b);
        }
    }

    /// <summary>Means of what waits for a state and of what does not.</summary>
    sealed class Averaged : Cell
    {
        readonly State h = new();

        protected override void Equations(Input x)
        {
            var a = Gate("a", σ(W * x[t] + U * h[t-1] + b));
            var off = Let("off", a - new Mean(a));
            h[t] = off / new Apply(Function.Sqrt, new Mean(off * off) + 0.1) + new Mean(W * x[t]) * new Mean(h[t-1]);
        }
    }

    /// <summary>Has nothing to learn.</summary>
    sealed class Weightless : Cell
    {
        readonly State h = new();

        protected override void Equations(Input x)
        {
            var seen = Let("seen", new Slice(new Concat((x[t], I), (0.25, H)), I.Size, H, 0));
            h[t] = 0.5 * h[t-1] + tanh(seen) * new Mean(h[t-1]) - 1;
        }
    }

    /// <summary>Numbers of the definition in every place: beside states, beneath a matrix, as the whole of a state's start of a step.</summary>
    sealed class Numbered : Cell
    {
        readonly State h = new(), n = new();

        protected override void Equations(Input x)
        {
            var numbers = new ConstantVector("τ", [.. Enumerable.Range(0, H.Size).Select(k => 0.1 + 0.05 * k / H.Size)]);
            n[t] = new ConstantVector("n", [.. Enumerable.Range(0, H.Size).Select(k => k % 3 - 1.0)]);
            h[t] = numbers * h[t-1] + (1 - numbers) * tanh(W * x[t] + U * numbers + n[t-1] / (1 + numbers));
        }
    }

    /// <summary>Shares that wait for a state, shares that do not, and shares of shares.</summary>
    sealed class Shared : Cell
    {
        readonly State h = new();

        protected override void Equations(Input x)
        {
            var a = Gate("a", new Softmax(W * x[t] + U * h[t-1] + b, H));
            var still = Let("still", new Softmax(W * x[t], H));
            h[t] = 0.5 * h[t-1] + a * still - new Softmax(3 * (a - still), H) + tanh(W * x[t]);
        }
    }
}
