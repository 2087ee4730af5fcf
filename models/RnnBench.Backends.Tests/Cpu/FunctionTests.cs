using System.Runtime.InteropServices;
using RnnBench.Backends.Cpu;
using RnnBench.Language;

namespace RnnBench.Backends.Tests.Cpu;

/// <summary>The elementwise functions of the kernels, against double precision.</summary>
public sealed class FunctionTests
{
    public static TheoryData<Function, bool, int> Cases => [.. from function in Enum.GetValues<Function>()
                                                                from single in new[] { true, false }
                                                                from bits in VectorUnit.Widths
                                                                select (function, single, bits)];

    [Theory, MemberData(nameof(Cases))]
    public void Close_to_double_precision_over_the_whole_range(Function function, bool single, int bits)
    {
        double[] magnitudes = [0, .. Enumerable.Range(-60, 75).Select(e => Math.Pow(2, e / 2.0)), 18.7, 37, 88.5, 120, 700, 720, 1e6, 1e30];
        double[] points = [.. magnitudes, .. magnitudes.Select(m => -m)];
        var actual = Run(function, points, single, bits);
        // A few units in the last place; where the exact value is below the smallest e^-limit only smallness is asked for.
        var (bound, tiny) = single ? (6e-7, 1e-37) : (1e-15, 1e-300);
        for (var i = 0; i < points.Length; i++)
        {
            var expected = Functions.Table[function].Value(single ? (float)points[i] : points[i]);
            if (single) expected = (float)expected;                          // what is too large is infinite
            Assert.True(expected.Equals(actual[i]) || double.IsNaN(expected) && double.IsNaN(actual[i]) || Math.Abs(actual[i] - expected) <= bound * Math.Abs(expected) + tiny, $"{function}({points[i]:R}) is {actual[i]:R}, expected {expected:R}");
        }
    }

    [Theory, MemberData(nameof(Cases))]
    public void A_nan_stays_one(Function function, bool single, int bits)
    {
        if (function == Function.Step) Assert.Equal(0, Run(function, [double.NaN], single, bits)[0]);
        else Assert.True(double.IsNaN(Run(function, [double.NaN], single, bits)[0]));
    }

    static unsafe double[] Run(Function function, double[] points, bool single, int bits)
    {
        var unit = VectorUnit.Of(single ? typeof(float) : typeof(double), bits);
        var kernel = RowKernels.Of(unit, [new Instruction.Load(0), new Instruction.Unary(function, 0), new Instruction.Store(1, 1)], 2);
        var count = unit.Pad(points.Length);
        using Aligned source = new(count * unit.Size), target = new(count * unit.Size);
        source.Clear();
        Numbers.Write(source.Address, points, single);
        long* table = stackalloc long[4] { source.Address, 0, target.Address, 0 };
        kernel((long)table, 1, (long)count * unit.Size);
        return Numbers.Read(target.Address, points.Length, single);
    }
}

/// <summary>Numbers in native memory.</summary>
static unsafe class Numbers
{
    public static void Write(long address, ReadOnlySpan<double> values, bool single)
    {
        for (var i = 0; i < values.Length; i++)
        {
            if (single) ((float*)address)[i] = (float)values[i];
            else ((double*)address)[i] = values[i];
        }
    }

    public static double[] Read(long address, int count, bool single)
    {
        var values = new double[count];
        for (var i = 0; i < count; i++) values[i] = single ? ((float*)address)[i] : ((double*)address)[i];
        return values;
    }
}
