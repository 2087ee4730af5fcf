using RnnBench.Language;

namespace RnnBench.Architectures;

/// <summary>The Fourier recurrent unit: cosine-weighted sums of learned features over the whole sequence.</summary>
/// <remarks>
/// Zhang, Lin, Song and Dhillon 2018, ICML, arXiv:1803.06585. As in the authors' code time counts from 0, and frequency 0 is not summed where there
/// are others; mask_zero=false gives the paper's text. The sums of one frequency stand together. Time is a state, so that it goes on over chunks.
/// </remarks>
public sealed class Fru(Function f, SummaryShape shape, IReadOnlyList<double> freqs, int length, int start, bool masked) : Cell
{
    /// <summary>Its line of the catalogue.</summary>
    public static Architecture Entry { get; } = new("fru",
        s => new Fru(Activation.Of(s), SummaryShape.Of(s), Freqs(s), s.Integer("seq_len"), s.Integer("start"), s.Flag("mask_zero")))
    {
        Title = "Fourier recurrent unit",
        Source = "Zhang, Lin, Song and Dhillon 2018, ICML, arXiv:1803.06585",
        Family = "longrange",
        Settings =
        [
            .. SummaryShape.Settings(stats: 10),
            Setting.Reals("freqs", [], "cycles over seq_len; without them 0 and four that grow by a constant factor from 0.25 to a third of seq_len", min: 0),
            Setting.Integer("seq_len", 784, "the length N of the sequences", max: 100_000_000),
            Setting.Flag("mask_zero", true, "whether frequency 0 shows the current features only, where there are others"),
            Setting.Integer("start", 0, "the time of the first input", min: 0, max: 100_000_000),
            Activation.Setting("relu", "tanh", "identity", "sigmoid"),
        ],
        Initial = _ => [new("b*", new Initial.Constant(0)), new("*", new Initial.TruncatedNormal(0.1))],
        Recipes =
        [
            Recipe.Of("zhang", "Zhang et al. 2018, their code", "optimizer=adam learning_rate=0.001 batch=256"),
            Recipe.Of("smnist", "Zhang et al. 2018, their code, K = 60; here the usual frequencies", "optimizer=adam learning_rate=0.005 decay=0.9 decay_every=1000 batch=256 epochs=100 model.hidden=200"),
            Recipe.Of("pmnist", "Zhang et al. 2018, their code, K = 60; here the usual frequencies", "optimizer=adam learning_rate=0.005 decay=0.9 decay_every=1000 clip_norm=1 batch=256 epochs=100 model.hidden=200"),
            Recipe.Of("imdb", "Zhang et al. 2018, their code", "optimizer=adam learning_rate=0.001 decay=0.2 decay_every=1000 clip_norm=1 dropout=0.2 batch=32 epochs=20 embedding=128 model.hidden=128 model.seq_len=300 model.freqs=[0,0.25,1.842,13.572,100]"),
        ],
    };

    readonly State u = new(shape.Bank(freqs.Count)), clock = new(new Width(freqs.Count, "K"));

    Expr? o;

    /// <inheritdoc/>
    protected override void Equations(Input x)
    {
        var K = new Width(freqs.Count, "K");
        var φ = Let("phi", shape.Features(x[t], u[t-1], f, Let));
        clock[t] = clock[t-1] + 1;
        var cycles = new ConstantVector("f/N", [.. freqs.Select(frequency => frequency / length)]) * (clock[t-1] + start) + new Vector("phase", "");
        var c = Let("c", 1.0 / length * new Apply(Function.Cos, 2 * Math.PI * cycles));
        double[] kept = [.. freqs.SelectMany(frequency => Enumerable.Repeat(masked && frequency == 0 && freqs.Count > 1 ? 0.0 : 1, shape.Stats))];
        var before = kept.All(m => m == 1) ? u[t-1] : new ConstantVector("m", kept) * u[t-1];
        u[t] = before + new Spread(c, K, freqs.Count, shape.Stats) * shape.EachTime(φ, freqs.Count);
        o = Let("o", shape.Read(u[t], f, H));
    }

    /// <inheritdoc/>
    protected override Expr? Output => o;

    static IReadOnlyList<double> Freqs(Settings s)
    {
        if (s.Reals("freqs").Count > 0) return s.Reals("freqs");
        var highest = Math.Max(s.Integer("seq_len") / 3.0, 0.5);
        return [0, .. Enumerable.Range(0, 4).Select(k => 0.25 * Math.Pow(highest / 0.25, k / 3.0))];
    }
}
