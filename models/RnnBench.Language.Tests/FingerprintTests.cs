using System.Globalization;

namespace RnnBench.Language.Tests;

/// <summary>Models that are written alike and compute something else have another fingerprint.</summary>
public sealed class FingerprintTests
{
    delegate (Expr H, Expr C) Equations(Input x, State h, State c);

    static readonly Equations plain = (x, h, c) => (tanh(W("W") * x[Now] + W("U") * h[Now - 1]), c[Now - 1]);

    static Time Now => new(0);

    static Expr tanh(Expr e) => new Apply(Function.Tanh, e);

    static Expr σ(Expr e) => new Apply(Function.Sigmoid, e);

    static Matrix W(string symbol) => new(symbol, "h");

    static string Of(Equations equations, Func<Settings, IEnumerable<InitialRule>>? initial = null, Func<Settings, IEnumerable<ConstraintRule>>? constraints = null) =>
        Fingerprint.Of(Model.Build([new Architecture("mine", _ => new Small((x, h, c) => equations(x, h, c)))
        {
            Title = "t", Source = "s", Family = "f", Initial = initial ?? (_ => []), Constraints = constraints ?? (_ => []),
        }], Notation.Parse("mine(hidden=4)"), 3));

    [Fact]
    public void Any_edit_changes_it()
    {
        string[] all =
        [
            Of(plain),
            Of((x, h, c) => (σ(W("W") * x[Now] + W("U") * h[Now - 1]), c[Now - 1])),
            Of((x, h, c) => (tanh(W("W") * x[Now] + W("U") * h[Now - 2]), c[Now - 1])),
            Of((x, h, c) => (tanh(W("W") * x[Now] + W("U") * c[Now - 1]), c[Now - 1])),
            Of((x, h, c) => (tanh((Expr)(W("W") * x[Now]) - (W("U") * h[Now - 1])), c[Now - 1])),
            Of((x, h, c) => (0.5 * tanh(W("W") * x[Now] + W("U") * h[Now - 1]), c[Now - 1])),
            Of((x, h, c) => (0.25 * tanh(W("W") * x[Now] + W("U") * h[Now - 1]), c[Now - 1])),
            Of(plain, initial: _ => [new("U*", new Initial.Identity())]),
            Of(plain, initial: _ => [new("U*", new Initial.Identity(0.5))]),
            Of(plain, constraints: _ => [new("U*", new Constraint.Bounded(-1, 1))]),
        ];
        Assert.Equal(all.Length, all.Distinct().Count());
        Assert.All(all, fingerprint => Assert.Matches("^[0-9a-f]{16}$", fingerprint));
    }

    [Fact]
    public void The_same_equations_have_the_same_one_under_every_culture()
    {
        var before = CultureInfo.CurrentCulture;
        try
        {
            var invariant = Of(plain, _ => [new("U*", new Initial.Identity(0.5))]);
            var other = (CultureInfo)CultureInfo.InvariantCulture.Clone();
            (other.NumberFormat.NumberDecimalSeparator, other.NumberFormat.NegativeSign) = (",", "−");
            CultureInfo.CurrentCulture = other;
            Assert.Equal(invariant, Of(plain, _ => [new("U*", new Initial.Identity(0.5))]));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }
}
