using System.Globalization;
using RnnBench.Language;
using RnnBench.Results;
using RnnBench.Tasks.Data;

namespace RnnBench.Harness;

/// <summary>What a study will run.</summary>
/// <param name="Study">The study, in the size that was asked for.</param>
/// <param name="Experiments">Its runs, in order.</param>
/// <param name="Skipped">One line for each task that is left out, with the reason.</param>
public sealed record StudyPlan(StudyFile Study, IReadOnlyList<Experiment> Experiments, IReadOnlyList<string> Skipped);

/// <summary>Plans a study and runs what of it is not yet done.</summary>
/// <param name="catalogs">What there is to run.</param>
/// <param name="store">Where it is recorded.</param>
/// <param name="options">Folders, machine, who watches.</param>
public sealed class StudyRunner(Catalogs catalogs, ResultStore store, RunOptions options)
{
    /// <summary>Brings every run of a study to its canonical form; nothing is run or recorded, and no store is needed.</summary>
    /// <param name="catalogs">What there is to run.</param>
    /// <param name="study">The study.</param>
    /// <param name="size">Its size: smoke, cpu, paper; null as it is written.</param>
    /// <param name="setup">What runs it.</param>
    /// <param name="dataFolder">Where data sets lie, or null.</param>
    /// <exception cref="UserError">A model, task, recipe or setting that there is not; or nothing is left to run.</exception>
    public static StudyPlan Plan(Catalogs catalogs, StudyFile study, string? size, RunSetup setup, string? dataFolder)
    {
        var sized = study.In(size);
        var missing = sized.Tasks.Where(task => task.Requires is { } data && !HasData(data, dataFolder)).ToList();
        var experiments = sized.Requests(setup).Select(run => (run.Task, Experiment: Planned(run.Request))).ToList();
        var kept = experiments.Where(run => !missing.Contains(run.Task)).Select(run => run.Experiment).Distinct().ToList();
        if (kept.Count == 0) throw new UserError($"study {study.Name}: the data of all its tasks is missing; see rnnbench data list.");
        return new StudyPlan(sized, kept, [.. missing.Select(task => $"{task.Task} is skipped: the data set {task.Requires} is not there; see rnnbench data list")]);

        Experiment Planned(ExperimentRequest request)
        {
            try { return request.Plan(catalogs); }
            catch (UserError e) { throw new UserError($"study {study.Name}, {request.Model} on {request.Task}: {e.Message}", e); }
        }
    }

    /// <summary>Runs a plan. Runs that have ended are not made again; a failed or diverged one does not stop the others.</summary>
    /// <param name="plan">From <see cref="Plan"/>.</param>
    /// <param name="command">The command line, for the record.</param>
    /// <param name="cancel">Stops after the current step; the study can be run again and goes on.</param>
    /// <returns>How each run ended, up to where it was stopped.</returns>
    /// <exception cref="UserError">A run cannot begin.</exception>
    /// <exception cref="StoreError">The store cannot be written.</exception>
    public IReadOnlyList<RunResult> Run(StudyPlan plan, string command, CancellationToken cancel)
    {
        foreach (var line in plan.Skipped) options.Progress?.Report(new ProgressEvent.Noted(line));
        var started = options.Clock.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        var id = store.BeginStudy(plan.Study.Name, plan.Study.Text, command, started);
        var trainer = new Trainer(catalogs, store, options);
        var results = new List<RunResult>();
        foreach (var (index, experiment) in plan.Experiments.Index())
        {
            if (cancel.IsCancellationRequested) break;
            results.Add(trainer.Run(experiment, new Place(index + 1, plan.Experiments.Count), cancel));
            store.AddToStudy(id, experiment.Key);
        }
        return results;
    }

    static bool HasData(string set, string? dataFolder)
    {
        var known = DataSets.All.FirstOrDefault(known => known.Id == set)
            ?? throw new UserError($"there is no data set {set}; there are {string.Join(", ", DataSets.All.Select(known => known.Id))}.");
        return dataFolder is not null && known.State(dataFolder).Complete;
    }
}
