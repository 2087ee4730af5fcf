using RnnBench.Language;
using static TorchSharp.torch;

namespace RnnBench.Backends.Eager;

/// <summary>What the elementwise functions and operators are in TorchSharp, one row each.</summary>
static class Arithmetic
{
    static readonly Dictionary<Function, Func<Tensor, Tensor>> functions = new()
    {
        [Function.Negate]   = a => a.neg(),
        [Function.Sigmoid]  = a => a.sigmoid(),
        [Function.Tanh]     = a => a.tanh(),
        [Function.Relu]     = a => a.relu(),
        [Function.Step]     = a => a.detach().gt(0).to(a.dtype),
        [Function.Sqrt]     = a => a.sqrt(),
        [Function.Identity] = a => a,
    };

    sealed record Row(Func<double, double, double> Numbers, Func<Tensor, Tensor, Tensor> Tensors,
        Func<Tensor, double, Tensor> Right, Func<double, Tensor, Tensor> Left);

    static readonly Dictionary<Operator, Row> operators = new()
    {
        [Operator.Add]      = new((a, b) => a + b, (a, b) => a.add(b), (a, b) => a.add(b), (a, b) => b.add(a)),
        [Operator.Subtract] = new((a, b) => a - b, (a, b) => a.sub(b), (a, b) => a.sub(b), (a, b) => a - b),
        [Operator.Multiply] = new((a, b) => a * b, (a, b) => a.mul(b), (a, b) => a.mul(b), (a, b) => b.mul(a)),
        [Operator.Divide]   = new((a, b) => a / b, (a, b) => a.div(b), (a, b) => a.div(b), (a, b) => b.reciprocal().mul(a)),
    };

    /// <summary>A function on a tensor.</summary>
    public static Func<Tensor, Tensor> Of(Function function) => functions.TryGetValue(function, out var f) ? f
        : throw new NotSupportedException($"the eager backend does not know the function {function}");

    /// <summary>An operator on two numbers.</summary>
    public static double Of(Operator op, double left, double right) => operators[op].Numbers(left, right);
    /// <summary>An operator on two tensors.</summary>
    public static Func<Tensor, Tensor, Tensor> Of(Operator op) => operators[op].Tensors;
    /// <summary>An operator on a tensor and a number.</summary>
    public static Func<Tensor, Tensor> Of(Operator op, double right) => a => operators[op].Right(a, right);
    /// <summary>An operator on a number and a tensor.</summary>
    public static Func<Tensor, Tensor> Of(double left, Operator op) => b => operators[op].Left(left, b);
}
