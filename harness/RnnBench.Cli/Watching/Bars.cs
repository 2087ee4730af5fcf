using RnnBench.Harness;
using RnnBench.Results;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace RnnBench.Cli.Watching;

/// <summary>A bar for each run on a terminal, with loss, speed and time left.</summary>
sealed class Bars(TextWriter output) : Watcher
{
    public override T Watch<T>(Func<IProgress<ProgressEvent>, T> work)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output) });
        return console.Progress()
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn { Width = 24 }, new PercentageColumn(), new Status())
            .Start(context => work(new Drawn(console, context)));
    }

    sealed class Drawn(IAnsiConsole console, ProgressContext context) : IProgress<ProgressEvent>
    {
        readonly Dictionary<int, ProgressTask> bars = [];

        public void Report(ProgressEvent happened)
        {
            switch (happened)
            {
                case ProgressEvent.Noted e:
                    console.MarkupLineInterpolated($"note: {e.Message}");
                    break;
                case ProgressEvent.Started e:
                    bars[e.Place.Index] = Bar(e.Place, e.Experiment, e.Steps);
                    break;
                case ProgressEvent.Stepped e when bars.TryGetValue(e.Place.Index, out var bar):
                    bar.Value = e.Step;
                    Status.Say(bar, $"loss {Wording.Figure(e.Loss)}  {Wording.Speed(e.TokensPerSecond)}  {Wording.Left(e.Left)}");
                    break;
                case ProgressEvent.Ended e:
                    if (!bars.TryGetValue(e.Place.Index, out var ended)) ended = Bar(e.Place, e.Result.Experiment, Math.Max(1, e.Result.Steps));
                    if (e.Result.Status == RunStatus.Done) ended.Value = ended.MaxValue;
                    Status.Say(ended, Wording.Ending(e.Result));
                    ended.StopTask();
                    break;
            }
        }

        ProgressTask Bar(Place place, Experiment experiment, long steps) =>
            context.AddTask(Markup.Escape(Wording.Number(place) + Wording.Title(experiment)), maxValue: steps);
    }

    /// <summary>The words behind a bar.</summary>
    sealed class Status : ProgressColumn
    {
        const string Key = "status";

        /// <summary>The library keeps values, not references.</summary>
        readonly record struct Said(string? Words);

        public static void Say(ProgressTask bar, string words) => bar.State.Update<Said>(Key, _ => new Said(words));

        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) =>
            new Text(task.State.Get<Said>(Key).Words ?? "") { Overflow = Overflow.Ellipsis };
    }
}
