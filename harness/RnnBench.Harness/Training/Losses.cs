using RnnBench.Tasks;
using TorchSharp;
using static TorchSharp.torch;

namespace RnnBench.Harness;

/// <summary>Losses of a batch from the model's outputs: what is trained on, and totals for the figures.</summary>
static class Losses
{
    /// <summary>What the sum of losses is divided by to train on, by the setting <c>loss</c>: from the number of targets and the batch size.</summary>
    public static IReadOnlyDictionary<string, Func<long, int, double>> Divisors { get; } = new Dictionary<string, Func<long, int, double>>
    {
        ["mean"]      = (targets, batch) => targets,
        ["sum_steps"] = (targets, batch) => batch,
    };

    /// <summary>The places t * B + b (or b, see <see cref="Readout"/>) that have a target in some group; null where all have.</summary>
    public static long[]? Rows(Batch batch, IEnumerable<string> groups)
    {
        var weights = groups.Select(group => batch.Groups[group]).ToArray();
        var rows = new List<long>(batch.Places);
        for (var row = 0; row < batch.Places; row++)
            foreach (var weight in weights)
                if (weight[row] != 0) { rows.Add(row); break; }
        return rows.Count == batch.Places ? null : [.. rows];
    }

    /// <summary>
    /// The loss of each row: cross-entropy in nats; the squared error, averaged over the O outputs; or the negative log-likelihood of O
    /// independent bits in nats, summed over them.
    /// </summary>
    /// <param name="outputs">[N,O]: scores or values.</param>
    /// <param name="batch">The targets.</param>
    /// <param name="rows">Which rows the outputs belong to; null for all.</param>
    /// <returns>[N].</returns>
    public static Tensor Each(Tensor outputs, Batch batch, long[]? rows)
    {
        return batch switch
        {
            { Labels: not null } => nn.functional.cross_entropy(outputs, Labels(batch, rows).to(outputs.device), reduction: nn.Reduction.None),
            { Targets: { } targets } => (outputs - Wide(targets)).square().mean([1]),
            { Bits: { } bits } => nn.functional.binary_cross_entropy_with_logits(outputs, Wide(bits), reduction: nn.Reduction.None).sum(1),
            _ => throw new ArgumentException("a batch needs labels, targets or bits", nameof(batch)),
        };

        Tensor Wide(float[] all) => Pick(tensor(all).reshape(batch.Places, -1), rows).to(outputs.dtype, outputs.device);
    }

    /// <summary>The labels of rows, [N], on the CPU.</summary>
    public static Tensor Labels(Batch batch, long[]? rows) => Pick(tensor(batch.Labels!, ScalarType.Int64), rows);

    /// <summary>The weights of a group as a tensor [N], of the type and on the device of <paramref name="like"/>.</summary>
    public static Tensor Weights(Batch batch, string group, long[]? rows, Tensor like) =>
        Pick(tensor(batch.Groups[group]), rows).to(like.dtype, like.device);

    /// <summary>The totals of every group, added up in double precision.</summary>
    public static Dictionary<string, Totals> Sum(RowLosses found, Batch batch, long[]? rows)
    {
        using var losses = found.Each.to(ScalarType.Float64);
        using var right = found.Right is { } of ? of().to(ScalarType.Float64) : zeros_like(losses);
        return batch.Groups.Keys.ToDictionary(group => group, group =>
        {
            using var weights = Weights(batch, group, rows, losses);
            return new Totals((long)weights.sum().item<double>(), (losses * weights).sum().item<double>(), (long)(right * weights).sum().item<double>());
        });
    }

    static Tensor Pick(Tensor all, long[]? rows) => rows is null ? all : all.index_select(0, tensor(rows));
}
