using System.Linq.Expressions;
using RnnBench.Backends.Cpu;
using static TorchSharp.torch;

namespace RnnBench.Backends.Measuring;

/// <summary>What the machine itself can do, GFLOP/s; a multiply-add is two.</summary>
public static class Peak
{
    /// <summary>Multiply-adds that never leave the registers: the bound of all arithmetic.</summary>
    /// <param name="dtype">Float32 or Float64.</param>
    /// <param name="threads">How many cores work at once; the figure is that of all together.</param>
    /// <param name="seconds">How long to look for the best.</param>
    public static double Fma(ScalarType dtype, int threads, double seconds = 0.2)
    {
        using var loop = new PeakLoop(dtype, threads);
        return loop.Flops / Timing.Interleaved([loop.Run], seconds)[0].Lowest / 1e6;
    }

    /// <summary>The best product of [rows, depth] with [depth, columns]: libtorch's, or packed with each thread working on its own rows.</summary>
    /// <param name="dtype">Float32 or Float64.</param>
    /// <param name="threads">How many cores.</param>
    /// <param name="rows">Rows of the left matrix.</param>
    /// <param name="depth">What is summed over.</param>
    /// <param name="columns">Columns of the right matrix.</param>
    /// <param name="seconds">How long to look for the best.</param>
    public static double Product(ScalarType dtype, int threads, int rows, int depth, int columns, double seconds = 0.2)
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        var unit = Unit(dtype);
        var (left, right) = (rand(rows, depth, dtype), rand(depth, columns, dtype));
        var share = (rows + threads - 1) / threads;
        var (wide, vectors) = (unit.Pad(columns), MatrixProduct.Vectors(unit, share));
        using Aligned a = new((long)rows * depth * unit.Size + 64), b = new((long)depth * wide * unit.Size), c = new((long)rows * wide * unit.Size);
        a.Clear();
        b.Clear();
        void Packed(int part)
        {
            var (from, to) = Team.Share(rows, part, threads);
            MatrixProduct.Run(unit, new Left(a.Address + (long)from * depth * unit.Size, (long)depth * unit.Size), new Right(b.Address, vectors, 0, depth),
                c.Address + (long)from * wide * unit.Size, (long)wide * unit.Size, to - from, depth, 0, wide / unit.Lanes, wide / unit.Lanes, overwrite: true);
        }
        var times = Timing.Interleaved([() => left.mm(right).Dispose(), () => Team.Run(threads, Packed)], seconds);
        return 2.0 * rows * depth * columns / times.Min(t => t.Lowest) / 1e6;
    }

    internal static VectorUnit Unit(ScalarType dtype) => VectorUnit.Of(dtype == ScalarType.Float32 ? typeof(float) : typeof(double));
}

/// <summary>A piece of work that is nothing but multiply-adds in registers, to be timed between others.</summary>
sealed class PeakLoop : IDisposable
{
    const int Chains = 12;                                         // as many as keep two units of latency 4 or 5 busy
    const long Turns = 200_000;
    readonly Action<long, long> loop;
    readonly Aligned sink;
    readonly int threads;

    public PeakLoop(ScalarType dtype, int threads)
    {
        var unit = Peak.Unit(dtype);
        (this.threads, loop, sink) = (threads, Loop(unit), new Aligned(threads * 256L));
        Flops = 2.0 * unit.Lanes * Chains * Turns * threads;
    }

    /// <summary>Of one run; a multiply-add is two.</summary>
    public double Flops { get; }

    public void Run() => Team.Run(threads, part => loop(sink.Address + part * 256, Turns));

    public void Dispose() => sink.Dispose();

    static Action<long, long> Loop(VectorUnit unit)
    {
        ParameterExpression target = Expression.Variable(typeof(long)), turns = Expression.Variable(typeof(long)), turn = Expression.Variable(typeof(long));
        var chains = Enumerable.Range(0, Chains).Select(i => Expression.Variable(unit.Register, $"x{i}")).ToArray();
        var half = Expression.Variable(unit.Register, "half");
        var step = Expression.Block(chains.Select(x => Expression.Assign(x, unit.MultiplyAdd(x, half, half))));
        var sum = chains.Aggregate((Expression)unit.Number(0), Expression.Add);
        return Expression.Lambda<Action<long, long>>(Expression.Block([turn, half, .. chains],
            [Expression.Assign(half, unit.Number(0.5)), .. chains.Select((x, i) => Expression.Assign(x, unit.Number(i))),
             Emitter.For(turn, turns, Expression.Constant(1L), step), unit.Store(sum, target)]), "peak", [target, turns]).Compile();
    }
}

/// <summary>Copies memory: what it takes to move bytes and compute nothing.</summary>
sealed unsafe class CopyLoop : IDisposable
{
    readonly Aligned source, target;
    readonly long bytes;
    readonly int threads;

    /// <param name="bytes">Read and written together, half and half.</param>
    /// <param name="threads">How many threads, each with a part of its own.</param>
    public CopyLoop(long bytes, int threads)
    {
        (this.bytes, this.threads, source, target) = (bytes, threads, new Aligned(bytes / 2), new Aligned(bytes / 2));
        source.Clear();                                            // pages that nobody has written to are all the same one
    }

    public void Run() => Team.Run(threads, part =>
    {
        var (from, to) = (bytes / 2 * part / threads, bytes / 2 * (part + 1) / threads);
        Buffer.MemoryCopy((void*)(source.Address + from), (void*)(target.Address + from), to - from, to - from);
    });

    public void Dispose()
    {
        source.Dispose();
        target.Dispose();
    }
}
