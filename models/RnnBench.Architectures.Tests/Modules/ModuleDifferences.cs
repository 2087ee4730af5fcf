using RnnBench.Language;

namespace RnnBench.Architectures.Tests;

/// <summary>Checks the gradients of a module against differences of its own values, along a random direction in each parameter, state and in x.</summary>
static class ModuleDifferences
{
    // The five-point rule: its error is of the order Width^4 = 1e-16, and rounding 1e-16 / Width = 1e-12, both times what a few steps amplify.
    const double Width = 1e-4, Bound = 1e-8;

    public static void Check(ModuleCase one, Random random, NdArray x, Dictionary<string, NdArray> state, NdArray dy, Dictionary<string, NdArray> dLast)
    {
        var parameters = Draw.Parameters(random, one.Model);
        one.Write(parameters);
        var exact = one.Gradients(x, state, dy, dLast);
        Along("x", x);
        foreach (var (name, value) in state) Along($"state.{name}", value);
        foreach (var (name, value) in parameters) Along($"param.{name}", value);

        double Loss()
        {
            one.Write(parameters);
            var result = one.Run(x, state);
            return Dot(new(dy.Shape, result.Output.Data), dy) + dLast.Sum(s => Dot(result.State[s.Key], s.Value));
        }

        void Along(string name, NdArray value)
        {
            var (keep, direction) = ((double[])value.Data.Clone(), Draw.Array(random, value.Shape));
            double At(double step)
            {
                for (var k = 0; k < keep.Length; k++) value.Data[k] = keep[k] + step * direction.Data[k];
                return Loss();
            }
            var difference = (8 * (At(Width) - At(-Width)) - (At(2 * Width) - At(-2 * Width))) / (12 * Width);
            keep.CopyTo(value.Data, 0);
            var gradient = exact[name];
            Assert.Equal(value.Shape, gradient.Shape);
            var scale = Math.Max(1, gradient.Data.Zip(direction.Data, (g, d) => Math.Abs(g * d)).Sum());
            var error = Math.Abs(difference - Dot(gradient, direction)) / scale;
            Assert.True(error <= Bound, $"{one.Model.Text}: d{name} is {Dot(gradient, direction):R} along a direction, by differences {difference:R}; error {error:e2}, bound {Bound:e0}");
        }
    }

    static double Dot(NdArray a, NdArray b) => a.Data.Zip(b.Data, (p, q) => p * q).Sum();
}
