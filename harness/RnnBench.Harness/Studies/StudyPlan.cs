using RnnBench.Language;
using RnnBench.Tasks.Data;

namespace RnnBench.Harness;

/// <summary>A run of a plan.</summary>
/// <param name="Arm">The model as the study writes it.</param>
/// <param name="Task">The task of the study.</param>
/// <param name="Experiment">What would be run. Where a search chooses its settings, or a gate's mean is not known yet, the run itself will differ in these.</param>
/// <param name="IsTrial">Whether it belongs to the search.</param>
public sealed record PlannedRun(string Arm, StudyTask Task, Experiment Experiment, bool IsTrial);

/// <summary>What a study will run.</summary>
/// <param name="Study">The study, in the size that was asked for.</param>
/// <param name="Runs">Its runs, in order.</param>
/// <param name="Skipped">One line for each task that is left out, with the reason.</param>
public sealed record StudyPlan(StudyFile Study, IReadOnlyList<PlannedRun> Runs, IReadOnlyList<string> Skipped)
{
    /// <summary>The different experiments, in order.</summary>
    public IReadOnlyList<Experiment> Experiments { get; } = [.. Runs.Select(run => run.Experiment).Distinct()];

    /// <summary>What runs it.</summary>
    internal RunSetup Setup { get; init; } = new();

    /// <summary>The models of a task, sets resolved; those that wait for the mean of a trained gate come last.</summary>
    internal static IReadOnlyList<string> Arms(StudyFile study, StudyTask task, Catalogs catalogs) =>
        [.. (task.Models ?? study.Models).SelectMany(model => ModelSets.Expand(model, catalogs.Models)).Distinct().OrderBy(TrainedMean.IsAsked)];

    /// <summary>The search on a task, or null.</summary>
    internal static RandomSearch? SearchOn(StudyFile study, StudyTask task) => task.Search is { } own ? RandomSearch.Read(own, study.Search) : study.Search;

    /// <summary>Brings every run of a study to its canonical form; nothing is run or recorded, and no store is needed.</summary>
    /// <param name="catalogs">What there is to run.</param>
    /// <param name="study">The study.</param>
    /// <param name="size">Its size: smoke, cpu, paper; null as it is written.</param>
    /// <param name="setup">What runs it.</param>
    /// <param name="dataFolder">Where data sets lie, or null.</param>
    /// <exception cref="UserError">A model, task, recipe or setting that there is not; or nothing is left to run.</exception>
    public static StudyPlan Of(Catalogs catalogs, StudyFile study, string? size, RunSetup setup, string? dataFolder)
    {
        var sized = study.In(size);
        var missing = sized.Tasks.Where(task => task.Requires is { } data && !HasData(data, dataFolder)).ToList();
        var all = sized.Tasks.SelectMany(task => Trials(catalogs, sized, task, setup)).Concat(Finals(catalogs, sized, setup)).ToList();
        var kept = all.Where(run => !missing.Contains(run.Task)).ToList();
        if (kept.Count == 0) throw new UserError($"study {study.Name}: the data of all its tasks is missing; see rnnbench data list.");
        return new StudyPlan(sized, kept, [.. missing.Select(task => $"{task.Task} is skipped: the data set {task.Requires} is not there; see rnnbench data list")]) { Setup = setup };
    }

    static IEnumerable<PlannedRun> Trials(Catalogs catalogs, StudyFile study, StudyTask task, RunSetup setup)
    {
        if (SearchOn(study, task) is not { } search) yield break;
        foreach (var arm in Arms(study, task, catalogs))
            foreach (var (trials, share) in search.Rungs)
                for (var trial = 1; trial <= trials; trial++)                 // which of them survive is not known yet: any stands for the others
                    yield return new(arm, task, Planned(catalogs, study, task, arm, search.Seed, setup with { Probes = ProbePlan.None }, search.Draw(task.Task, trial), share), true);
    }

    /// <summary>By seed, then task, then model, so that a study that is stopped has compared what it has run.</summary>
    static IEnumerable<PlannedRun> Finals(Catalogs catalogs, StudyFile study, RunSetup setup) =>
        from seed in study.Tasks.SelectMany(task => task.Seeds ?? study.Seeds).Distinct().Order()
        from task in study.Tasks
        where (task.Seeds ?? study.Seeds).Contains(seed)
        from arm in Arms(study, task, catalogs)
        select new PlannedRun(arm, task, Planned(catalogs, study, task, arm, seed, setup, []), false);

    /// <summary>One experiment of a study.</summary>
    /// <param name="catalogs">What there is to run.</param>
    /// <param name="study">The study, in its size.</param>
    /// <param name="task">One of its tasks.</param>
    /// <param name="arm">The model; <c>mean</c> stands for 0.5 until it is known.</param>
    /// <param name="seed">The seed.</param>
    /// <param name="setup">What runs it.</param>
    /// <param name="drawn">What a search drew.</param>
    /// <param name="share">The share of the full length, for the early rounds of halving; these are not probed.</param>
    internal static Experiment Planned(Catalogs catalogs, StudyFile study, StudyTask task, string arm, long seed, RunSetup setup,
        IReadOnlyList<KeyValuePair<string, string>> drawn, double share = 1)
    {
        try
        {
            var request = study.Request(task, TrainedMean.IsAsked(arm) ? TrainedMean.With(arm, 0.5) : arm, seed, setup, drawn);
            if (study.Match is { } match) request = match.Apply(request, catalogs);
            var experiment = request.Plan(catalogs);
            return share >= 1 ? experiment : experiment with { Training = Shortened(experiment.Training, share) };
        }
        catch (UserError e)
        {
            throw new UserError($"study {study.Name}, {arm} on {task.Task}: {e.Message}", e);
        }
    }

    static Dictionary<string, string> Shortened(IReadOnlyDictionary<string, string> training, double share) => training.ToDictionary(s => s.Key, s =>
        s.Key is "steps" or "epochs" && long.Parse(s.Value, System.Globalization.CultureInfo.InvariantCulture) is > 0 and var length
            ? Math.Max(1, (long)Math.Round(length * share)).ToString(System.Globalization.CultureInfo.InvariantCulture) : s.Value);

    static bool HasData(string set, string? dataFolder)
    {
        var known = DataSets.All.FirstOrDefault(known => known.Id == set)
            ?? throw new UserError($"there is no data set {set}; there are {string.Join(", ", DataSets.All.Select(known => known.Id))}.");
        return dataFolder is not null && known.State(dataFolder).Complete;
    }
}
