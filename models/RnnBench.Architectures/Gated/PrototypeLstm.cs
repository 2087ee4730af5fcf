using RnnBench.Language;

namespace RnnBench.Architectures;

/// <summary>The prototype LSTM: a memory that is written, read and forgotten selectively, with nothing against its growth unless normalised.</summary>
/// <remarks>Pitis 2016, "Written Memories". o is the read gate, used in its own step. Mean and variance run over the units of one batch member.</remarks>
public sealed class PrototypeLstm(string norm) : Cell
{
    /// <summary>Its line of the catalogue.</summary>
    public static Architecture Entry { get; } = new("prototype-lstm", s => new PrototypeLstm(s.Choice("norm")))
    {
        Title = "Prototype LSTM of \"Written Memories\"",
        Source = PseudoLstm.Entry.Source,
        Family = "gated",
        Settings =
        [
            Setting.Choice("norm", "none", "what is done to the new state: nothing, division by √(Var + 1), or that after the mean is taken off", "none", "variance", "centred"),
            .. PseudoLstm.Entry.Settings,
        ],
        Initial = PseudoLstm.Entry.Initial,
        Recipes = [Recipe.Of("project", "the project's own, with the article's first repair: the plain state grows by up to 1 a step, without end where it is carried along a text, whatever the rate and the start",
            "optimizer=adam learning_rate=0.002 clip_norm=1 model.norm=variance")],
    };

    readonly State s = new();

    /// <inheritdoc/>
    protected override void Equations(Input x)
    {
        var i = Gate("i", σ(W * x[t] + U * s[t-1] + b));
        var f = Gate("f", σ(W * x[t] + U * s[t-1] + b));
        var o = Gate("o", σ(W * x[t] + U * s[t-1] + b));
        var g = Let("g", tanh(W * x[t] + U * (o * s[t-1]) + b));

        var a = Let("a", f * s[t-1] + i * g);
        var d = a - new Mean(a);
        Expr N() => (norm == "centred" ? d : a) / new Apply(Function.Sqrt, new Mean(d * d) + 1);
        s[t] = norm == "none" ? a : N();
    }
}
