using RnnBench.Reports.Data;
using RnnBench.Reports.Documents;
using RnnBench.Reports.Statistics;
using RnnBench.Results;

namespace RnnBench.Reports;

/// <summary>Two models on a task, by its deciding figure.</summary>
/// <param name="Task">The task.</param>
/// <param name="Figure">What is compared, with its unit.</param>
/// <param name="First">The mean of the first on the seeds of both.</param>
/// <param name="Second">The mean of the second.</param>
/// <param name="Low">The lower end of the 95 % BCa interval of the difference.</param>
/// <param name="High">The upper end.</param>
/// <param name="Pairs">How many seeds both have.</param>
/// <param name="P">The exact sign-flip test's p, with Holm's correction over the tasks.</param>
/// <param name="Improvement">The probability that a run of the first is better than one of the second.</param>
/// <param name="Conclusion">better, worse, no difference found, or too few seeds.</param>
public sealed record ModelComparison(string Task, string Figure, double First, double Second, double Low, double High, int Pairs, double P, double Improvement, string Conclusion)
{
    const double Level = 0.05;
    const string Worse = "worse";

    /// <summary>Whether the first is significantly worse.</summary>
    public bool IsWorse => Conclusion == Worse;
    /// <summary>The mean of the first as text.</summary>
    public string FirstText => Format.Significant(First, 4);
    /// <summary>The mean of the second as text.</summary>
    public string SecondText => Format.Significant(Second, 4);
    /// <summary>First minus second with its interval, as text.</summary>
    public string DifferenceText => Interval.Of(First - Second, Low, High).Text;
    /// <summary>The p as text.</summary>
    public string PText => Format.Significant(P, 2);
    /// <summary>The probability of improvement as text.</summary>
    public string ImprovementText => Format.Decimals(Improvement, 2);

    /// <summary>The labels of the models among some runs.</summary>
    public static IReadOnlyList<string> Models(ResultStore store, RunFilter filter) => Loader.Load(store, filter).Labels;

    /// <summary>Compares two models on every task that both ran on with equal seeds.</summary>
    /// <param name="store">Where the runs are.</param>
    /// <param name="filter">Which of them.</param>
    /// <param name="first">A model's label.</param>
    /// <param name="second">Another.</param>
    /// <exception cref="StoreError">The store cannot be read.</exception>
    public static IReadOnlyList<ModelComparison> Of(ResultStore store, RunFilter filter, string first, string second)
    {
        var found = new List<(TaskView Task, PairedComparison Paired, double First, double Second)>();
        foreach (var task in Loader.Load(store, filter).Tasks.Where(task => task.Deciding is not null))
        {
            var (a, b) = (Values(task, first), Values(task, second));
            var seeds = a.Keys.Where(b.ContainsKey).ToArray();
            if (seeds.Length > 0) found.Add((task, PairedComparison.Of(a, b), seeds.Average(s => a[s]), seeds.Average(s => b[s])));
        }
        var adjusted = Adjusted.Holm([.. found.Select(f => f.Paired.P)]);
        return [.. found.Select((f, k) =>
        {
            var lower = f.Task.Deciding!.LowerIsBetter;
            return new ModelComparison(f.Task.Text, f.Task.Deciding.Title, f.First, f.Second, f.Paired.Difference.Low, f.Paired.Difference.High, f.Paired.Pairs, adjusted[k],
                lower ? 1 - f.Paired.Improvement : f.Paired.Improvement,
                adjusted[k] <= Level ? f.First < f.Second == lower ? "better" : Worse
                : f.Paired.CanDecide(found.Count) ? "no difference found" : $"too few seeds (needs {Format.Integer(SignFlip.PairsNeeded(found.Count))})");
        })];
    }

    static IReadOnlyDictionary<long, double> Values(TaskView task, string label) =>
        task.Groups.FirstOrDefault(group => group.Label == label)?.BySeed(task.Deciding!.Metric) ?? new Dictionary<long, double>();
}
