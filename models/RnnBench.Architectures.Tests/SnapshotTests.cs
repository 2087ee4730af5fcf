using RnnBench.Language;

namespace RnnBench.Architectures.Tests;

/// <summary>The equations of every cell under every setting and ablation, as text and in LaTeX, word by word: one file a cell.</summary>
public sealed class SnapshotTests
{
    public static TheoryData<string> Ids() => [.. Catalog.Cells.Select(a => a.Id)];

    /// <summary>Compares with the checked-in file; what was computed is left beside its copy, to be put in its place when the change was meant.</summary>
    [Theory]
    [MemberData(nameof(Ids))]
    public void Equations(string id)
    {
        var file = Path.Combine(AppContext.BaseDirectory, "Snapshots", $"{id}.txt");
        var actual = string.Join("\n", Variants.All.Where(v => v.Id == id).Select(Print));
        File.WriteAllText(file + ".actual", actual);
        Assert.True(File.Exists(file), $"there is no {file}; look at {file}.actual and check it in");
        Assert.Equal(File.ReadAllText(file), actual);
    }

    static string Print(Notation variant)
    {
        var model = Variants.Build(variant, variant.Settings.Contains(Variants.SameWidth) ? 4 : 3, ("hidden", "4"));
        return $"== {variant}\n{string.Join("\n", model.Equations)}\n{model.Latex}\n";
    }
}
