using System.Globalization;
using RnnBench.Language;
using RnnBench.Tasks;

namespace RnnBench.Harness;

/// <summary>
/// Models of equal size: the hidden size at which the recurrent part has as nearly as possible so many parameters; embedding and output layer do not count.
/// </summary>
/// <param name="Parameters">How many.</param>
public sealed record EqualSize(long Parameters)
{
    const int Most = 8192, Tries = 8;
    const double Tolerance = 0.25;                      // beyond it "at equal size" would not be true

    /// <summary>What was found before, by model, task and the settings that a size may depend on: each trial and seed asks again.</summary>
    readonly System.Collections.Concurrent.ConcurrentDictionary<string, int> found = [];

    /// <summary>Reads <c>params 100k</c>, <c>params 1e6</c>.</summary>
    /// <exception cref="UserError">It is written otherwise.</exception>
    public static EqualSize Parse(string text)
    {
        var digits = text.StartsWith("params ", StringComparison.Ordinal) ? text["params ".Length..].Trim() : "";
        var (number, unit) = digits.Length > 0 && digits[^1] is 'k' or 'M' ? (digits[..^1], digits[^1] == 'k' ? 1e3 : 1e6) : (digits, 1);
        return double.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out var count) && count * unit is >= 1 and <= 1e10 ? new((long)(count * unit))
            : throw new UserError($"match: {text}: write params and how many, such as params 100k.");
    }

    /// <summary>The request with the hidden size that fits best; as it is where the model says its own.</summary>
    /// <exception cref="UserError">The model cannot be built, or no hidden size brings it near.</exception>
    internal ExperimentRequest Apply(ExperimentRequest request, Catalogs catalogs)
    {
        if (Notation.Parse(request.Model).Settings.Any(s => s.Key == "hidden")) return request;
        var shape = request.Settings.Where(s => TrainingSettings.IsOfModel(s.Key) || s.Key == "embedding").Select(s => $"{s.Key}={s.Value}");
        return With(request, found.GetOrAdd(string.Join('|', shape.Prepend(request.Task).Prepend(request.Recipe ?? "").Prepend(request.Model)), _ => Search(request, catalogs)));
    }

    int Search(ExperimentRequest request, Catalogs catalogs)
    {
        var (low, high) = (1, Most);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (Count(middle).Parameters < Parameters) low = middle + 1;
            else high = middle;
        }
        var above = Count(low);
        var below = low > 1 ? Count(low - 1) : above;
        var best = Parameters - below.Parameters < above.Parameters - Parameters ? below : above;
        return Math.Abs(best.Parameters - Parameters) <= Parameters * Tolerance ? best.Hidden : throw new UserError(string.Create(CultureInfo.InvariantCulture,
            $"match: params {Parameters}: the nearest size is hidden={best.Hidden} with {best.Parameters} parameters; set what else makes the model large or small."));

        // Some models take only multiples: the next size that they take stands for those between.
        (int Hidden, long Parameters) Count(int hidden)
        {
            for (var more = 0; ; more++)
            {
                try { return (hidden + more, CountOf(With(request, hidden + more), catalogs)); }
                catch (UserError) when (more < Tries) { }
            }
        }
    }

    static ExperimentRequest With(ExperimentRequest request, int hidden) => request with
    {
        Settings = [.. request.Settings.Where(s => s.Key is not ("model.hidden" or "model?.hidden")), KeyValuePair.Create("model.hidden", hidden.ToString(CultureInfo.InvariantCulture))],
    };

    static long CountOf(ExperimentRequest request, Catalogs catalogs)
    {
        var planned = request.Plan(catalogs);
        var task = TaskEntry.Build(catalogs.Tasks, Notation.Parse(planned.Task));
        return Parts.BuildModel(catalogs, Notation.Parse(planned.Model), task, Settings.Read("training", TrainingSettings.Declared, planned.Training)).Parameters.Sum(p => p.Free);
    }
}
