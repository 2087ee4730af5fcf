using System.Text.Json;

namespace RnnBench.Results;

/// <summary>
/// Which runs a query looks at: those that satisfy every property that is not null. A list names what is allowed, so that an empty list
/// allows nothing.
/// </summary>
public sealed record RunFilter
{
    /// <summary>Runs of the latest study of this name.</summary>
    public string? Study { get; init; }
    /// <summary>Runs of this study.</summary>
    public long? StudyId { get; init; }
    /// <summary>Models, in canonical notation, letter by letter.</summary>
    public IReadOnlyCollection<string>? Models { get; init; }
    /// <summary>Tasks, in canonical notation, letter by letter.</summary>
    public IReadOnlyCollection<string>? Tasks { get; init; }
    /// <summary>Seeds.</summary>
    public IReadOnlyCollection<long>? Seeds { get; init; }
    /// <summary>How the runs stand.</summary>
    public IReadOnlyCollection<RunStatus>? Status { get; init; }
    /// <summary>Keys of runs.</summary>
    public IReadOnlyCollection<string>? Keys { get; init; }

    /// <summary>What Sql/Filter.sql binds; a list travels as a JSON array, which has no limit on its length.</summary>
    internal object Parameters => new
    {
        study = Study, studyId = StudyId, models = Json(Models), tasks = Json(Tasks), seeds = Json(Seeds),
        status = Json(Status?.Select(s => s.Text())), keys = Json(Keys),
    };

    static string? Json<T>(IEnumerable<T>? list) => list is null ? null : JsonSerializer.Serialize(list);
}
