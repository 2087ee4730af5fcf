using RnnBench.Reports.Data;
using RnnBench.Reports.Documents;

namespace RnnBench.Reports.Sections;

/// <summary>A section that a report can have.</summary>
/// <param name="Id">Its anchor.</param>
/// <param name="Title">Its heading.</param>
/// <param name="Write">Its content; nothing where the data has nothing to say on it, and then it is left out.</param>
sealed record SectionEntry(string Id, string Title, Func<ReportData, IEnumerable<Block>> Write);

/// <summary>Every section of a report, one line each, in reading order.</summary>
static class Catalog
{
    public static IReadOnlyList<SectionEntry> All { get; } =
    [
        new("summary",   "In short",             Summary.Write),
        new("verdicts",  "Claims",               ClaimVerdicts.Write),
        new("results",   "Results",              FinalTables.Write),
        new("curves",    "Learning curves",      LearningCurves.Write),
        new("solving",   "Steps to solve",       Solving.Write),
        new("across",    "Across tasks",         AcrossTasks.Write),
        new("tuning",    "Tuning",               Tuning.Write),
        new("importance", "Gate importance",     GateImportance.Write),
        new("speed",     "Speed",                Speed.Write),
        new("scaling",   "Speed against batch, length and size", SpeedScaling.Write),
        new("memory",    "Memory",               Memory.Write),
        new("gates",     "Gates",                Gates.Write),
        new("saturation", "Gate saturation",     Saturation.Write),
        new("gradients", "Gradient against lag", GradientLags.Write),
        new("ledger",    "Published figures",    Ledger.Write),
        new("progress",  "From start to end",    Progress.Write),
        new("equations", "Equations",            ModelEquations.Write),
        new("made",      "How it was made",      HowMade.Write),
    ];

    /// <summary>The document of some data.</summary>
    public static Document Build(string title, ReportData data) => new(title,
        [.. All.Select(entry => new Section(entry.Id, entry.Title, [.. entry.Write(data)])).Where(section => section.Blocks.Count > 0)]) { Question = data.Question };
}
