using RnnBench.Harness;
using RnnBench.Reports;

namespace RnnBench.Cli;

/// <summary>What <c>study --plan</c> prints: runs and time by task and model, then what the seeds can detect.</summary>
static class PlanTable
{
    public static void Write(TextWriter output, StudyPlan plan, int done, IReadOnlyList<(PlannedRun Run, double Seconds)> open)
    {
        var seconds = open.ToDictionary(run => run.Run.Experiment.Key, run => run.Seconds);
        double Time(IEnumerable<PlannedRun> runs) => runs.Select(run => run.Experiment.Key).Distinct().Sum(seconds.GetValueOrDefault);
        Columns.Write(output, ["task", "model", "size", "trials", "final runs", "time"], plan.Runs.GroupBy(run => (run.Task, run.Arm)).Select(arm => new[]
        {
            arm.Last().Experiment.Task, arm.Key.Arm, arm.Last().Experiment.Model, Count(arm.Count(run => run.IsTrial)), Count(arm.Count(run => !run.IsTrial)), PlanFigures.Duration(Time(arm)),
        }));
        output.WriteLine(FormattableString.Invariant($"{seconds.Count + done} runs, {done} of them done; about {PlanFigures.Duration(seconds.Values.Sum())} of training left, one run at a time."));
        if (plan.Study.Budget is { } budget) output.WriteLine($"It begins no run after {PlanFigures.Duration(budget.TotalSeconds)}.");
        var tasks = plan.Runs.Where(run => !run.IsTrial).GroupBy(run => run.Experiment.Task).Select(task =>
            (Seeds: task.Select(run => run.Experiment.Seed).Distinct().Count(), Rivals: task.Select(run => run.Arm).Distinct().Count() - 1)).Distinct();
        foreach (var line in tasks.SelectMany(task => PlanFigures.Detectable(task.Seeds, task.Rivals)).Distinct()) output.WriteLine(line);
    }

    static string Count(int runs) => FormattableString.Invariant($"{runs}");
}
