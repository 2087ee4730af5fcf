using RnnBench.Language;
using TorchSharp;
using static TorchSharp.torch;

namespace RnnBench.Harness;

/// <summary>Keeps the parameters of the best validation figure so far, where the setting <c>choose</c> names one; the test is then made with them.</summary>
sealed class KeptBest : IDisposable
{
    const string Value = "value";

    readonly string metric;
    readonly bool lowerIsBetter;
    readonly Dictionary<string, Tensor> kept = [];

    KeptBest(string metric, bool lowerIsBetter) => (this.metric, this.lowerIsBetter) = (metric, lowerIsBetter);

    /// <summary>The value of the setting that keeps none: the last parameters are tested.</summary>
    public const string Last = "last";

    /// <summary>What an experiment keeps; null where it tests the last parameters.</summary>
    /// <exception cref="UserError">The task has no such figure.</exception>
    public static KeptBest? Of(Parts parts)
    {
        var name = parts.Training.Choice("choose");
        if (name == Last) return null;
        var metric = parts.Task.Metrics.FirstOrDefault(m => m.Name == name) ?? throw new UserError(
            $"setting choose={name}: {parts.Task.Text} has no such figure; give {Last}, {string.Join(", ", parts.Task.Metrics.Select(m => m.Name))}.");
        return new KeptBest(metric.Name, metric.LowerIsBetter);
    }

    /// <summary>What is kept, by a name of its own, for a checkpoint.</summary>
    public IReadOnlyDictionary<string, Tensor> Memory => kept;

    /// <summary>Takes over what another of its kind kept.</summary>
    public void Restore(IEnumerable<KeyValuePair<string, Tensor>> saved)
    {
        foreach (var (name, value) in saved) Keep(name, value);
    }

    /// <summary>Looks at a validation; the first of equals is kept.</summary>
    public void See(IReadOnlyDictionary<string, double> figures, IReadOnlyList<Tensor> parameters)
    {
        using var scope = NewDisposeScope();
        var now = figures[$"valid.{metric}"];
        if (double.IsNaN(now) || kept.TryGetValue(Value, out var best) && !Better(now, best.item<double>())) return;
        Keep(Value, tensor(now, ScalarType.Float64));
        foreach (var (place, parameter) in parameters.Index()) Keep(Name(place), parameter.detach());
    }

    /// <summary>Puts the best parameters back in place.</summary>
    public void PutBack(IReadOnlyList<Tensor> parameters)
    {
        using var still = no_grad();
        using var scope = NewDisposeScope();
        if (kept.Count == 0) return;
        foreach (var (place, parameter) in parameters.Index()) parameter.copy_(kept[Name(place)]);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var value in kept.Values) value.Dispose();
    }

    bool Better(double now, double best) => lowerIsBetter ? now < best : now > best;

    void Keep(string name, Tensor value)
    {
        if (kept.Remove(name, out var old)) old.Dispose();
        kept[name] = value.clone().DetachFromDisposeScope();
    }

    static string Name(int place) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{place}");
}
