using System.Globalization;
using RnnBench.Language;

namespace RnnBench.Architectures;

/// <summary>The recurrent identity network: the identity is a part of the recurrent matrix that is never trained away.</summary>
/// <remarks>Hu, Huber, Anumula and Liu 2018, arXiv:1801.06105; their N(0, 0.001) is read as the standard deviation. Several transitions: RIN-DT.</remarks>
public sealed class Rin(Function f, int transitions) : Cell
{
    /// <summary>Its line of the catalogue.</summary>
    public static Architecture Entry { get; } = new("rin", s => new Rin(Activation.Of(s), s.Integer("transitions")))
    {
        Title = "Recurrent identity network",
        Source = "Hu, Huber, Anumula and Liu 2018, arXiv:1801.06105",
        Family = "longrange",
        Settings =
        [
            Activation.Setting("relu", "tanh", "identity", "sigmoid"),
            Setting.Integer("transitions", 1, "hidden updates in one step, each with its own identity", max: 100),
        ],
        PlusIdentity = "U_*",
        Initial = _ => [new("b_*", new Initial.Constant(0)), new("*", new Initial.Normal(0.001))],
        Recipes =
        [
            Recipe.Of("adding", "Hu et al. 2018, T = 200; 1e-5 for 300 steps, 1e-6 for 400", "optimizer=adam learning_rate=0.0001 clip_norm=100 batch=32"),
            Recipe.Of("smnist", "Hu et al. 2018", "optimizer=rmsprop learning_rate=1e-6 batch=128 epochs=500 model.hidden=100"),
            Recipe.Of("pmnist", "Hu et al. 2018", "optimizer=rmsprop learning_rate=1e-6 batch=128 epochs=500 model.hidden=100"),
        ],
    };

    readonly State h = new();

    /// <inheritdoc/>
    protected override void Equations(Input x)
    {
        Expr next = new Apply(f, W_("") * x[t] + U_("") * h[t-1] + h[t-1] + b_(""));
        foreach (var k in Enumerable.Range(2, transitions - 1).Select(k => k.ToString(CultureInfo.InvariantCulture)))
        {
            var above = Let("a" + k, next);
            next = new Apply(f, U_(k) * above + above + b_(k));
        }
        h[t] = next;
    }

    static Matrix W_(string k) => new("W", "h" + k);
    static Matrix U_(string k) => new("U", "h" + k);
    static Vector b_(string k) => new("b", "h" + k);
}
