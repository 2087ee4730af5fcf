using RnnBench.Language;
using RnnBench.Reports.Data;
using RnnBench.Reports.Documents;

namespace RnnBench.Reports.Sections;

/// <summary>The equations of every cell in the report, as the language prints them; models that differ in sizes only share theirs.</summary>
static class ModelEquations
{
    public static IEnumerable<Block> Write(ReportData data)
    {
        var cells = data.Tasks.SelectMany(task => task.Groups).OrderBy(group => group.Series).DistinctBy(group => (group.Label, group.First.Model))
            .Select(group => (group.Label, Model: Build(data.Architectures, group.First.Model))).Where(cell => cell.Model is not null)
            .Select(cell => (cell.Label, Model: cell.Model!, Plain: cell.Model!.Equations))
            .GroupBy(cell => string.Join('\n', cell.Plain)).ToArray();
        if (cells.Length == 0) yield break;
        yield return new Paragraph("⊙ is the product element by element, σ the logistic function; a layer above the first reads the output of the layer below as its x.");
        foreach (var cell in cells)
        {
            var (_, model, plain) = cell.First();
            yield return new Details($"{string.Join(", ", cell.Select(c => c.Label).Distinct())}: {model.Architecture.Title} ({model.Architecture.Source})",
                [new Equations(plain, model.Latex)]);
        }
    }

    /// <summary>The model of a notation; null where the program no longer knows it. The input width does not show in equations.</summary>
    static Model? Build(IReadOnlyList<Architecture> architectures, string model)
    {
        try
        {
            return Model.Build(architectures, Notation.Parse(model), input: 1);
        }
        catch (UserError)
        {
            return null;
        }
    }
}
