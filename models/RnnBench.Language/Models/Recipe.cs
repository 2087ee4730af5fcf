namespace RnnBench.Language;

/// <summary>
/// A named way to train, of a task or of an architecture, as data: settings of the harness and of the model in written form,
/// <c>learning_rate=1</c>, <c>model.hidden=200</c>. What a user gives on the command line comes after and wins.
/// </summary>
/// <param name="Name">Its name: <c>zaremba-small</c>.</param>
/// <param name="Source">Where it comes from, and what of it is not done here.</param>
/// <param name="Settings">The settings, in written form.</param>
public sealed record Recipe(string Name, string Source, IReadOnlyDictionary<string, string> Settings)
{
    /// <summary>The word that asks for the first recipe of the architecture, or for that of the task where the architecture has none.</summary>
    public const string Own = "own";

    /// <summary>
    /// The project's own recipe for an architecture whose authors' rates are for words, and too high where batches are drawn afresh: there it goes
    /// before the others.
    /// </summary>
    public static Recipe ForDrawnBatches { get; } = Of("project", "the project's own, for tasks that draw fresh batches: there the authors' rate for words is too high",
        "optimizer=adam learning_rate=0.001 clip_norm=1");

    /// <summary>The settings written as one text, <c>batch=20 learning_rate=1</c>, for a table of recipes.</summary>
    public static Recipe Of(string name, string source, string settings) => new(name, source,
        settings.Split(' ').Select(pair => pair.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]));

    /// <summary>
    /// The recipe of an architecture for a task: it says how to train, and where it does not say how long, or how large the model is, that is
    /// as the task's own recipe has it.
    /// </summary>
    public Recipe For(Recipe task)
    {
        var (length, all) = (new[] { "steps", "epochs" }, new Dictionary<string, string>(Settings));
        foreach (var (key, value) in task.Settings)
            if (key == "model.hidden" || length.Contains(key) && !length.Any(Settings.ContainsKey)) all.TryAdd(key, value);
        return this with { Settings = all };
    }
}
