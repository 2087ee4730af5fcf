using System.CommandLine;
using RnnBench.Harness;
using RnnBench.Language;

namespace RnnBench.Cli.Commands;

/// <summary><c>run</c>: one model on one task, with one seed or several.</summary>
sealed class RunCommand : CliCommand
{
    readonly Argument<string> model = new("MODEL") { Description = "The model: lstm, 'lstm(hidden=200,layers=2)', 'lstm[o=1]'. See: rnnbench list models." };
    readonly Option<string> task = new("--task") { Required = true, HelpName = "TASK", Description = "The task: adding, 'copy(T=50)'. See: rnnbench list tasks." };
    readonly Option<string?> recipe = new("--recipe") { HelpName = "NAME", Description = "How to train: a recipe of the task, one of the model's authors (see: rnnbench explain MODEL), or own for their first; else the task's first." };
    readonly Option<string[]> set = new("--set") { HelpName = "KEY=VALUE", Description = "A setting that wins over the recipe: learning_rate=0.01, model.hidden=64. May be repeated." };
    readonly Option<string> seed = new("--seed") { HelpName = "SEEDS", Description = "Seeds: 3, 1..5, 1,2,7.", DefaultValueFactory = _ => "1" };
    readonly Option<string?> steps = new("--steps") { HelpName = "N", Description = "Optimiser steps; instead of the recipe's length." };
    readonly Option<string?> epochs = new("--epochs") { HelpName = "N", Description = "Passes over the training data; instead of the recipe's length." };
    readonly ExecutionOptions execution = new();

    public RunCommand() : base("run", "Train a model on a task and record the run. A run that has ended is not made again; an interrupted one goes on where it stopped.")
    {
        Add(model);
        foreach (var option in new Option[] { task, recipe, set, seed, steps, epochs }) Add(option);
        execution.AddTo(this);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "rnnbench run lstm --task adding                                      # the task's own recipe",
        "rnnbench run 'gru(hidden=64)' --task 'copy(T=20)' --seed 1..3        # three seeds",
        "rnnbench run lstm --task ptb --recipe zaremba-small --epochs 3       # words of the Penn Treebank",
        "rnnbench run 'lstm[f=1-i]' --task adding --set learning_rate=0.01    # a rewritten cell, another step size",
    ];

    protected override int Run(ParseResult parsed, Session session)
    {
        var catalogs = Wiring.Catalogs(session.Models);
        var request = new ExperimentRequest
        {
            Model = parsed.GetValue(model)!,
            Task = parsed.GetValue(task)!,
            Recipe = parsed.GetValue(recipe),
            Settings = [.. (parsed.GetValue(set) ?? []).Select(Pair), .. Length("steps", parsed.GetValue(steps)), .. Length("epochs", parsed.GetValue(epochs))],
            Setup = execution.Setup(parsed),
        };
        Experiment[] experiments = [.. SeedList.Parse(parsed.GetValue(seed)!).Select(s => (request with { Seed = s }).Plan(catalogs))];
        return execution.Carry(parsed, session, catalogs, experiments, (store, options) => Each(new Trainer(catalogs, store, options), experiments, session.Stop));
    }

    static List<RunResult> Each(Trainer trainer, Experiment[] experiments, CancellationToken stop)
    {
        var results = new List<RunResult>();
        foreach (var (index, experiment) in experiments.Index())
        {
            if (stop.IsCancellationRequested) break;
            results.Add(trainer.Run(experiment, new Place(index + 1, experiments.Length), stop));
        }
        return results;
    }

    static KeyValuePair<string, string> Pair(string text) => text.Split('=', 2) is [{ Length: > 0 } key, var value] ? new(key, value)
        : throw new UserError($"--set {text}: write KEY=VALUE, such as learning_rate=0.01.");

    static IEnumerable<KeyValuePair<string, string>> Length(string key, string? value) => value is null ? [] : [new(key, value)];
}
