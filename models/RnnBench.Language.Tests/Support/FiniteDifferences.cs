using RnnBench.Language;

namespace RnnBench.Testing;

/// <summary>
/// Checks the interpreter's derivatives against differences of its own values: along a random direction in each parameter, in x and in each
/// initial state, with a loss that weighs the output and the last states.
/// </summary>
static class FiniteDifferences
{
    // The five-point rule: its error is of the order Width^4 = 1e-16, and rounding 1e-16 / Width = 1e-12, both times what a few steps amplify.
    const double Width = 1e-4, Bound = 1e-8;

    public static void Check(Model model, int steps, int batch, int seed)
    {
        var random = new Random(seed);
        var (parameters, initial, x) = (Draw.Parameters(random, model), Draw.States(random, model, batch), Draw.Array(random, [steps, batch, model.Input]));
        var (dOutput, dLast) = (Draw.Array(random, [steps, batch, model.Output]), Draw.States(random, model, batch));
        foreach (var (name, value) in dLast)
            if (Scaled(model, name)) Array.Clear(value.Data);
        var run = new Interpreter(model);
        run.Write(parameters);
        run.Run(x, initial);
        var exact = run.Backward(dOutput, dLast);

        Along(x, exact.Input, "x");
        foreach (var (name, value) in initial) Along(value, exact.Initial[name], $"state.{name}");
        foreach (var (name, value) in parameters.Where(q => model.Parameters.First(p => p.Name == q.Key).Trained)) Along(value, exact.Parameters[name], name);

        // Where a value is held constant, only the output is known not to depend on it; memories scaled by it do.
        static bool Scaled(Model model, string state) => model.Scans[0].Cell is var cell && cell.Nodes.Any(e => e is Apply { Function: Function.Hold }) && cell.Next[state] != cell.Output;

        double Loss()
        {
            var runner = new Interpreter(model);
            runner.Write(parameters);
            var result = runner.Run(x, initial);
            return Dot(result.Output, dOutput) + dLast.Sum(s => Dot(result.State[s.Key], s.Value));
        }

        void Along(NdArray value, NdArray gradient, string what)
        {
            Assert.Equal(value.Shape, gradient.Shape);
            var (keep, direction) = ((double[])value.Data.Clone(), Draw.Array(random, value.Shape));
            double At(double step)
            {
                for (var k = 0; k < keep.Length; k++) value.Data[k] = keep[k] + step * direction.Data[k];
                return Loss();
            }
            var difference = (8 * (At(Width) - At(-Width)) - (At(2 * Width) - At(-2 * Width))) / (12 * Width);
            keep.CopyTo(value.Data, 0);
            var scale = Math.Max(1, gradient.Data.Zip(direction.Data, (g, d) => Math.Abs(g * d)).Sum());
            var error = Math.Abs(difference - Dot(gradient, direction)) / scale;
            Assert.True(error <= Bound, $"{model.Text}, T={steps}, B={batch}, I={model.Input}, seed {seed}: d{what} is {Dot(gradient, direction):R} along a direction, by differences {difference:R}; error {error:e2}, bound {Bound:e0}");
        }
    }

    static double Dot(NdArray a, NdArray b) => a.Data.Zip(b.Data, (p, q) => p * q).Sum();
}
