using System.Globalization;
using System.Text.Json;
using RnnBench.Language;
using RnnBench.Results;

namespace RnnBench.Harness;

/// <summary>
/// Runs what of a study is not yet done: on each task the search of every model, then the final runs seed by seed, then the models that wait for the mean
/// of a trained gate.
/// </summary>
/// <param name="catalogs">What there is to run.</param>
/// <param name="store">Where it is recorded.</param>
/// <param name="options">Folders, machine, who watches.</param>
public sealed class StudyRunner(Catalogs catalogs, ResultStore store, RunOptions options)
{
    readonly Trainer trainer = new(catalogs, store, options);
    readonly List<RunResult> results = [];
    readonly Dictionary<(StudyTask, string Arm), Choice> chosen = [];
    readonly Dictionary<(StudyTask, string Arm), List<string>> finals = [];
    StudyPlan plan = null!;
    CancellationToken cancel;
    long study, begun;

    /// <summary>What the search chose: the trial and its settings.</summary>
    sealed record Choice(int? Trial, IReadOnlyList<KeyValuePair<string, string>> Settings);

    /// <summary>Runs a plan. Runs that have ended are not made again; a failed or diverged one does not stop the others.</summary>
    /// <param name="planned">From <see cref="StudyPlan.Of"/>.</param>
    /// <param name="command">The command line, for the record.</param>
    /// <param name="stop">Stops after the current step; the study can be run again and goes on.</param>
    /// <returns>How each run ended, up to where it was stopped.</returns>
    /// <exception cref="UserError">A run cannot begin.</exception>
    /// <exception cref="StoreError">The store cannot be written.</exception>
    public IReadOnlyList<RunResult> Run(StudyPlan planned, string command, CancellationToken stop)
    {
        (plan, cancel, begun) = (planned, stop, options.Clock.GetTimestamp());
        foreach (var line in plan.Skipped) options.Progress?.Report(new ProgressEvent.Noted(line));
        study = store.BeginStudy(plan.Study.Name, plan.Study.Text, command, options.Clock.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
        var tasks = plan.Runs.Select(run => run.Experiment.Task).Distinct().ToArray();
        store.AddClaims(study, [.. plan.Study.Claims.Select(claim => claim.On(tasks, catalogs)).Select(claim => new ClaimRow(claim.Id, claim.Statement, claim.Source, claim.Rule))]);
        foreach (var waits in new[] { false, true })
        {
            var runs = plan.Runs.Where(run => TrainedMean.IsAsked(run.Arm) == waits).ToArray();
            foreach (var (task, arm) in runs.Where(run => run.IsTrial).Select(run => (run.Task, run.Arm)).Distinct()) Search(task, arm);
            foreach (var run in runs.Where(run => !run.IsTrial)) Final(run);
        }
        return results;
    }

    bool Over => cancel.IsCancellationRequested || (plan.Study.Budget is { } budget && options.Clock.GetElapsedTime(begun) > budget);

    void Search(StudyTask task, string arm)
    {
        var search = StudyPlan.SearchOn(plan.Study, task)!;
        if (Model(task, arm) is not { } model) return;
        var alive = Enumerable.Range(1, search.Trials).ToArray();
        foreach (var (rung, (keep, share)) in search.Rungs.Index())
        {
            var scored = alive.Take(keep).Select(trial => (Trial: trial, Score: Trial(task, arm, model, search, trial, rung, share))).ToArray();
            if (Over) return;
            alive = [.. scored.OrderBy(t => t.Score).Select(t => t.Trial)];
        }
        var best = alive[0];
        chosen[(task, arm)] = new(best, search.Draw(task.Task, best));
        Trial(task, arm, model, search, best, search.Rungs.Count - 1, 1, isChosen: true);
    }

    /// <summary>Runs a trial and notes it; its score is the best figure on valid, turned so that less is better, and infinite where it diverged.</summary>
    double Trial(StudyTask task, string arm, string model, RandomSearch search, int trial, int rung, double share, bool isChosen = false)
    {
        if (Over) return double.PositiveInfinity;
        var drawn = search.Draw(task.Task, trial);
        var experiment = Known(StudyPlan.Planned(catalogs, plan.Study, task, model, search.Seed, plan.Setup with { Probes = ProbePlan.None }, drawn, share));
        var result = isChosen ? null : Train(experiment);
        var row = store.Query(Queries.BestByValid, new RunFilter { Keys = [experiment.Key], Status = [RunStatus.Done] }).Rows.FirstOrDefault();
        var score = row?["valid"] as double?;
        if (result is not { Status: RunStatus.Interrupted })
            store.AddToStudy(study, new StudyEntryRow(arm, experiment.Key, trial, rung, Json(drawn), score, isChosen));
        return score is null ? double.PositiveInfinity : (long)row!["lower_is_better"] == 1 ? score.Value : -score.Value;
    }

    void Final(PlannedRun run)
    {
        var choice = chosen.GetValueOrDefault((run.Task, run.Arm));
        if (Over || (choice is null && StudyPlan.SearchOn(plan.Study, run.Task) is not null) || Model(run.Task, run.Arm) is not { } model) return;
        choice ??= new(null, []);
        var experiment = Known(StudyPlan.Planned(catalogs, plan.Study, run.Task, model, run.Experiment.Seed, plan.Setup, choice.Settings));
        Train(experiment);
        store.AddToStudy(study, new StudyEntryRow(run.Arm, experiment.Key, choice.Trial, null, Json(choice.Settings), null, false));
        if (!finals.TryGetValue((run.Task, run.Arm), out var keys)) finals[(run.Task, run.Arm)] = keys = [];
        keys.Add(experiment.Key);
    }

    /// <summary>The model of an arm; null, with a note, where the mean that it waits for is not known.</summary>
    string? Model(StudyTask task, string arm)
    {
        if (!TrainedMean.IsAsked(arm)) return arm;
        if (finals.TryGetValue((task, TrainedMean.Base(arm)), out var keys) && TrainedMean.Of(store, arm, keys) is { } mean) return TrainedMean.With(arm, mean);
        options.Progress?.Report(new ProgressEvent.Noted($"{arm} on {task.Task} is skipped: no run of {TrainedMean.Base(arm)} in this study has recorded that gate"));
        return null;
    }

    Experiment Known(Experiment experiment) => options.Force ? experiment : experiment.As(store);

    RunResult Train(Experiment experiment)
    {
        var result = trainer.Run(experiment, new Place(results.Count + 1, Math.Max(plan.Runs.Count, results.Count + 1)), cancel);
        results.Add(result);
        return result;
    }

    static string Json(IReadOnlyList<KeyValuePair<string, string>> settings) => JsonSerializer.Serialize(settings.ToDictionary());
}
