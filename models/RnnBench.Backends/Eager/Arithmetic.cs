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
        [Function.Exp]      = a => a.exp(),
        [Function.Log]      = a => a.log(),
        [Function.Softplus] = a => nn.functional.softplus(a, 1, 50),   // linear from 50 on, where the rest is below the rounding
        [Function.Cos]      = a => a.cos(),
        [Function.Sin]      = a => a.sin(),
        [Function.Hold]     = a => a.detach(),
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
        [Operator.Maximum]  = new(Math.Max, Larger, (a, b) => Larger(a, a.new_full([], b)), (a, b) => Larger(b.new_full([], a), b)),
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

    /// <summary>Each block of the last side several times in a row.</summary>
    public static Tensor Repeat(Tensor a, int blocks, int count)
    {
        long[] outer = a.shape[..^1];
        var inner = a.shape[^1] / blocks;
        return a.reshape([.. outer, blocks, 1, inner]).expand([.. outer, blocks, count, inner]).reshape([.. outer, -1]);
    }

    /// <summary>Blocks of the last side that stand several times in a row, added up.</summary>
    public static Tensor AddUp(Tensor a, int blocks, int count) =>
        a.reshape([.. a.shape[..^1], blocks, count, a.shape[^1] / blocks / count]).sum(-2).reshape([.. a.shape[..^1], -1]);

    /// <summary>The larger of two; where they are equal the derivative is the right one's, as in the equations.</summary>
    static Tensor Larger(Tensor a, Tensor b) => where(a.detach().gt(b.detach()), a, b);
}
