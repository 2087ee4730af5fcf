using RnnBench.Language;

namespace RnnBench.Reports.Data;

/// <summary>What a report is made of: the runs that the filter named, and what is known about their tasks, files and machines.</summary>
sealed class ReportData
{
    IReadOnlyList<TaskView>? tasks;

    /// <summary>The runs, by task, model, seed and key.</summary>
    public required IReadOnlyList<Run> Runs { get; init; }
    /// <summary>The figures of each task, the deciding one first.</summary>
    public required ILookup<string, TaskFigure> Figures { get; init; }
    /// <summary>Data files with their SHA-256, by task.</summary>
    public required IReadOnlyList<(string Task, string Name, string Sha256)> Files { get; init; }
    /// <summary>Machines, described in JSON.</summary>
    public required IReadOnlyList<(long Id, string Description)> Machines { get; init; }
    /// <summary>The study that the report is about, if it is about one.</summary>
    public required IReadOnlyList<(string Name, string Definition, string Command)> Studies { get; init; }
    /// <summary>The trials of searches; their runs are not among <see cref="Runs"/>.</summary>
    public IReadOnlyList<Trial> Trials { get; init; } = [];
    /// <summary>The claims that the study tests.</summary>
    public IReadOnlyList<Claim> Claims { get; init; } = [];
    /// <summary>The known architectures, for printing equations.</summary>
    public IReadOnlyList<Architecture> Architectures { get; set; } = [];
    /// <summary>What the study asks, in its own words; "" where it is not known.</summary>
    public string Question { get; set; } = "";
    /// <summary>What the machine of a run can do at most with its type of numbers and its threads, GFLOP/s; NaN where that is not known.</summary>
    public Func<Run, double> Limit { get; set; } = _ => double.NaN;
    /// <summary>The command that writes the report again.</summary>
    public string Command { get; set; } = "";

    /// <summary>The tasks, each with its models.</summary>
    public IReadOnlyList<TaskView> Tasks => tasks ??= Grouping.Tasks(this);

    /// <summary>The models' labels in the order of their series: number k has colour k in every figure.</summary>
    public IReadOnlyList<string> Labels => [.. Tasks.SelectMany(task => task.Groups).OrderBy(group => group.Series).Select(group => group.Label).Distinct()];
}

/// <summary>A task and the models that were trained on it.</summary>
/// <param name="Text">Its canonical notation.</param>
/// <param name="Id">A name for files and anchors, unique in the report: letters, digits and dashes.</param>
/// <param name="Figures">What was measured, the deciding figure first.</param>
/// <param name="Groups">The models.</param>
sealed record TaskView(string Text, string Id, IReadOnlyList<TaskFigure> Figures, IReadOnlyList<Group> Groups)
{
    /// <summary>A short name for tables and plots: without the sizes of the evaluation sets, unless these tell it from another task.</summary>
    public string Label { get; init; } = Text;
    /// <summary>The figure that decides; null where the store does not say which.</summary>
    public TaskFigure? Deciding => Figures.FirstOrDefault(figure => figure.Deciding);
}

/// <summary>Runs that differ in their seed only: one model, one task, one way to train.</summary>
/// <param name="Label">Short, and unique in its task.</param>
/// <param name="Series">The number of the label, which fixes its colour.</param>
/// <param name="Runs">By seed.</param>
sealed record Group(string Label, int Series, IReadOnlyList<Run> Runs)
{
    /// <summary>The first run, for what all have in common.</summary>
    public Run First => Runs[0];
    /// <summary>Those that ended as planned.</summary>
    public IReadOnlyList<Run> Done => [.. Runs.Where(run => run.IsDone)];
    /// <summary>How many diverged.</summary>
    public int Diverged => Runs.Count(run => run.Status == "diverged");
    /// <summary>The last figure on test of each run that ended as planned, by seed.</summary>
    public IReadOnlyDictionary<long, double> BySeed(string metric) => Done.Where(run => double.IsFinite(run.Final(metric, "test")))
        .DistinctBy(run => run.Seed).ToDictionary(run => run.Seed, run => run.Final(metric, "test"));
    /// <summary>The last figures of the runs that ended as planned, on test.</summary>
    public IReadOnlyList<double> Finals(string metric) => [.. Done.Select(run => run.Final(metric, "test")).Where(double.IsFinite)];
}
