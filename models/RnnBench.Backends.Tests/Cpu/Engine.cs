using RnnBench.Backends.Cpu;
using RnnBench.Language;

namespace RnnBench.Backends.Tests.Cpu;

/// <summary>A random problem for one scan, and what interpreter and compiled engine make of it.</summary>
sealed class Engine
{
    readonly Model model;
    readonly Random random;
    readonly Dictionary<string, NdArray> parameters, initial, final;
    readonly NdArray x, cotangent;

    public Engine(Model model, int steps, int batch, int seed)
    {
        (this.model, random) = (model, new Random(seed));
        x = Draw(1, steps, batch, model.Input);
        cotangent = Draw(1, steps, batch, model.Output);
        // Small enough that nothing explodes over the steps, whatever the cell: then a relative bound means rounding and nothing else.
        parameters = ((Stack)model).Parameters.ToDictionary(q => q.Name, q => Draw(q.Shape.Count == 2 ? 1 / Math.Sqrt(q.Shape[1]) : 0.5, [.. q.Shape]));
        initial = model.States.ToDictionary(s => s.Name, s => Draw(0.5, [.. s.Shape(batch)]));
        final = model.States.ToDictionary(s => s.Name, s => Draw(1, [.. s.Shape(batch)]));
    }

    NdArray Draw(double scale, params int[] shape) => new(shape, [.. Enumerable.Range(0, shape.Aggregate((p, q) => p * q)).Select(_ => (double)(float)(scale * (2 * random.NextDouble() - 1)))]);

    /// <summary>Output, final states, gates and gradients, by name.</summary>
    public Dictionary<string, double[]> Interpreted()
    {
        using var interpreter = new Interpreter(model);
        interpreter.Write(parameters);
        var result = interpreter.Run(x, initial, new RunHooks<NdArray> { RecordGates = true });
        var gradients = interpreter.Backward(cotangent, final);
        return Named([("y", result.Output), .. result.State.Select(s => ("final " + s.Key, s.Value)), .. result.Gates.Select(g => ("gate " + g.Key, g.Value)), ("dx", gradients.Input),
            .. gradients.Initial.Select(s => ("d initial " + s.Key, s.Value)), .. gradients.Parameters.Select(q => ("d" + q.Key, q.Value))]);

        static Dictionary<string, double[]> Named(IEnumerable<(string Name, NdArray Value)> all) => all.ToDictionary(v => v.Name, v => v.Value.Data);
    }

    /// <summary>How many blocks of memory the last compiled runs allocated, together.</summary>
    public int Allocations { get; private set; }

    /// <summary>The same from the compiled engine, for models of one scan.</summary>
    /// <param name="single">Whether it runs in float32.</param>
    /// <param name="options">How.</param>
    /// <param name="times">How often; all but the last only leave their traces in memory.</param>
    /// <param name="lengths">The real steps of each batch member; null for all.</param>
    public Dictionary<string, double[]> Compiled(bool single, CpuOptions options, int times = 1, IReadOnlyList<int>? lengths = null)
    {
        var scan = model.Scans.Single();
        using var program = new ScanProgram(scan.Cell, single ? typeof(float) : typeof(double), scan.Reversed, options);
        using var memory = new Tensors(single);
        var (steps, batch) = (x.Shape[0], x.Shape[1]);
        var weights = memory.New(program.Count);
        foreach (var q in ((Stack)model).Parameters) Numbers.Write(weights + (long)program.Offsets[q.Weight] * program.Size, parameters[q.Name].Data, single);
        var plan = program.Plan(true, true, true);
        var (input, output, gradient, dx, dy) = (memory.New(x), memory.New(cotangent.Data.Length), memory.New(program.Count), memory.New(x.Data.Length), memory.New(cotangent));
        var (last, dInitial) = (model.States.ToDictionary(s => s.Name, s => memory.New(final[s.Name].Data.Length)), model.States.ToDictionary(s => s.Name, s => memory.New(final[s.Name].Data.Length)));
        var gates = plan.Forward.Gates.Select(g => memory.New(steps * batch * g.Width)).ToArray();
        for (var time = 0; time < times; time++)
        {
            var run = new ScanExecution(program, plan, steps, batch, options.Threads ?? 1, lengths);
            run.Forward(new ForwardTensors(input, weights, initial.ToDictionary(s => s.Key, s => memory.New(s.Value)), output, last, gates));
            run.Backward(new BackwardTensors(input, weights, dy, final.ToDictionary(s => s.Key, s => memory.New(s.Value)), dx, dInitial, gradient));
        }
        Allocations = program.Pool.Allocations;
        double[] Read(long address, int count) => Numbers.Read(address, count, single);
        return new Dictionary<string, double[]>([
            new("y", Read(output, cotangent.Data.Length)), new("dx", Read(dx, x.Data.Length)),
            .. last.Select(s => KeyValuePair.Create("final " + s.Key, Read(s.Value, final[s.Key].Data.Length))),
            .. dInitial.Select(s => KeyValuePair.Create("d initial " + s.Key, Read(s.Value, final[s.Key].Data.Length))),
            .. plan.Forward.Gates.Select((g, i) => KeyValuePair.Create("gate " + scan.Prefix + g.Name, Read(gates[i], steps * batch * g.Width))),
            .. ((Stack)model).Parameters.Select(q => KeyValuePair.Create("d" + q.Name, Read(gradient + (long)program.Offsets[q.Weight] * program.Size, q.Count))),
        ]);
    }

    /// <summary>Everything compiled equals everything interpreted, relative to the largest element; names the worst.</summary>
    public void Check(bool single, CpuOptions options, string what)
    {
        var (expected, actual) = (Interpreted(), Compiled(single, options));
        Assert.Equal(expected.Keys.Order(), actual.Keys.Order());
        // Where a gradient is a small difference of large terms, float32 rounds by the size of the terms, not of the difference.
        var terms = single ? 1e-3 * expected.Values.Max(v => v.Max(Math.Abs)) : 0;
        foreach (var (name, values) in expected)
        {
            var scale = values.Max(Math.Abs) is > 1e-30 and var largest ? Math.Max(largest, terms) : 1;
            var worst = Enumerable.Range(0, values.Length).MaxBy(i => double.IsNaN(actual[name][i]) ? double.PositiveInfinity : Math.Abs(actual[name][i] - values[i]));
            var error = Math.Abs(actual[name][worst] - values[worst]) / scale;
            var bound = !single ? 1e-10 : name.StartsWith('d') ? 1e-4 : 1e-5;
            Assert.True(error <= bound, $"{what}: {name}[{worst}] is {actual[name][worst]:R}, expected {values[worst]:R}: {error:E1} of the largest, bound {bound:E1}");
        }
    }

    /// <summary>Tensors in native memory.</summary>
    sealed class Tensors(bool single) : IDisposable
    {
        readonly List<Aligned> all = [];

        public long New(int count)
        {
            all.Add(new Aligned((long)count * (single ? sizeof(float) : sizeof(double))));
            all[^1].Clear();
            return all[^1].Address;
        }

        public long New(NdArray values)
        {
            var address = New(values.Data.Length);
            Numbers.Write(address, values.Data, single);
            return address;
        }

        public void Dispose() => all.ForEach(a => a.Dispose());
    }
}
