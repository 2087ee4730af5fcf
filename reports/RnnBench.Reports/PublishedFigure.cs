using System.Globalization;
using RnnBench.Reports.Formats;

namespace RnnBench.Reports;

/// <summary>A figure on test that a paper printed, as the catalogue of architectures has it. The figures are a file, <c>Data/published.txt</c>.</summary>
/// <param name="Model">The model in canonical notation, with its size where the figure is of one.</param>
/// <param name="Task">The task in canonical notation.</param>
/// <param name="Metric">The name of the task's figure; accuracies are fractions.</param>
/// <param name="Digits">The number as it was printed, which says how exact it is.</param>
/// <param name="Parameters">All parameters of the paper's model; null where the catalogue does not say or the size is in the model's name.</param>
/// <param name="Source">Author, year, table.</param>
/// <param name="Catalogue">Where the catalogue has it: file and line.</param>
public sealed record PublishedFigure(string Model, string Task, string Metric, string Digits, double? Parameters, string Source, string Catalogue)
{
    /// <summary>Every figure, in the order of the file.</summary>
    public static IReadOnlyList<PublishedFigure> All { get; } = [.. Assets.Published.Split('\n').Where(line => line.Length > 0 && line[0] != '#').Select(Read)];

    /// <summary>The number.</summary>
    public double Value => double.Parse(Digits, CultureInfo.InvariantCulture);

    /// <summary>Half a unit of the last printed digit: what rounding has hidden.</summary>
    public double Rounding
    {
        get
        {
            var (number, exponent) = Digits.Split('e') is [var mantissa, var power] ? (mantissa, int.Parse(power, CultureInfo.InvariantCulture)) : (Digits, 0);
            return 0.5 * Math.Pow(10, exponent - (number.Contains('.', StringComparison.Ordinal) ? number.Length - number.IndexOf('.', StringComparison.Ordinal) - 1 : 0));
        }
    }

    static PublishedFigure Read(string line) => line.Split('|', StringSplitOptions.TrimEntries) is [var model, var task, var metric, var digits, var parameters, var source, var catalogue]
        ? new(model, task, metric, digits, Count(parameters), source, catalogue) : throw new FormatException($"published.txt: seven columns are needed: {line}");

    /// <summary>70k, 13.4M; null for nothing.</summary>
    static double? Count(string text) => text.Length == 0 ? null : double.Parse(text[..^1], CultureInfo.InvariantCulture) * (text[^1] == 'M' ? 1e6 : 1e3);
}
