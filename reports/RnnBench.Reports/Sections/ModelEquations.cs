using RnnBench.Reports.Data;
using RnnBench.Reports.Documents;

namespace RnnBench.Reports.Sections;

/// <summary>The equations of the models, as the language prints them.</summary>
static class ModelEquations
{
    public static IEnumerable<Block> Write(ReportData data) => [];
}
