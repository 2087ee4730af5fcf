using RnnBench.Language;
using RnnBench.Tasks;
using TorchSharp;
using static TorchSharp.torch;

namespace RnnBench.Harness;

/// <summary>Where the vocabulary, sorted by frequency, is cut: c_1 words in the head, then n clusters.</summary>
sealed class Cutoffs
{
    readonly int[] ends;

    /// <param name="parts">The settings, the classes, the width.</param>
    /// <exception cref="UserError">No cutoffs, or some that are no cuts of the vocabulary.</exception>
    public Cutoffs(Parts parts)
    {
        var (given, classes) = (parts.Training.Integers("cutoffs"), parts.Task.Target.Outputs);
        if (parts.Task.Target is not TargetKind.Classes) throw new UserError($"softmax=adaptive: {parts.Task.Text} predicts no classes; use softmax=full.");
        if (parts.Training.Flag("tied")) throw new UserError("tied=true needs softmax=full: an adaptive softmax has several output matrices.");
        if (given.Count == 0 || given.Zip(given.Skip(1)).Any(pair => pair.First >= pair.Second) || given[^1] >= classes)
            throw new UserError(string.Create(System.Globalization.CultureInfo.InvariantCulture,
                $"softmax=adaptive: cutoffs=[{string.Join(',', given)}] must rise and lie below the {classes} classes of {parts.Task.Text}; give --set cutoffs=[2000,10000] or the like."));
        ends = [.. given, classes];
    }

    /// <summary>c_1, the words of the head.</summary>
    public int Head => ends[0];

    /// <summary>n, the number of clusters behind it.</summary>
    public int Clusters => ends.Length - 1;

    /// <summary>The first rank of cluster i = 0 .. n - 1, and its number of words.</summary>
    public (int First, int Count) Cluster(int i) => (ends[i], ends[i + 1] - ends[i]);
}

/// <summary>
/// The adaptive softmax of Grave, Joulin, Cissé, Grangier and Jégou 2017, arXiv 1609.04309: the head holds the most frequent words and one output for
/// each cluster of rarer ones; log p of a word of a cluster is log p of the cluster plus log p inside it, which is computed from H / 4^i numbers, and in
/// training only for the rows whose word is there. No layer has a bias.
/// </summary>
sealed class AdaptiveSoftmax(Parts parts, IReadOnlyDictionary<string, Tensor> own) : OutputLayer(own)
{
    const int Division = 4;

    readonly Cutoffs cutoffs = new(parts);
    long[]? ranks;

    /// <summary>Whether the settings ask for one.</summary>
    public static bool IsAsked(Parts parts) => parts.Training.Choice("softmax") == "adaptive";

    /// <summary>The head and, for each cluster, its projection and its words.</summary>
    public static IReadOnlyList<(string Name, int[] Shape)> ShapesOf(Parts parts, Cutoffs cutoffs)
    {
        var width = parts.Model.Output;
        int Narrow(int i) => Math.Max(1, width / (int)Math.Pow(Division, i + 1));
        return [("output.head", [cutoffs.Head + cutoffs.Clusters, width]), .. Enumerable.Range(0, cutoffs.Clusters).SelectMany(i =>
            new[] { (Projection(i), new[] { Narrow(i), width }), (Words(i), [cutoffs.Cluster(i).Count, Narrow(i)]) })];
    }

    static string Projection(int i) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"output.P_{i + 1}");
    static string Words(int i) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"output.W_{i + 1}");

    Tensor Head => Own["output.head"];

    /// <summary>The ids by falling frequency; where a task does not say, they are taken to be so already.</summary>
    public override void Sort(Func<IReadOnlyList<int>?> byFrequency)
    {
        if (byFrequency() is not { } order) return;
        ranks = new long[order.Count];
        for (var rank = 0; rank < order.Count; rank++) ranks[order[rank]] = rank;
    }

    public override RowLosses Losses(Tensor y, Batch batch, long[]? rows, Tensor? weights)
    {
        var labels = Harness.Losses.Labels(batch, rows).data<long>().ToArray();
        long[] targets = ranks is null ? labels : [.. labels.Select(label => ranks[label])];
        return Of(y, targets, weights);
    }

    /// <summary>The losses of words given by their ranks.</summary>
    public RowLosses Of(Tensor y, long[] targets, Tensor? weights)
    {
        var headLabels = tensor([.. targets.Select(HeadClass)]).to(y.device);
        var head = Softmax(parts, Head.shape[0])(y, Head, null, headLabels, weights);
        var (sum, each) = (head.Sum, head.Each);
        for (var i = 0; i < cutoffs.Clusters; i++)
        {
            var (first, count) = cutoffs.Cluster(i);
            long[] members = [.. targets.Index().Where(t => t.Item >= first && t.Item < first + count).Select(t => (long)t.Index)];
            if (members.Length == 0) continue;
            var at = tensor(members).to(y.device);
            var inside = Inside(i, y.index_select(0, at), [.. members.Select(m => targets[m] - first)], weights?.index_select(0, at));
            (sum, each) = (sum + inside.Sum, each.index_add(0, at, inside.Each, 1));
        }
        return new RowLosses(sum, each, () => Likeliest(y, head.Each, headLabels).eq(tensor(targets).to(y.device)));
    }

    long HeadClass(long rank)
    {
        var cluster = Enumerable.Range(0, cutoffs.Clusters).LastOrDefault(i => rank >= cutoffs.Cluster(i).First, -1);
        return cluster < 0 ? rank : cutoffs.Head + cluster;
    }

    /// <summary>Losses inside a cluster.</summary>
    ClassLosses Inside(int i, Tensor y, long[] targets, Tensor? weights) =>
        Softmax(parts, cutoffs.Cluster(i).Count)(nn.functional.linear(y, Own[Projection(i)]), Own[Words(i)], null, tensor(targets).to(y.device), weights);

    /// <summary>
    /// The rank of the likeliest word of all: the best of the head's words and of each cluster's. The normaliser of the head follows from the loss
    /// and the logit of a label. No word is likelier than its cluster, so that a cluster is looked into only for the rows where that leaves it a chance.
    /// </summary>
    Tensor Likeliest(Tensor y, Tensor headLosses, Tensor headLabels)
    {
        using var still = no_grad();
        var words = Head.narrow(0, 0, cutoffs.Head);
        var normaliser = headLosses + (y * Head.index_select(0, headLabels)).sum(1);
        var clusters = nn.functional.linear(y, Head.narrow(0, cutoffs.Head, cutoffs.Clusters)) - normaliser.unsqueeze(1);
        var found = Softmax(parts, cutoffs.Head)(y, words, null, tensor(new long[y.shape[0]]).to(y.device), null);
        var (rank, logP) = found.Likeliest();
        logP = logP + found.Each + y.matmul(words[0]) - normaliser;
        for (var i = 0; i < cutoffs.Clusters; i++)
        {
            var cluster = clusters.select(1, i);
            var at = cluster.gt(logP).nonzero().flatten();
            if (at.numel() == 0) continue;
            var (inside, share) = Inside(i, y.index_select(0, at), new long[at.numel()], null).Likeliest();
            var (value, before) = (share + cluster.index_select(0, at), logP.index_select(0, at));
            rank = rank.index_copy(0, at, where(value.gt(before), inside + cutoffs.Cluster(i).First, rank.index_select(0, at)));
            logP = logP.index_copy(0, at, maximum(value, before));
        }
        return rank;
    }
}
