using System.Globalization;
using System.Runtime.InteropServices;
using RnnBench.Language;
using TorchSharp;
using static TorchSharp.torch;

namespace RnnBench.Backends.Measuring;

/// <summary>A fused piece of work against the same from the library's parts, forward and backward.</summary>
/// <param name="What">What was measured.</param>
/// <param name="Plain">The library's parts.</param>
/// <param name="Fused">The project's.</param>
/// <param name="Flops">Of the matrix products that both need; 0 where they are not counted.</param>
/// <param name="PlainBytes">The most memory that the parts take beside arguments and gradients; null where the system does not say.</param>
/// <param name="FusedBytes">Likewise.</param>
public sealed record PairTiming(string What, Timing Plain, Timing Fused, double Flops, long? PlainBytes, long? FusedBytes)
{
    /// <summary>How many times faster; medians.</summary>
    public double Ratio => Plain.Median / Fused.Median;
}

/// <summary>Times output layers and language-model steps.</summary>
/// <param name="dtype">Float32 or Float64.</param>
/// <param name="threads">CPU threads.</param>
/// <param name="seconds">For each row.</param>
public sealed partial class OutputBench(ScalarType dtype, int threads, double seconds)
{
    /// <summary>nn.Linear and cross_entropy against the fused loss.</summary>
    /// <param name="rows">N.</param>
    /// <param name="width">H.</param>
    /// <param name="classes">V.</param>
    public PairTiming Output(int rows, int width, int classes)
    {
        set_num_threads(threads);
        using var scope = NewDisposeScope();
        var (x, labels) = (rand(rows, width, dtype).sub(0.5).requires_grad_(), randint(0, classes, [rows], ScalarType.Int64));
        using var linear = nn.Linear(width, classes, dtype: dtype);
        void Plain() => Step(() => nn.functional.cross_entropy(linear.call(x), labels));
        void Fused() => Step(() => SoftmaxCrossEntropy.Of(x, linear.weight!, linear.bias, labels).Sum / rows);
        void Step(Func<Tensor> loss)
        {
            using var inner = NewDisposeScope();
            loss().backward();
            x.grad = linear.weight!.grad = linear.bias!.grad = null;
        }
        Tensor[] all = [x, linear.weight!, linear.bias!];
        var (fusedBytes, plainBytes) = (ExtraBytes(Fused, all), ExtraBytes(Plain, all));
        var times = Timing.Interleaved([Plain, Fused], seconds);
        return new PairTiming(string.Create(CultureInfo.InvariantCulture, $"output {rows} x {width} x {classes}"), times[0], times[1], 6.0 * rows * width * classes, plainBytes, fusedBytes);
    }

    /// <summary>
    /// A whole training step of a language model, embedding, clipping and update included: nn.LSTM, nn.Linear and cross_entropy against a model of
    /// ours and the fused loss.
    /// </summary>
    /// <param name="model">An LSTM; its hidden size is the width of the embedding too.</param>
    /// <param name="steps">T.</param>
    /// <param name="batch">B.</param>
    /// <param name="words">V.</param>
    public PairTiming Step(Stack model, int steps, int batch, int words)
    {
        set_num_threads(threads);
        using var scope = NewDisposeScope();
        var (ids, labels) = (randint(0, words, [steps * batch], ScalarType.Int64), randint(0, words, [steps * batch], ScalarType.Int64));
        using var library = nn.LSTM(model.Input, model.Output, numLayers: model.Layers.Count, dtype: dtype);
        using var runner = Backend.Create(Backend.Auto, model, CPU, dtype);
        var (plain, fused) = (new Words(words, model.Output, dtype), new Words(words, model.Output, dtype));
        using (no_grad())
            foreach (var weight in runner.Trainable) nn.init.uniform_(weight, -0.1, 0.1);
        var arms = new[]
        {
            Arm(plain, [.. library.parameters()], x => nn.functional.cross_entropy(nn.functional.linear(library.call(x).Item1.flatten(0, 1), plain.Weight, plain.Bias), labels)),
            Arm(fused, runner.Trainable, x => SoftmaxCrossEntropy.Of(runner.Run(x).Output.flatten(0, 1), fused.Weight, fused.Bias, labels).Sum / labels.numel()),
        };
        var times = Timing.Interleaved(arms, seconds);
        return new PairTiming(string.Create(CultureInfo.InvariantCulture, $"step {model.Text} {steps} x {batch} x {words}"), times[0], times[1], 0, null, null);

        Action Arm(Words around, IEnumerable<Tensor> inner, Func<Tensor, Tensor> loss)
        {
            Tensor[] all = [around.Embedding, .. inner, around.Weight, around.Bias];
            return () =>
            {
                using var step = NewDisposeScope();
                foreach (var parameter in all) parameter.grad = null;
                loss(around.Embedding.index_select(0, ids).view(steps, batch, -1)).backward();
                using var still = no_grad();
                var norm = all.Sum(p => Math.Pow(p.grad!.norm().ToDouble(), 2));
                var rate = 0.1 * Math.Min(1, 5 / Math.Sqrt(norm));
                foreach (var parameter in all) parameter.add_(parameter.grad!, alpha: -rate);
            };
        }
    }

    /// <summary>What stands around the recurrent part.</summary>
    sealed class Words(int words, int width, ScalarType dtype)
    {
        public Tensor Embedding { get; } = Draw([words, width], dtype);
        public Tensor Weight { get; } = Draw([words, width], dtype);
        public Tensor Bias { get; } = Draw([words], dtype);

        static Tensor Draw(long[] shape, ScalarType dtype) => (rand(shape, dtype) * 0.2 - 0.1).requires_grad_();
    }

    /// <summary>
    /// The most memory that a piece of work takes beyond what there is before and the gradients that it leaves; null where the system does not say. The
    /// least of some tries: the collector takes memory anew now and then, which is not the work's.
    /// </summary>
    static long? ExtraBytes(Action work, IReadOnlyList<Tensor> leaves)
    {
        const int tries = 3;
        const string status = "/proc/self/status";
        if (!OperatingSystem.IsLinux() || !File.Exists("/proc/self/clear_refs")) return null;
        work();
        return Enumerable.Range(0, tries).Min(_ => Try());

        long Try()
        {
            foreach (var leaf in leaves) leaf.grad = null;
            SoftmaxCrossEntropy.Forget();
            GC.Collect();
            GC.WaitForPendingFinalizers();
            _ = Trim(0);
            File.WriteAllText("/proc/self/clear_refs", "5");                    // the peak begins anew (proc(5))
            var before = Kilobytes("VmRSS");
            work();
            return (Kilobytes("VmHWM") - before) * 1024 - leaves.Sum(leaf => leaf.numel() * leaf.element_size());
        }

        static long Kilobytes(string name) => long.Parse(File.ReadLines(status).First(line => line.StartsWith(name, StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture);
    }

    /// <summary>Gives unused memory back to the system.</summary>
    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial int Trim(nint pad);
}
