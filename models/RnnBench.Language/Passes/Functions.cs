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
        [Function.Identity] = new(a => a,                      (a, y) => 1,           "{0}",                          "{0}"),
    };
}
