using System.Linq.Expressions;
using RnnBench.Language;

namespace RnnBench.Backends.Cpu;

/// <summary>
/// The elementwise functions on registers. The exponential is that of Cody and Waite 1980: x = n log 2 + r with |r| ≤ log(2)/2, and
/// e^x = 2ⁿ e^r with e^r from its Taylor series, whose remainder lies below the rounding. All functions are right to a few units in the
/// last place over their whole range (tanh near 0 included), saturate without overflow, and pass NaN on.
/// </summary>
static class VectorMath
{
    /// <summary>One row a function: its value on a register.</summary>
    public static IReadOnlyDictionary<Function, Func<Emitter, Expression, Expression>> Table { get; } = new Dictionary<Function, Func<Emitter, Expression, Expression>>
    {
        [Function.Negate]   = (to, x) => Expression.Negate(x),
        [Function.Sigmoid]  = Sigmoid,
        [Function.Tanh]     = Tanh,
        [Function.Relu]     = (to, x) => to.Unit.WhereGreater(to.Unit.Number(0), x, to.Unit.Number(0), x),
        [Function.Step]     = (to, x) => to.Unit.WhereGreater(x, to.Unit.Number(0), to.Unit.Number(1), to.Unit.Number(0)),
        [Function.Sqrt]     = (to, x) => to.Unit.Sqrt(x),
        [Function.Exp]      = (to, x) => to.Unit.Call("Exp", x),
        [Function.Log]      = (to, x) => to.Unit.Call("Log", x),
        [Function.Cos]      = (to, x) => to.Unit.Call("Cos", x),
        [Function.Sin]      = (to, x) => to.Unit.Call("Sin", x),
        [Function.Softplus] = Softplus,
        [Function.Hold]     = (to, x) => x,
        [Function.Identity] = (to, x) => x,
    };

    /// <summary>1 / (1 + e^-x).</summary>
    static Expression Sigmoid(Emitter to, Expression x)
    {
        var unit = to.Unit;
        var limit = unit.Number(unit.Element == typeof(float) ? 87 : 708);              // e^limit is still finite
        var above = to.Let(unit.WhereGreater(x, limit, limit, x));
        var bounded = to.Let(unit.WhereGreater(Expression.Negate(limit), above, Expression.Negate(limit), above));
        var (power, rest) = Exponential(to, to.Let(Expression.Negate(bounded)));
        var exponential = to.Let(unit.MultiplyAdd(power, rest, power));
        return Expression.Divide(unit.Number(1), Expression.Add(exponential, unit.Number(1)));
    }

    /// <summary>(e^2x - 1) / (e^2x + 1) of |x|, with e^2x - 1 formed without cancellation.</summary>
    static Expression Tanh(Emitter to, Expression x)
    {
        var unit = to.Unit;
        var limit = unit.Number(unit.Element == typeof(float) ? 10 : 20);               // 1 - tanh lies below the rounding from here on
        var size = to.Let(unit.Abs(x));
        var bounded = to.Let(unit.WhereGreater(size, limit, limit, size));
        var (power, rest) = Exponential(to, to.Let(Expression.Add(bounded, bounded)));
        var above = to.Let(unit.MultiplyAdd(power, rest, Expression.Subtract(power, unit.Number(1))));
        return unit.CopySign(Expression.Divide(above, Expression.Add(above, unit.Number(2))), x);
    }

    /// <summary>e^x of x that are not above 0 but for rounding; below the smallest number with all its bits it stays at that.</summary>
    public static Expression ExponentialOfNegative(Emitter to, Expression x)
    {
        var limit = to.Unit.Number(to.Unit.Element == typeof(float) ? -87 : -708);
        var (power, rest) = Exponential(to, to.Let(to.Unit.WhereGreater(limit, x, limit, x)));
        return to.Unit.MultiplyAdd(power, rest, power);
    }

    /// <summary>max(x, 0) + log(1 + e^-|x|), the logarithm corrected by what its sum lost (Kahan).</summary>
    static Expression Softplus(Emitter to, Expression x)
    {
        var unit = to.Unit;
        var small = to.Let(unit.Call("Exp", Expression.Negate(to.Let(unit.Abs(x)))));
        var sum = to.Let(Expression.Add(unit.Number(1), small));
        var exact = to.Let(Expression.Divide(Expression.Multiply(unit.Call("Log", sum), small), Expression.Subtract(sum, unit.Number(1))));
        var rest = unit.WhereGreater(sum, unit.Number(1), exact, small);
        return Expression.Add(unit.WhereGreater(unit.Number(0), x, unit.Number(0), x), rest);
    }

    /// <summary>2ⁿ and e^r - 1, with e^x = 2ⁿ e^r.</summary>
    static (Expression Power, Expression Less) Exponential(Emitter to, Expression x)
    {
        var unit = to.Unit;
        var single = unit.Element == typeof(float);
        // Adding it rounds to a whole number and leaves n + bias in the low bits of the fraction, from where it is shifted into the exponent.
        var magic = single ? 1.5 * (1 << 23) + 127 : 1.5 * (1L << 52) + 1023;
        // log 2 in two parts, the first short enough that n times it is exact.
        var (high, low) = single ? (0.693359375, -2.12194440e-4) : (6.93145751953125e-1, 1.42860682030941723212e-6);
        var shifted = to.Let(unit.MultiplyAdd(x, unit.Number(1 / Math.Log(2)), unit.Number(magic)));
        var n = to.Let(Expression.Subtract(shifted, unit.Number(magic)));
        var r = to.Let(unit.MultiplyAdd(n, unit.Number(-high), x));
        r = to.Let(unit.MultiplyAdd(n, unit.Number(-low), r));
        Expression series = unit.Number(1 / Factorial(single ? 7 : 13));
        for (var k = single ? 6 : 12; k >= 2; k--) series = to.Let(unit.MultiplyAdd(series, r, unit.Number(1 / Factorial(k))));
        return (to.Let(unit.ToExponent(shifted)), to.Let(unit.MultiplyAdd(Expression.Multiply(r, r), series, r)));
    }

    static double Factorial(int n) => n < 2 ? 1 : n * Factorial(n - 1);
}
