namespace RnnBench.Results;

/// <summary>
/// The queries that every number of a report comes from: <c>store.Query(Queries.Curves, new RunFilter { Study = "smoke" })</c>. Columns and
/// their meaning stand here, the SQL in the folder Sql. Rows are in a fixed order: by task, model, seed and key, then as <see cref="StoredQuery.Rows"/> says.
/// </summary>
public static class Queries
{
    static readonly QueryColumn[] run =
    [
        Text("run",   "key of the run"),
        Text("model", "model, in canonical notation"),
        Text("task",  "task, in canonical notation"),
        Whole("seed", "root seed"),
    ];

    /// <summary>The runs and how they stand.</summary>
    public static StoredQuery Runs { get; } = new("Runs", "a run",
    [
        .. run,
        Text("recipe",              "recipe"),
        Text("status",              "running, done, diverged, failed or interrupted"),
        Text("message",             "why it ended, where it did not end well"),
        Text("path",                "what ran it"),
        Text("device",              "device"),
        Text("dtype",               "type of numbers"),
        Whole("threads",            "threads"),
        Whole("parameters",         "parameters of the recurrent part"),
        Whole("parameters_outside", "parameters of embedding and output layer"),
        Whole("flops",              "of the recurrent part, a step and batch member, forward"),
        Whole("steps",              "optimiser steps done"),
        Real("seconds",             "time in training steps, without evaluation and probes"),
        Text("started",             "ISO 8601, UTC"),
        Text("ended",               "ISO 8601, UTC; null while it runs"),
        Whole("machine",            "id of the machine"),
        Text("experiment",          "canonical JSON of what determines the run"),
    ]);

    /// <summary>Learning curves: every figure that was recorded.</summary>
    public static StoredQuery Curves { get; } = new("Curves", "a figure; by metric, split, step",
    [
        .. run,
        Whole("step",  "optimiser steps done"),
        Real("epoch",  "epochs done; null for tasks without"),
        Text("split",  "train, valid or test"),
        Text("metric", "name of the figure"),
        Real("value",  "the figure; null where it was not finite"),
    ]);

    /// <summary>The last figures of each run on valid and test.</summary>
    public static StoredQuery Final { get; } = new("Final", "a figure of a run, as last recorded; the deciding first, then by metric and split",
    [
        .. run,
        Text("status",           "how the run stands"),
        Text("split",            "valid or test"),
        Text("metric",           "name of the figure"),
        Whole("step",            "step at which it was recorded"),
        Real("value",            "the figure; null where it was not finite"),
        Text("unit",             "its unit; null where the task does not describe it, like the next five"),
        Whole("lower_is_better", "its direction: 1 or 0"),
        Whole("deciding",        "1 for the figure that decides"),
        Real("baseline",         "what a model that has learnt only the obvious reaches; deciding figure only"),
        Real("solved",           "level at which the task counts as solved; deciding figure only"),
        Text("protocol",         "how it was evaluated"),
        Whole("parameters",      "parameters of the recurrent part"),
        Text("path",             "what ran it"),
    ]);

    /// <summary>Early stopping: the deciding figure on test at the step at which it was best on valid.</summary>
    public static StoredQuery BestByValid { get; } = new("BestByValid", "a run with a finite deciding figure on valid",
    [
        .. run,
        Text("status",           "how the run stands"),
        Text("metric",           "the deciding figure"),
        Text("unit",             "its unit"),
        Whole("lower_is_better", "its direction: 1 or 0"),
        Whole("step",            "the step at which it was best on valid, the first of equals"),
        Real("epoch",            "that step in epochs; null for tasks without"),
        Real("valid",            "the figure there on valid"),
        Real("test",             "the figure there on test; null where test was not evaluated at that step"),
    ]);

    /// <summary>Where the time went, without the first recorded row, which is warm-up (unless it is the only one).</summary>
    public static StoredQuery Speed { get; } = new("Speed", "a run with timings",
    [
        .. run,
        Text("path",              "what ran it"),
        Text("device",            "device"),
        Text("dtype",             "type of numbers"),
        Whole("threads",          "threads"),
        Whole("machine",          "id of the machine"),
        Whole("steps",            "training steps that were measured"),
        Whole("tokens",           "input steps times batch members in them"),
        Real("seconds",           "their time: data + forward + backward + update"),
        Real("tokens_per_second", "tokens / seconds; null where no time was measured"),
        Real("data",              "seconds for making and moving batches"),
        Real("forward",           "seconds for the forward pass with loss"),
        Real("backward",          "seconds for the backward pass"),
        Real("update",            "seconds for clipping and optimiser"),
        Whole("peak_memory",      "largest resident set in bytes, warm-up included"),
        Whole("step_memory",      "most bytes that a training step held beyond what was there before it; null where not measured"),
    ]);

    /// <summary>Statistics of gates.</summary>
    public static StoredQuery Gates { get; } = new("Gates", "a gate at a step; by step, layer, gate",
    [
        .. run,
        Whole("step",     "optimiser steps done"),
        Text("layer",     "prefix of the scan; empty for a single scan"),
        Text("gate",      "name of the gate"),
        Real("mean",      "mean of its values"),
        Real("deviation", "standard deviation of its values"),
        Real("below",     "share of values below 0.1"),
        Real("above",     "share of values above 0.9"),
        Text("histogram", "50 counts over [0, 1], a JSON array; read it with GateRow.Counts"),
        Text("units",     "shares of each unit below 0.1 and above 0.9, JSON; read it with GateRow.UnitShares; null where not recorded"),
    ]);

    /// <summary>What the backend chose by measuring: the ways that give the same bits, and which was the fastest.</summary>
    public static StoredQuery Choices { get; } = new("Choices", "a way that was tried; by scan, batch, way",
    [
        .. run,
        Text("path",     "what ran it"),
        Whole("threads", "threads"),
        Whole("step",    "optimiser steps done when it was recorded"),
        Text("scan",     "prefix of the scan; empty for a single scan"),
        Whole("batch",   "the batch size"),
        Text("way",      "rows: the threads share the batch; units: the hidden units"),
        Real("seconds",  "the shortest time of one step of the recurrence"),
        Whole("taken",   "1 for the way that was taken"),
    ]);

    /// <summary>Trained networks with a gate fixed, on test.</summary>
    public static StoredQuery GateFixes { get; } = new("GateFixes", "a figure; by step, gate, fixed, metric",
    [
        .. run,
        Whole("step",   "optimiser steps done"),
        Text("gate",    "name of the gate, fixed in all layers"),
        Text("fixed",   "none, 0, 1 or mean"),
        Real("value",   "what it was fixed to; null for none"),
        Text("metric",  "name of the figure"),
        Real("result",  "the figure on test; null where it was not finite"),
    ]);

    /// <summary>What each run of a study is for; the study is the one that the filter names, else each run's latest.</summary>
    public static StoredQuery Entries { get; } = new("Entries", "a run of an arm of a study; by part, arm, trial, rung",
    [
        .. run,
        Whole("study",    "id of the study"),
        Text("arm",       "the model as the study writes it"),
        Text("part",      "final or trial"),
        Whole("trial",    "which draw of the search, from 1; null without a search"),
        Whole("rung",     "which round of successive halving, from 0; null for final runs"),
        Text("settings",  "what was drawn, JSON"),
        Real("score",     "the deciding figure on valid, for trials"),
        Whole("chosen",   "1 where a trial's draw was taken"),
        Text("status",    "how the run stands"),
    ]);

    /// <summary>The claims of the studies that the filter chooses.</summary>
    public static StoredQuery Claims { get; } = new("Claims", "a claim; by study, place",
    [
        Whole("study",    "id of the study"),
        Text("id",        "id of the claim"),
        Text("statement", "what it says"),
        Text("source",    "who said it"),
        Text("rule",      "JSON: the tests that decide it"),
    ]);

    /// <summary>Norm of d loss_T / d state against the lag.</summary>
    public static StoredQuery GradientLags { get; } = new("GradientLags", "a lag at a step; by step, layer, lag",
    [
        .. run,
        Whole("step",  "optimiser steps done"),
        Text("layer",  "prefix of the scan; empty for a single scan"),
        Whole("lag",   "steps before the last"),
        Real("mean",   "mean norm over the probe batch"),
        Real("median", "median"),
        Real("low",    "10 % quantile"),
        Real("high",   "90 % quantile"),
    ]);

    /// <summary>Norm of the gradient before clipping.</summary>
    public static StoredQuery GradientNorms { get; } = new("GradientNorms", "the training steps since the row before; by step",
    [
        .. run,
        Whole("step",   "optimiser steps done"),
        Real("mean",    "mean norm"),
        Real("max",     "largest norm"),
        Real("clipped", "share of steps that were clipped"),
    ]);

    /// <summary>When a run first reached the level at which its task counts as solved.</summary>
    public static StoredQuery Solved { get; } = new("Solved", "a run whose task has such a level",
    [
        .. run,
        Text("status",           "how the run stands"),
        Text("metric",           "the deciding figure"),
        Whole("lower_is_better", "its direction: 1 or 0"),
        Real("solved",           "the level"),
        Whole("step",            "first step at which the figure on valid reached it; null where it has not: censored at last_step"),
        Whole("last_step",       "last step at which valid was evaluated; null where it never was"),
    ]);

    /// <summary>What the figures mean, as it was when the runs were made: two rows for a figure whose meaning changed in between.</summary>
    public static StoredQuery Tasks { get; } = new("Tasks", "a figure of a task; by task, the deciding first, metric",
    [
        Text("task",             "task, in canonical notation"),
        Text("metric",           "name of the figure"),
        Text("unit",             "its unit"),
        Whole("lower_is_better", "its direction: 1 or 0"),
        Whole("deciding",        "1 for the figure that decides"),
        Real("baseline",         "what a model that has learnt only the obvious reaches; deciding figure only"),
        Real("solved",           "level at which the task counts as solved; deciding figure only"),
        Text("protocol",         "how it is evaluated"),
        Whole("runs",            "how many runs were judged so"),
    ]);

    /// <summary>The data that the runs saw.</summary>
    public static StoredQuery Provenance { get; } = new("Provenance", "a version of a file; by task, name, hash",
    [
        Text("task",   "task, in canonical notation"),
        Text("name",   "name of the file"),
        Text("sha256", "its SHA-256, or \"generated\""),
        Whole("runs",  "how many runs saw it"),
    ]);

    /// <summary>What the runs ran on.</summary>
    public static StoredQuery Machines { get; } = new("Machines", "a machine; by id",
    [
        Whole("machine",    "id"),
        Text("description", "JSON: CPU, cores, memory, versions, ..."),
        Whole("runs",       "how many runs it made"),
        Text("first",       "start of the first of them"),
        Text("last",        "start of the last of them"),
    ]);

    /// <summary>
    /// The studies, of which <see cref="RunFilter.Study"/> and <see cref="RunFilter.StudyId"/> choose; the rest of the filter chooses the runs
    /// that are counted.
    /// </summary>
    public static StoredQuery Studies { get; } = new("Studies", "a study, also one without runs; by id",
    [
        Whole("study",     "id"),
        Text("name",       "name"),
        Text("definition", "the study file as it was read"),
        Text("command",    "the command line that ran it"),
        Text("started",    "ISO 8601, UTC"),
        Whole("runs",      "how many runs belong to it"),
        Whole("done",      "how many of them ended as planned"),
    ]);

    /// <summary>All of them.</summary>
    public static IReadOnlyList<StoredQuery> All { get; } =
        [Runs, Curves, Final, BestByValid, Speed, Choices, Gates, GateFixes, GradientLags, GradientNorms, Solved, Tasks,
        Provenance, Machines, Studies, Entries, Claims];

    static QueryColumn Text(string name, string meaning) => new(name, ColumnKind.Text, meaning);
    static QueryColumn Whole(string name, string meaning) => new(name, ColumnKind.Whole, meaning);
    static QueryColumn Real(string name, string meaning) => new(name, ColumnKind.Real, meaning);
}
