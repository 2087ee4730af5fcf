#:project ../results/RnnBench.Results/RnnBench.Results.csproj
#:package ScottPlot@5.1.59
#:property ManagePackageVersionsCentrally=false
#:property RestorePackagesWithLockFile=false
#:property TreatWarningsAsErrors=false
#:property PublishAot=false
// Reads the store as data frames and draws a plot: dotnet run scripts/learning-curves.cs -- runs/rnnbench.db [curves.png]
using RnnBench.Results;

using var store = ResultStore.OpenRead(args.Length > 0 ? args[0] : "runs/rnnbench.db");
var curves = store.Query(Queries.Curves, new RunFilter { Status = [RunStatus.Done] });

var plot = new ScottPlot.Plot();
foreach (var run in curves.Rows.Where(row => (string)row["split"] == "valid" && (string)row["metric"] == "loss").GroupBy(row => (string)row["run"]))
{
    var line = plot.Add.Scatter(run.Select(row => (double)(long)row["step"]).ToArray(), run.Select(row => row["value"] as double? ?? double.NaN).ToArray());
    line.LegendText = $"{run.First()["model"]} on {run.First()["task"]}, seed {run.First()["seed"]}";
}
plot.XLabel("training step");
plot.YLabel("loss on valid");
plot.SavePng(args.Length > 1 ? args[1] : "curves.png", 900, 600);
