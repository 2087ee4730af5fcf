using RnnBench.Language;
using RnnBench.Tasks;
using TorchSharp;
using static TorchSharp.torch;

namespace RnnBench.Harness;

/// <summary>One pass over a part of the data, without dropout and without gradients.</summary>
static class Evaluation
{
    /// <summary>The totals of every group.</summary>
    /// <param name="network">The network.</param>
    /// <param name="data">The data of its task.</param>
    /// <param name="split">Which part.</param>
    /// <param name="cancel">Stops between batches.</param>
    /// <param name="runner">Another recurrent part in place of the network's own; null for its own.</param>
    /// <param name="figures">Takes what runs say of themselves, as sums over steps and their number; null where nobody asks.</param>
    /// <exception cref="OperationCanceledException">The user asked to stop.</exception>
    public static Dictionary<string, Totals> Pass(Network network, ITaskData data, Split split, CancellationToken cancel, ISequenceRunner<Tensor>? runner = null,
        Dictionary<string, (double Sum, long Steps)>? figures = null)
    {
        using var still = no_grad();
        using var carried = new CarriedState();
        var totals = new Dictionary<string, Totals>();
        foreach (var batch in data.Evaluation(split))
        {
            cancel.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            var rows = Losses.Rows(batch, batch.Groups.Keys);
            var prediction = network.Run(batch, rows, carried.Before(batch), runner: runner);
            carried.Keep(prediction.Run.State);
            foreach (var (name, (mean, steps)) in prediction.Run.Figures)
                if (figures is not null) figures[name] = (figures.GetValueOrDefault(name).Sum + mean * steps, figures.GetValueOrDefault(name).Steps + steps);
            foreach (var (group, sum) in Losses.Sum(network.Losses(prediction.Read, batch, rows), batch, rows))
                totals[group] = totals.GetValueOrDefault(group) + sum;
        }
        return totals;
    }
}

/// <summary>The state that goes on from batch to batch, without its history.</summary>
sealed class CarriedState : IDisposable
{
    /// <summary>By state name; empty at the start.</summary>
    public IReadOnlyDictionary<string, Tensor> Values { get; private set; } = new Dictionary<string, Tensor>();

    /// <summary>The state before a batch; null where it starts from zeros.</summary>
    public IReadOnlyDictionary<string, Tensor>? Before(Batch batch) => batch.StartsFresh || Values.Count == 0 ? null : Values;

    /// <summary>Takes over copies of the values.</summary>
    public void Keep(IEnumerable<KeyValuePair<string, Tensor>> state)
    {
        var kept = state.ToDictionary(s => s.Key, s => s.Value.detach().clone().DetachFromDisposeScope());
        Dispose();
        Values = kept;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var value in Values.Values) value.Dispose();
        Values = new Dictionary<string, Tensor>();
    }
}
