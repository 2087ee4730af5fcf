using RnnBench.Language;

namespace RnnBench.Architectures;

/// <summary>The minimal GRU: gate and candidate see the input alone, which leaves a gated linear scan; z = 1 writes.</summary>
/// <remarks>Feng, Tung, Ahmed, Bengio and Hajimirsadeghi 2024, arXiv:2410.01201.</remarks>
public sealed class MinGru(bool log) : Cell
{
    /// <summary>The setting <c>space</c>, of both minimal cells.</summary>
    internal static Setting Space { get; } = Setting.Choice("space", "log", "log: candidates are made positive, so that the scan can be done on logarithms; linear: they are left as they are", "log", "linear");

    /// <summary>The settings of the blocks around both.</summary>
    internal static IReadOnlyList<Setting> Blocks { get; } = [Setting.Flag("block", false, "the paper's residual blocks around each cell"), .. MinBlock.Options];

    /// <summary>Its line of the catalogue.</summary>
    public static Architecture Entry { get; } = new("mingru", s => new MinGru(s.Choice("space") == "log"))
    {
        Title = "Minimal GRU of \"Were RNNs All We Needed?\"",
        Source = "Feng, Tung, Ahmed, Bengio and Hajimirsadeghi 2024, arXiv:2410.01201",
        Family = "fast",
        Settings = [Space, .. Blocks],
        Beyond = MinBlock.For,
        RewritesInside = true,
        Initial = _ => [new("W_*", new Initial.FanIn(1)), new("b_*", new Initial.BiasOfLinear())],
        Recipes =
        [
            Recipe.Of("characters", "Feng et al. 2024, Shakespeare", "batch=64 optimizer=adamw learning_rate=0.001 clip_norm=0.25 dropout=0.2 steps=5000 evaluate_every=25 embedding=384 model.hidden=768 model.layers=3 model.block=true"),
            Recipe.Of("selective-copying", "Feng et al. 2024; of their early stopping only that the best parameters are tested", "batch=64 optimizer=adam learning_rate=1e-4 clip_norm=1 dropout=0.1 steps=400000 choose=loss model.hidden=384 model.layers=3 model.block=true model.expansion=6 model.conv=0 model.mlp=false"),
            LongRange("retrieval", 256, 6), LongRange("listops", 256, 8), LongRange("g-image", 1024, 6),
        ],
    };

    /// <summary>Their recipe for a task of the Long Range Arena: blocks of half the cell's width.</summary>
    static Recipe LongRange(string task, int hidden, int layers) => Recipe.Of(task, "Feng et al. 2024, Long Range Arena", FormattableString.Invariant(
        $"optimizer=adamw learning_rate=0.001 weight_decay=0.05 steps=250000 warmup=0.1 anneal=cosine model.hidden={hidden} model.layers={layers} model.block=true"));

    /// <summary>φ(a): a + 1/2 from 0 on, σ(a) below (Feng et al. 2024, appendix B); the slope at 0 is 1.</summary>
    internal static Expr Positive(Expr a)
    {
        var below = new Apply(Function.Step, -a);
        return below * σ(a) + (1 - below) * (a + 0.5);
    }

    readonly State h = new();

    /// <inheritdoc/>
    protected override void Equations(Input x)
    {
        var z = Gate("z", σ(W * x[t] + b));
        var a = Let("a", new Matrix("W", "n") * x[t] + new Vector("b", "n"));
        var n = Let("n", log ? Positive(a) : a);

        h[t] = (1 - z) * h[t-1] + z * n;
    }
}
