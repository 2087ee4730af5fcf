using RnnBench.Backends.Modules;
using RnnBench.Language;
using static TorchSharp.torch;

namespace RnnBench.Architectures;

/// <summary>
/// A sentence is cut into clauses; one recurrent model reads each clause, a second one reads what the first made of them. It gives one vector for
/// the sentence, the same at every real step.
/// </summary>
/// <remarks>
/// Li, Luong, Jurafsky and Hovy 2015, arXiv 1503.00185, the hierarchical model with which sequence models reach tree models. Where the task does
/// not say what the clauses are, the whole sequence is one.
/// </remarks>
public sealed class PunctuationSplit : Module
{
    const string Clause = "clause.", Sentence = "sentence.";

    /// <summary>Its line of the catalogue.</summary>
    public static Architecture Entry { get; } = new("punctuation-split", (ModelRequest request) => new PunctuationSplit(request))
    {
        Title = "Recurrent model over the clauses of a sentence", Source = "Li et al. 2015", Family = "structured", RewritesInside = true,
        Settings = [Architecture.Hidden, Setting.Choice("cell", "lstm", "the cell of both models", "lstm", "gru", "rnn"), Setting.Flag("bidirectional", true, "both models read in both directions")],
    };

    readonly Stack clause, sentence;

    PunctuationSplit(ModelRequest request) : base(request)
    {
        (string, string)[] settings = [("hidden", $"{Settings.Integer("hidden")}"), ("bidirectional", Settings.Flag("bidirectional") ? "true" : "false")];
        clause = request.Inside(Settings.Choice("cell"), request.InputWidth, settings);
        HasInside(Clause, clause);
        sentence = request.Inside(Settings.Choice("cell"), clause.Output, settings);
        HasInside(Sentence, sentence);
        HasOutput(sentence.Output);
        Equation("u_k = last outputs of clause. over the words of clause k", @"u_k &= \mathrm{clause}(x_{s_k}, \dots, x_{s_{k+1}-1})");
        Equation("y_t = last outputs of sentence. over u_1, u_2, ...", @"y_t &= \mathrm{sentence}(u_1, u_2, \dots)");
    }

    /// <inheritdoc/>
    public override Tensor Run(Pass pass, Tensor x)
    {
        var (steps, batch) = ((int)x.shape[0], (int)x.shape[1]);
        var clauses = Clauses(pass, steps, batch);
        var words = Padded(x.flatten(0, 1), clauses.Select(c => Enumerable.Range(c.Start, c.Length).Select(t => t * batch + c.Member).ToArray()));
        var vectors = Last(pass, Clause, clause, words, clauses.Select(c => c.Length));
        var sentences = clauses.Index().GroupBy(c => c.Item.Member).OrderBy(g => g.Key).Select(g => g.Select(c => c.Index).ToArray()).ToArray();
        return Last(pass, Sentence, sentence, Padded(vectors, sentences), sentences.Select(s => s.Length)).unsqueeze(0).expand(steps, -1, -1);
    }

    /// <summary>The runs of equal numbers among the real steps of each batch member.</summary>
    static List<(int Member, int Start, int Length)> Clauses(Pass pass, int steps, int batch)
    {
        var numbers = pass.Given("clauses") is { } given ? given.to(CPU).to(ScalarType.Int64).data<long>().ToArray() : new long[steps * batch];
        var clauses = new List<(int, int, int)>();
        for (var b = 0; b < batch; b++)
        {
            var (start, end) = (0, pass.Lengths?[b] ?? steps);
            for (var t = 1; t <= end; t++)
                if (t == end || numbers[t * batch + b] != numbers[start * batch + b])
                {
                    clauses.Add((b, start, t - start));
                    start = t;
                }
        }
        return clauses;
    }

    /// <summary>Rows put side by side as sequences [T,B,W], the shorter ones padded with their first row, which nobody reads.</summary>
    static Tensor Padded(Tensor rows, IEnumerable<int[]> sequences)
    {
        var all = sequences.ToArray();
        var steps = all.Max(s => s.Length);
        long[] places = [.. Enumerable.Range(0, steps).SelectMany(t => all.Select(s => (long)s[t < s.Length ? t : 0]))];
        return rows.index_select(0, tensor(places).to(rows.device)).reshape(steps, all.Length, -1);
    }

    /// <summary>The last output [B,O] of each direction of a model inside.</summary>
    static Tensor Last(Pass pass, string prefix, Stack model, Tensor x, IEnumerable<int> lengths)
    {
        int[] all = [.. lengths];
        var y = pass.Inside(prefix, x, change: hooks => hooks with { Lengths = all, RecordGates = false }).Output;
        var (ends, members) = (tensor([.. all.Select(n => n - 1L)]).to(y.device), arange(all.Length, ScalarType.Int64).to(y.device));
        return cat([.. y.split([.. model.OutputParts.Select(part => (long)part.Width)], -1).Zip(model.OutputParts, (part, of) => of.Reversed ? part[0] : part.index([ends, members]))], -1);
    }
}
