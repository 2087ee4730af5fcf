using RnnBench.Language;
using TorchSharp;
using static TorchSharp.torch;

namespace RnnBench.Harness;

/// <summary>
/// Whether validation still gets better, by the figure of the setting <c>choose</c> or else the task's first: counts plateaus, after which the learning
/// rate falls, and says when patience is at its end.
/// </summary>
sealed class Improvement : IDisposable
{
    const string Name = "counts";

    readonly string metric;
    readonly bool lowerIsBetter;
    readonly int plateau, patience;
    double best = double.NaN;
    int waited, waitedForDecay;
    Tensor? kept;

    /// <param name="parts">The task's figures, and the settings.</param>
    public Improvement(Parts parts)
    {
        var figure = parts.Task.Metrics.FirstOrDefault(m => m.Name == parts.Training.Choice("choose")) ?? parts.Task.Metrics[0];
        (metric, lowerIsBetter, plateau, patience) = (figure.Name, figure.LowerIsBetter, parts.Training.Integer("plateau"), parts.Training.Integer("patience"));
    }

    /// <summary>How often so many evaluations as the setting <c>plateau</c> says have gone by without a better one.</summary>
    public int Plateaus { get; private set; }

    /// <summary>Whether so many have gone by as the setting <c>patience</c> says.</summary>
    public bool IsOver => patience > 0 && waited >= patience;

    /// <summary>Looks at a validation; one that is no number is no better one.</summary>
    public void See(IReadOnlyDictionary<string, double> figures)
    {
        var now = figures[$"valid.{metric}"];
        if (double.IsNaN(best) ? !double.IsNaN(now) : lowerIsBetter ? now < best : now > best) (best, waited, waitedForDecay) = (now, 0, 0);
        else (waited, waitedForDecay) = (waited + 1, waitedForDecay + 1);
        if (plateau == 0 || waitedForDecay < plateau) return;
        (Plateaus, waitedForDecay) = (Plateaus + 1, 0);
    }

    /// <summary>What it remembers, by a name of its own, for a checkpoint; nothing where no rule is asked for.</summary>
    public IReadOnlyDictionary<string, Tensor> Memory
    {
        get
        {
            if (plateau == 0 && patience == 0) return new Dictionary<string, Tensor>();
            kept?.Dispose();
            kept = tensor(new[] { best, waited, waitedForDecay, Plateaus }).DetachFromDisposeScope();
            return new Dictionary<string, Tensor> { [Name] = kept };
        }
    }

    /// <summary>Takes over what another of its kind remembered.</summary>
    public void Restore(IEnumerable<KeyValuePair<string, Tensor>> saved)
    {
        foreach (var (_, value) in saved)
            if (value.cpu().data<double>().ToArray() is [var first, var second, var third, var fourth])
                (best, waited, waitedForDecay, Plateaus) = (first, (int)second, (int)third, (int)fourth);
    }

    /// <inheritdoc/>
    public void Dispose() => kept?.Dispose();
}
