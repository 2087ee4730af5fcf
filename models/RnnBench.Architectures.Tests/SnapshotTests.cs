using RnnBench.Language;

namespace RnnBench.Architectures.Tests;

/// <summary>The equations of every cell and ablation, as text and in LaTeX, word by word.</summary>
public sealed class SnapshotTests
{
    static string File(string name) => Path.Combine(AppContext.BaseDirectory, "Snapshots", name);

    [Fact]
    public void As_text() => Same("equations.txt", cell => string.Join("\n", PlainText.Equations(cell)));

    [Fact]
    public void In_latex() => Same("equations.tex", Latex.Equations);

    /// <summary>Compares with the checked-in file; what was computed is left beside it, to be copied over when the change was meant.</summary>
    static void Same(string name, Func<Recurrence, string> print)
    {
        var actual = string.Join("\n\n", Variants.All.Select(variant => $"% {variant}\n{print(Variants.Build(variant, 3, ("hidden", "4")).Scans[0].Cell)}")) + "\n";
        System.IO.File.WriteAllText(File(name + ".actual"), actual);
        Assert.Equal(System.IO.File.ReadAllText(File(name)), actual);
    }
}
