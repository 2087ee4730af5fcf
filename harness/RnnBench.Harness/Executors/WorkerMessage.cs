using System.Text.Json;
using System.Text.Json.Serialization;
using RnnBench.Results;
using RnnBench.Tasks;

namespace RnnBench.Harness;

/// <summary>What a worker tells of its run, a line of JSON each.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "event")]
[JsonDerivedType(typeof(Started), "started")]
[JsonDerivedType(typeof(Stepped), "stepped")]
[JsonDerivedType(typeof(Evaluated), "evaluated")]
[JsonDerivedType(typeof(Ended), "ended")]
[JsonDerivedType(typeof(Refused), "refused")]
abstract record WorkerMessage
{
    static readonly JsonSerializerOptions options = new()
    {
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Converters = { new JsonStringEnumConverter() },
    };

    public sealed record Started(string Path, long Step, long Steps) : WorkerMessage;

    public sealed record Stepped(long Step, long Steps, double? Epoch, double Loss, double TokensPerSecond, double SecondsLeft) : WorkerMessage;

    public sealed record Evaluated(long Step, double? Epoch, Split Split, IReadOnlyList<KeyValuePair<string, double>> Figures) : WorkerMessage;

    public sealed record Ended(RunStatus Status, string? Why, long Steps, IReadOnlyDictionary<string, double> Figures, bool Repeated) : WorkerMessage;

    /// <summary>The run could not begin or be recorded; whoever asked for it tries by itself, and tells the user why.</summary>
    public sealed record Refused(string Why) : WorkerMessage;

    /// <summary>A method, since a property would be part of the message.</summary>
    public string Line() => JsonSerializer.Serialize(this, options);

    /// <summary>Null where a line is no message: what a library prints on its own.</summary>
    public static WorkerMessage? Read(string line)
    {
        try
        {
            return JsonSerializer.Deserialize<WorkerMessage>(line, options);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The message that tells of an event; null for what is not told.</summary>
    public static WorkerMessage? Of(ProgressEvent happened) => happened switch
    {
        ProgressEvent.Started e => new Started(e.Path, e.Step, e.Steps),
        ProgressEvent.Stepped e => new Stepped(e.Step, e.Steps, e.Epoch, e.Loss, e.TokensPerSecond, e.Left.TotalSeconds),
        ProgressEvent.Evaluated e => new Evaluated(e.Step, e.Epoch, e.Split, e.Figures),
        ProgressEvent.Ended e => new Ended(e.Result.Status, e.Result.Message, e.Result.Steps, e.Result.Figures, e.Result.Repeated),
        _ => null,
    };

    /// <summary>The event again, for the experiment and place that the worker was given.</summary>
    public ProgressEvent? Event(Experiment experiment, Place place) => this switch
    {
        Started m => new ProgressEvent.Started(place, experiment, m.Path, m.Step, m.Steps),
        Stepped m => new ProgressEvent.Stepped(place, m.Step, m.Steps, m.Epoch, m.Loss, m.TokensPerSecond, TimeSpan.FromSeconds(Math.Clamp(m.SecondsLeft, 0, 1e9))),
        Evaluated m => new ProgressEvent.Evaluated(place, m.Step, m.Epoch, m.Split, m.Figures),
        Ended m => new ProgressEvent.Ended(place, new RunResult(experiment, m.Status, m.Why, m.Steps, m.Figures, m.Repeated)),
        _ => null,
    };
}
