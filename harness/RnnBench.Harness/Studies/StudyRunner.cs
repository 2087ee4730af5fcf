using System.Globalization;
using System.Text.Json;
using RnnBench.Language;
using RnnBench.Results;

namespace RnnBench.Harness;

/// <summary>
/// Runs what of a study is not yet done: on each task the search of every model, round by round, then the final runs seed by seed, then the models that
/// wait for the mean of a trained gate. Where there are others to work (<see cref="RunOptions.Workforce"/>), the runs of a round are theirs; the same code
/// then finds them done, and carries out itself what they left.
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
    readonly Dictionary<string, RunResult> ahead = [];
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
            Search([.. runs.Where(run => run.IsTrial).Select(run => (run.Task, run.Arm)).Distinct()]);
            var made = runs.Where(run => !run.IsTrial).Select(run => (Run: run, Experiment: Final(run))).Where(f => f.Experiment is not null).ToArray();
            Ahead([.. made.Select(f => f.Experiment!)]);
            foreach (var (run, experiment) in made) Record(run, experiment!);
        }
        return results;
    }

    bool Over => cancel.IsCancellationRequested || (plan.Study.Budget is { } budget && options.Clock.GetElapsedTime(begun) > budget);

    /// <summary>The search of one model on one task.</summary>
    sealed record Tuned(StudyTask Task, string Arm, string Model, RandomSearch Search)
    {
        /// <summary>The trials, the best of the last round first.</summary>
        public IReadOnlyList<int> Trials { get; set; } = [.. Enumerable.Range(1, Search.Trials)];

        public IReadOnlyList<(int Trial, double Share)> Round(int rung) => rung >= Search.Rungs.Count ? []
            : [.. Trials.Take(Search.Rungs[rung].Trials).Select(trial => (trial, Search.Rungs[rung].Share))];
    }

    void Search(IReadOnlyList<(StudyTask Task, string Arm)> asked)
    {
        var searches = asked.Select(a => Model(a.Task, a.Arm) is { } model ? new Tuned(a.Task, a.Arm, model, StudyPlan.SearchOn(plan.Study, a.Task)!) : null).OfType<Tuned>().ToArray();
        for (var rung = 0; rung < searches.Select(s => s.Search.Rungs.Count).DefaultIfEmpty(0).Max(); rung++)
        {
            Ahead([.. searches.SelectMany(s => s.Round(rung).Select(t => Drawn(s, t.Trial, t.Share)))]);
            foreach (var s in searches.Where(s => rung < s.Search.Rungs.Count))
            {
                var scored = s.Round(rung).Select(t => (t.Trial, Score: Trial(s, t.Trial, rung, t.Share))).ToArray();
                if (Over) return;
                s.Trials = [.. scored.OrderBy(t => t.Score).Select(t => t.Trial)];
                if (rung == s.Search.Rungs.Count - 1) Choose(s, s.Trials[0], rung);
            }
        }
    }

    void Choose(Tuned search, int best, int rung)
    {
        chosen[(search.Task, search.Arm)] = new(best, search.Search.Draw(search.Task.Task, best));
        Trial(search, best, rung, 1, isChosen: true);
    }

    Experiment Drawn(Tuned search, int trial, double share) => Known(StudyPlan.Planned(catalogs, plan.Study, search.Task, search.Model, search.Search.Seed,
        plan.Setup with { Probes = ProbePlan.None }, search.Search.Draw(search.Task.Task, trial), share));

    /// <summary>Runs a trial and notes it; its score is the best figure on valid, turned so that less is better, and infinite where it diverged.</summary>
    double Trial(Tuned search, int trial, int rung, double share, bool isChosen = false)
    {
        var experiment = Drawn(search, trial, share);
        if (Over && !IsMade(experiment)) return double.PositiveInfinity;
        var result = isChosen ? null : Train(experiment);
        var row = store.Query(Queries.BestByValid, new RunFilter { Keys = [experiment.Key], Status = [RunStatus.Done] }).Rows.FirstOrDefault();
        var score = row?["valid"] as double?;
        if (result is not { Status: RunStatus.Interrupted })
            store.AddToStudy(study, new StudyEntryRow(search.Arm, experiment.Key, trial, rung, Json(search.Search.Draw(search.Task.Task, trial)), score, isChosen));
        return score is null ? double.PositiveInfinity : (long)row!["lower_is_better"] == 1 ? score.Value : -score.Value;
    }

    /// <summary>A final run as it is to be made; null where its search did not end, or the mean that it waits for is not known.</summary>
    Experiment? Final(PlannedRun run)
    {
        if (Over || (!chosen.ContainsKey((run.Task, run.Arm)) && StudyPlan.SearchOn(plan.Study, run.Task) is not null) || Model(run.Task, run.Arm) is not { } model) return null;
        return Known(StudyPlan.Planned(catalogs, plan.Study, run.Task, model, run.Experiment.Seed, plan.Setup, ChoiceOf(run).Settings));
    }

    Choice ChoiceOf(PlannedRun run) => chosen.GetValueOrDefault((run.Task, run.Arm)) ?? new(null, []);

    void Record(PlannedRun run, Experiment experiment)
    {
        if (Over && !IsMade(experiment)) return;
        Train(experiment);
        var choice = ChoiceOf(run);
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

    /// <summary>Has the runs of a round carried out by others, where there are any, before they are asked for one by one.</summary>
    void Ahead(IReadOnlyList<Experiment> experiments)
    {
        if (options.Workforce is null) return;
        var open = experiments.Distinct().Where(e => options.Force || store.Find(e.Key) is not { Status: RunStatus.Done or RunStatus.Diverged }).ToArray();
        if (open.Length == 0) return;
        var places = open.Select((experiment, i) => (experiment, new Place(results.Count + i + 1, Math.Max(plan.Runs.Count, results.Count + open.Length))));
        foreach (var (key, result) in options.Workforce.Run([.. places], options.Progress, () => Over, cancel)) ahead[key] = result;
    }

    /// <summary>Whether nothing is left to be trained: such a run is noted as the study's even where the study is stopped.</summary>
    bool IsMade(Experiment experiment) => ahead.ContainsKey(experiment.Key) || (!options.Force && store.Find(experiment.Key) is { Status: RunStatus.Done or RunStatus.Diverged });

    RunResult Train(Experiment experiment)
    {
        var result = ahead.Remove(experiment.Key, out var made) ? made
            : trainer.Run(experiment, new Place(results.Count + 1, Math.Max(plan.Runs.Count, results.Count + 1)), cancel);
        results.Add(result);
        return result;
    }

    static string Json(IReadOnlyList<KeyValuePair<string, string>> settings) => JsonSerializer.Serialize(settings.ToDictionary());
}
