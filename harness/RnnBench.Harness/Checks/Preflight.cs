using System.Globalization;
using RnnBench.Language;

namespace RnnBench.Harness;

/// <summary>Finds what would keep a run from beginning, before a store is opened or a file is made.</summary>
public static class Preflight
{
    /// <summary>Weights, gradients and the two moments of Adam.</summary>
    const int Copies = 4;

    /// <summary>Builds each model, reads each data set and asks each backend once, and lets go of them again.</summary>
    /// <param name="catalogs">What there is to run.</param>
    /// <param name="experiments">What is to be run.</param>
    /// <param name="dataFolder">Where data sets lie, or null.</param>
    /// <exception cref="UserError">A file is missing or damaged, a model does not fit in memory, a backend cannot do a model, a setting does not fit its task.</exception>
    public static void Check(Catalogs catalogs, IEnumerable<Experiment> experiments, string? dataFolder)
    {
        foreach (var experiment in experiments.DistinctBy(e => e with { Seed = 0 }))
        {
            var parts = Parts.Of(catalogs, experiment);
            DemandMemory(parts, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
            using var data = parts.Open(parts.Training.Integer("batch"), "data", dataFolder);
            _ = new Cadence(parts.Training, experiment.Probes, data.BatchesPerEpoch);
            catalogs.Runner(experiment.Backend, parts.Model, parts.Device, parts.DType, false).Dispose();
        }
    }

    static void DemandMemory(Parts parts, long available)
    {
        var count = parts.Model.Parameters.Sum(p => (long)p.Count) + (parts.Vocabulary ?? 0L) * parts.Model.Input + OutputLayer.ShapesOf(parts).Sum(p => p.Shape.Aggregate(1L, (product, side) => product * side));
        var bytes = count * (parts.DType == TorchSharp.torch.ScalarType.Float64 ? 8 : 4) * Copies;
        if (bytes > available)
            throw new UserError(string.Create(CultureInfo.InvariantCulture,
                $"{parts.Model.Text} on {parts.Task.Text} has {count:N0} parameters: {Gib(bytes)} with gradients and optimiser, and there are {Gib(available)}.\nChoose a smaller hidden or fewer layers."));
    }

    static string Gib(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1L << 30):F1} GiB");
}
