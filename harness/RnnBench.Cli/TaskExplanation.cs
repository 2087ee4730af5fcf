using System.Globalization;
using RnnBench.Language;
using RnnBench.Tasks;

namespace RnnBench.Cli;

/// <summary>What a task is: how it judges, which settings it has, how it may be trained on.</summary>
/// <param name="Task">Its notation.</param>
/// <param name="Title">The name in words.</param>
/// <param name="Source">Authors, year.</param>
/// <param name="Protocol">The evaluation protocol.</param>
/// <param name="Metrics">The figures, the one that decides first.</param>
/// <param name="Baseline">Of the deciding figure, or null.</param>
/// <param name="Solved">Of the deciding figure, or null.</param>
/// <param name="Settings">Its settings and their values here.</param>
/// <param name="Recipes">The ways to train, the default first.</param>
sealed record TaskExplanation(string Task, string Title, string Source, string Protocol, IReadOnlyList<TaskExplanation.Figure> Metrics, double? Baseline, double? Solved,
    IReadOnlyList<TaskExplanation.Value> Settings, IReadOnlyList<Recipe> Recipes)
{
    /// <summary>A figure and its unit.</summary>
    public sealed record Figure(string Name, string Unit);

    /// <summary>A setting, its value, and what it may be where that can be listed.</summary>
    public sealed record Value(string Name, string Text, string Meaning, IReadOnlyList<string> Values);

    /// <summary>Explains a task of the catalogue; null where there is none of that id.</summary>
    /// <exception cref="UserError">A wrong setting.</exception>
    public static TaskExplanation? Of(Notation notation)
    {
        if (Catalog.All.FirstOrDefault(entry => entry.Id == notation.Id) is not { } entry) return null;
        var task = TaskEntry.Build(Catalog.All, notation);
        var written = notation.Settings.ToDictionary(s => s.Key, s => s.Value);
        return new(task.Text, entry.Title, entry.Source, task.Protocol, [.. task.Metrics.Select(m => new Figure(m.Name, m.Unit))], task.Baseline, task.Solved,
            [.. entry.Settings.Select(s => new Value(s.Name, written.GetValueOrDefault(s.Name, s.Default ?? ""), s.Meaning, s.Values))], task.Recipes);
    }

    /// <summary>Prints it.</summary>
    public void Print(TextWriter output)
    {
        output.WriteLine($"{Task}: {Title}\n{Source}\n\n{Protocol}\n");
        output.WriteLine($"Figures: {string.Join(", ", Metrics.Select(m => m.Name == m.Unit ? m.Name : $"{m.Name} ({m.Unit})"))}");
        if (Baseline is { } baseline) output.WriteLine($"Of {Metrics[0].Name}, a model that has learnt only the obvious: {Number(baseline)}");
        if (Solved is { } solved) output.WriteLine($"Of {Metrics[0].Name}, the level that counts as solved: {Number(solved)}");
        Columns.Section(output, "Settings", ["setting", "value", "meaning"], Settings.Select(s => new[] { s.Name, s.Text, s.Meaning + (s.Values.Count > 0 ? $" ({string.Join(", ", s.Values)})" : "") }));
        output.WriteLine("\nRecipes, the first unless --recipe names another");
        foreach (var recipe in Recipes)
            output.WriteLine($"  {recipe.Name}: {recipe.Source}\n    {string.Join(' ', recipe.Settings.Select(s => $"{s.Key}={s.Value}"))}");
    }

    static string Number(double value) => value.ToString("G4", CultureInfo.InvariantCulture);
}
