#:project ../results/RnnBench.Results/RnnBench.Results.csproj
#:package ScottPlot@5.1.59
#:property ManagePackageVersionsCentrally=false
#:property RestorePackagesWithLockFile=false
#:property TreatWarningsAsErrors=false
#:property PublishAot=false
// Reads the store as data frames and draws the learning curves of a task, the mean over seeds of each model:
// dotnet run scripts/learning-curves.cs -- runs/rnnbench.db ['adding(T=50)'] [curves.png]
using Microsoft.Data.Analysis;
using RnnBench.Results;

using var store = ResultStore.OpenRead(args.Length > 0 ? args[0] : "runs/rnnbench.db");
var done = new RunFilter { Status = [RunStatus.Done] };
DataFrame curves = store.Query(Queries.Curves, done), entries = store.Query(Queries.Entries, done), tasks = store.Query(Queries.Tasks, done);

var trials = entries.Rows.Where(row => (string)row["part"] == "trial").Select(row => (string)row["run"]).ToHashSet();      // of a search: no results
var task = args.Length > 1 ? args[1] : (string)tasks.Rows.First()["task"];
var deciding = tasks.Rows.First(row => (string)row["task"] == task && (long)row["deciding"] == 1);
var metric = (string)deciding["metric"];

var plot = new ScottPlot.Plot();
foreach (var model in curves.Rows
    .Where(row => (string)row["task"] == task && (string)row["split"] == "valid" && (string)row["metric"] == metric && row["value"] is double && !trials.Contains((string)row["run"]))
    .GroupBy(row => (string)row["model"]))
{
    var steps = model.GroupBy(row => (long)row["step"]).OrderBy(step => step.Key).ToArray();
    var line = plot.Add.Scatter(steps.Select(step => (double)step.Key).ToArray(), steps.Select(step => step.Average(row => (double)row["value"])).ToArray());
    (line.LegendText, line.MarkerSize, line.LineWidth) = ($"{model.Key}, {model.Select(row => (long)row["seed"]).Distinct().Count()} seeds", 3, 2);
}
plot.Title(task);
plot.XLabel("training step");
plot.YLabel($"{metric} on valid, {deciding["unit"]}");
plot.ShowLegend(ScottPlot.Edge.Right);
plot.SavePng(args.Length > 2 ? args[2] : "curves.png", 1100, 600);
