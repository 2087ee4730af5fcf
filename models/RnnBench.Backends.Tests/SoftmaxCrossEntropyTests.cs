using CsCheck;
using RnnBench.Backends.Cpu;
using TorchSharp;
using static TorchSharp.torch;

namespace RnnBench.Backends.Tests;

/// <summary>The fused loss against a linear layer, log-softmax and cross-entropy of libtorch, gradients by its autograd.</summary>
public sealed class SoftmaxCrossEntropyTests
{
    /// <summary>The losses of the rows, and the weighted sum that is differentiated.</summary>
    delegate (Tensor Losses, Tensor Sum) Loss(Tensor x, Tensor weight, Tensor? bias, Tensor labels, Tensor? weights);

    sealed record Sizes(int Rows, int Width, int Classes, bool Bias = true, double Scale = 1);

    static Loss Fused(int? bits = null, int threads = 2) => (x, w, b, y, weights) =>
        SoftmaxCrossEntropy.Of(x, w, b, y, weights, new CpuOptions { Bits = bits, Threads = threads }) is var found ? (found.Losses, found.Sum) : default;

    static (Tensor, Tensor) Plain(Tensor x, Tensor w, Tensor? b, Tensor y, Tensor? weights)
    {
        var losses = nn.functional.cross_entropy(nn.functional.linear(x, w, b), y, reduction: nn.Reduction.None);
        return (losses, (weights is null ? losses : losses * weights).sum());
    }

    static (Tensor X, Tensor W, Tensor? B, Tensor Y) Draw(Sizes sizes, ScalarType dtype, int seed)
    {
        var random = new Random(seed);
        Tensor Normal(params long[] shape) => tensor([.. Enumerable.Range(0, (int)shape.Aggregate(1L, (p, s) => p * s)).Select(_ => (random.NextDouble() - 0.5) * 2 * sizes.Scale)], shape).to(dtype);
        return (Normal(sizes.Rows, sizes.Width), Normal(sizes.Classes, sizes.Width), sizes.Bias ? Normal(sizes.Classes) : null,
            tensor([.. Enumerable.Range(0, sizes.Rows).Select(_ => (long)random.Next(sizes.Classes))]));
    }

    static Tensor?[] All(Loss loss, (Tensor X, Tensor W, Tensor? B, Tensor Y) at, int seed)
    {
        Tensor Leaf(Tensor t) => t.detach().clone().requires_grad_(true);
        var (x, w, b, random) = (Leaf(at.X), Leaf(at.W), at.B is null ? null : Leaf(at.B), new Random(seed));
        // Some rows weigh nothing, as masked ones do, others different amounts.
        var weights = tensor([.. Enumerable.Range(0, (int)at.Y.shape[0]).Select(r => r % 3 == 1 ? 0 : random.NextDouble() + 0.1)]).to(x.dtype);
        var (losses, sum) = loss(x, w, b, at.Y, weights);
        (sum * 0.7).backward();
        return [losses, sum, x.grad, w.grad, b?.grad];
    }

    static void Check(Sizes sizes, ScalarType dtype, int? bits, int threads, int seed)
    {
        using var scope = NewDisposeScope();
        var at = Draw(sizes, dtype, seed);
        var (expected, actual) = (All(Plain, (at.X.to(ScalarType.Float64), at.W.to(ScalarType.Float64), at.B?.to(ScalarType.Float64), at.Y), seed), All(Fused(bits, threads), at, seed));
        string[] names = ["losses", "sum", "dx", "dW", "db"];
        for (var i = 0; i < names.Length; i++)
        {
            Assert.Equal(expected[i] is null, actual[i] is null);
            if (expected[i] is { } e) Close.Assert(e, actual[i]!, dtype == ScalarType.Float64 ? 1e-10 : i < 2 ? 1e-5 : 1e-4, $"{names[i]} of {sizes}, {dtype}, {bits} bits, {threads} threads");
        }
    }

    public static TheoryData<bool, int> Units => [.. from single in new[] { true, false } from bits in VectorUnit.Widths select (single, bits)];

    [Theory, MemberData(nameof(Units))]
    public void Losses_and_gradients_are_those_of_linear_and_cross_entropy(bool single, int bits) =>
        Gen.Select(Gen.Int[1, 40], Gen.Int[1, 70], Gen.Int[1, 900], Gen.Bool, Gen.Int[1, 3], Gen.Int[0, 1000]).Sample(
            (rows, width, classes, bias, threads, seed) => Check(new Sizes(rows, width, classes, bias), single ? ScalarType.Float32 : ScalarType.Float64, bits, threads, seed),
            iter: 25, seed: "0000000000001", threads: 1);

    [Theory]
    [InlineData(1, 200, 3000)]            // one row
    [InlineData(1500, 7, 1300)]           // several blocks of rows
    [InlineData(200, 9, 10000)]
    [InlineData(2049, 5, 3)]              // fewer classes than a register
    [InlineData(33, 300, 2047)]           // several chunks for each of several threads
    [InlineData(5, 9, 1)]                 // one class: no loss
    public void Blocks_chunks_and_threads_change_nothing(int rows, int width, int classes)
    {
        foreach (var dtype in new[] { ScalarType.Float32, ScalarType.Float64 })
            foreach (var bias in new[] { true, false }) Check(new Sizes(rows, width, classes, bias), dtype, null, 3, seed: 7);
    }

    [Fact]
    public void Large_logits_neither_overflow_nor_lose_the_loss()
    {
        foreach (var dtype in new[] { ScalarType.Float32, ScalarType.Float64 }) Check(new Sizes(20, 30, 500, Scale: 30), dtype, null, 2, seed: 3);
    }

    [Fact]
    public void The_likeliest_class_is_the_first_of_the_largest_logits()
    {
        using var scope = NewDisposeScope();
        var at = Draw(new Sizes(50, 17, 700), ScalarType.Float64, 5);
        var logs = nn.functional.log_softmax(nn.functional.linear(at.X, at.W, at.B), 1);
        foreach (var threads in new[] { 1, 4 })
        {
            var (_, _, likeliest, best) = SoftmaxCrossEntropy.Of(at.X, at.W, at.B, at.Y, null, new CpuOptions { Threads = threads });
            Assert.Equal(logs.argmax(1).data<long>().ToArray(), likeliest.data<long>().ToArray());
            Close.Assert(logs.max(1).values, best, 1e-12, "best");
            // All logits equal, as where all weights start at zero: the first, not whichever is asked for.
            Assert.All(SoftmaxCrossEntropy.Of(at.X, zeros_like(at.W), null, at.Y, null, new CpuOptions { Threads = threads }).Likeliest.data<long>().ToArray(), c => Assert.Equal(0, c));
        }
    }

    [Fact]
    public void The_same_threads_give_the_same_bits_and_no_gradient_changes_no_loss()
    {
        using var scope = NewDisposeScope();
        var at = Draw(new Sizes(61, 33, 2500), ScalarType.Float32, 9);
        var (first, second) = (All(Fused(), at, 1), All(Fused(), at, 1));
        for (var i = 0; i < first.Length; i++) Assert.True(first[i]!.equal(second[i]!).all().item<bool>());
        using var still = no_grad();
        Assert.True(first[0]!.equal(Fused()(at.X, at.W, at.B, at.Y, null).Losses).all().item<bool>());
    }

    [Fact]
    public void Tied_weights_add_both_gradients()
    {
        using var scope = NewDisposeScope();
        var at = Draw(new Sizes(12, 9, 40), ScalarType.Float64, 11);
        Tensor Gradient(Loss loss)
        {
            var w = at.W.detach().clone().requires_grad_(true);
            loss(w.index_select(0, at.Y).tanh(), w, null, at.Y, null).Sum.backward();
            return w.grad!;
        }
        Close.Assert(Gradient(Plain), Gradient(Fused()), 1e-10, "dW");
    }

    [Fact]
    public void What_is_not_finite_is_passed_on()
    {
        using var scope = NewDisposeScope();
        var at = Draw(new Sizes(4, 3, 50), ScalarType.Float32, 13);
        at.X[1, 0] = float.NaN;
        var losses = SoftmaxCrossEntropy.Of(at.X, at.W, at.B, at.Y).Losses.data<float>().ToArray();
        Assert.Equal([false, true, false, false], losses.Select(float.IsNaN));
    }

    [Fact]
    public void No_rows_give_no_losses_and_zero_gradients()
    {
        using var scope = NewDisposeScope();
        var (x, w) = (zeros(0, 3).requires_grad_(true), ones(5, 3).requires_grad_(true));
        var found = SoftmaxCrossEntropy.Of(x, w, null, zeros(0, ScalarType.Int64));
        Assert.Equal([0L], found.Losses.shape);
        found.Sum.backward();
        Assert.Equal(0, w.grad!.abs().sum().item<float>());
    }

    [Fact]
    public void A_row_without_weight_adds_nothing_even_where_it_is_not_finite()
    {
        using var scope = NewDisposeScope();
        var at = Draw(new Sizes(4, 3, 50), ScalarType.Float64, 13);
        var all = at.X.clone();
        all[1, 0] = double.PositiveInfinity;
        var found = SoftmaxCrossEntropy.Of(all, at.W, at.B, at.Y, tensor(new[] { 1.0, 0, 1, 1 }));
        Assert.True(double.IsFinite(found.Sum.item<double>()));
    }

    [Fact]
    public void A_second_backward_pass_adds_the_same_again()
    {
        using var scope = NewDisposeScope();
        var at = Draw(new Sizes(4, 3, 50), ScalarType.Float64, 15);
        var w = at.W.requires_grad_(true);
        var sum = SoftmaxCrossEntropy.Of(at.X, w, at.B, at.Y).Sum;
        sum.backward([], retain_graph: true);
        var once = w.grad!.clone();
        sum.backward();
        Close.Assert(once * 2, w.grad!, 1e-14, "dW");
    }

    [Theory]
    [InlineData(40, 5, 4, 5L)]
    [InlineData(40, 5, 5, 40L)]
    [InlineData(40, 5, 5, -1L)]
    public void What_does_not_fit_is_refused(int classes, int width, int weightWidth, long label)
    {
        using var scope = NewDisposeScope();
        Assert.Throws<ArgumentException>(() => SoftmaxCrossEntropy.Of(zeros(1, width), zeros(classes, weightWidth), null, tensor(new[] { label })));
    }
}
