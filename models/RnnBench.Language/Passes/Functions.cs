namespace RnnBench.Language;

/// <summary>What each elementwise function means, one row a function.</summary>
public static class Functions
{
    /// <param name="Value">The function, on one element in double precision.</param>
    /// <param name="Slope">Its derivative as an expression of the operand and of the function's own value.</param>
    /// <param name="Latex">How it is printed in LaTeX, {0} standing for the operand.</param>
    /// <param name="Plain">How it is printed as plain text.</param>
    public sealed record Row(Func<double, double> Value, Func<Expr, Expr, Expr> Slope, string Latex, string Plain);

    /// <summary>The table.</summary>
    public static IReadOnlyDictionary<Function, Row> Table { get; } = new Dictionary<Function, Row>
    {
        [Function.Negate]   = new(a => -a,                     (a, y) => -1,          "-{0}",                         "-{0}"),
        [Function.Sigmoid]  = new(a => 1 / (1 + Math.Exp(-a)), (a, y) => y * (1 - y), @"\sigma({0})",                 "σ({0})"),
        [Function.Tanh]     = new(Math.Tanh,                   (a, y) => 1 - y * y,   @"\tanh({0})",                  "tanh({0})"),
        [Function.Relu]     = new(a => a > 0 ? a : 0,          (a, y) => new Apply(Function.Step, a), @"\operatorname{{relu}}({0})", "relu({0})"),
        [Function.Step]     = new(a => a > 0 ? 1 : 0,          (a, y) => 0,           "[{0} > 0]",                    "[{0} > 0]"),
        [Function.Sqrt]     = new(Math.Sqrt,                   (a, y) => 0.5 / y,     @"\sqrt{{{0}}}",                "√({0})"),
        [Function.Exp]      = new(Math.Exp,                    (a, y) => y,           @"\exp({0})",                   "exp({0})"),
        [Function.Log]      = new(Math.Log,                    (a, y) => 1 / a,       @"\log({0})",                   "log({0})"),
        [Function.Softplus] = new(a => Math.Max(a, 0) + Log1P(Math.Exp(-Math.Abs(a))), (a, y) => new Apply(Function.Sigmoid, a), @"\operatorname{{softplus}}({0})", "softplus({0})"),
        [Function.Cos]      = new(Math.Cos,                    (a, y) => -new Apply(Function.Sin, a), @"\cos({0})",   "cos({0})"),
        [Function.Sin]      = new(Math.Sin,                    (a, y) => new Apply(Function.Cos, a),  @"\sin({0})",   "sin({0})"),
        [Function.Hold]     = new(a => a,                      (a, y) => 0,           "{0}",                         "{0}"),
        [Function.Identity] = new(a => a,                      (a, y) => 1,           "{0}",                          "{0}"),
    };

    /// <summary>log(1 + a) for a from 0 to 1, exact to the rounding for small a too: Kahan's correction of log(1 + a) by what the sum lost.</summary>
    static double Log1P(double a)
    {
        var sum = 1 + a;
        return sum == 1 ? a : Math.Log(sum) * (a / (sum - 1));
    }
}
