using System.Globalization;
using RnnBench.Language;
using RnnBench.Results;
using RnnBench.Tasks;
using TorchSharp;
using static TorchSharp.torch;

namespace RnnBench.Harness;

/// <summary>
/// What a gate is worth to a network that was trained with it: the trained network once more on test, with the gate fixed to 1, to 0 or to its own mean,
/// in all layers, everything else as it was.
/// </summary>
sealed class FixedGates(Catalogs catalogs, Parts parts, Network network, ITaskData data)
{
    /// <summary>Evaluates each gate's fixed forms; a form that leaves nothing of the model is left out.</summary>
    /// <param name="means">The mean of each gate over units, steps and layers.</param>
    /// <param name="step">Steps done.</param>
    /// <param name="into">Where the rows go.</param>
    /// <param name="cancel">Stops between batches.</param>
    public void Look(IReadOnlyDictionary<string, double> means, long step, Recording into, CancellationToken cancel)
    {
        foreach (var (gate, mean) in means)
            foreach (var (name, value) in new (string, double)[] { ("1", 1), ("0", 0), ("mean", Math.Round(mean, 4)) })
                if (Rewritten(gate, value) is { } model)
                    foreach (var (metric, result) in Figures(model, cancel))
                        into.GateFixes.Add(new GateFixRow(step, gate, name, value, metric, result));
    }

    Model? Rewritten(string gate, double value)
    {
        try
        {
            var notation = Notation.Parse(parts.Model.Text);
            return Parts.BuildModel(catalogs, notation with { Ablations = [.. notation.Ablations, string.Create(CultureInfo.InvariantCulture, $"{gate}={value}")] }, parts.Task, parts.Training);
        }
        catch (UserError)
        {
            return null;
        }
    }

    List<KeyValuePair<string, double>> Figures(Model model, CancellationToken cancel)
    {
        using var scope = NewDisposeScope();
        using var runner = catalogs.Runner("auto", model, parts.Device, parts.DType, false);
        var left = model.Parameters.Select(p => p.Name).ToHashSet();
        using (no_grad()) runner.Write(network.Runner.Read().Where(p => left.Contains(p.Key)).ToDictionary());
        var totals = Evaluation.Pass(network, data, Split.Test, cancel, runner);
        return [.. parts.Task.Metrics.Select(metric => KeyValuePair.Create(metric.Name, metric.Of(totals)))];
    }

    /// <summary>The means of the gates at a run's last probe, over layers; empty where it has none.</summary>
    public static IReadOnlyDictionary<string, double> Means(ResultStore store, Experiment experiment)
    {
        var rows = store.Query(Queries.Gates, new RunFilter { Keys = [experiment.Key] }).Rows.Where(row => row["mean"] is double).ToArray();
        return rows.Length == 0 ? new Dictionary<string, double>() : rows.Where(row => (long)row["step"] == rows.Max(r => (long)r["step"]))
            .GroupBy(row => (string)row["gate"]).ToDictionary(gate => gate.Key, gate => gate.Average(row => (double)row["mean"]));
    }
}
