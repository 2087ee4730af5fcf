using System.Text;
using RnnBench.Backends;
using RnnBench.Backends.Native;
using RnnBench.Harness;
using RnnBench.Language;
using TorchSharp;

namespace RnnBench.Cli;

/// <summary>A line of a list of architectures: one of the two at its end is there.</summary>
/// <param name="Id">What it is called.</param>
/// <param name="Family">Its family.</param>
/// <param name="Title">Its name in words.</param>
/// <param name="Source">Where it comes from.</param>
/// <param name="Model">The architecture.</param>
/// <param name="Companion">What stands beside the architectures without being one.</param>
sealed record ModelEntry(string Id, string Family, string Title, string Source, Architecture? Model, Companion? Companion)
{
    public static ModelEntry Of(Architecture model) => new(model.Id, model.Family, model.Title, model.Source, model, null);
    public static ModelEntry Of(Companion companion) => new(companion.Id, companion.Family, companion.Title, companion.Source, null, companion);
}

/// <summary>The table of architectures that README.md shows: what there is, what runs it, and what it was verified against.</summary>
static class ModelTable
{
    const int Width = 8;
    const string Hidden = "hidden", Usual = "16";

    /// <summary>The table in Markdown, architectures in the order of the catalogue.</summary>
    /// <param name="models">The catalogue.</param>
    /// <param name="folder">Reference cases, in files named for the ids; each is run forward and backward in float64.</param>
    /// <exception cref="UserError">A case cannot be read or does not pass.</exception>
    public static string Markdown(IReadOnlyList<Architecture> models, string folder)
    {
        var table = new StringBuilder("| id | architecture | source | family | gates | run by | verified against |\n|---|---|---|---|---|---|---|\n");
        foreach (var entry in Entries(models))
            table.Append($"| {string.Join(" | ", entry.Companion is { } companion ? Of(companion) : [.. Known(models, entry.Model!), Verified(models, entry.Model!, folder)])} |\n");
        return table.ToString();
    }

    /// <summary>The architectures, and between them the catalogue's other entries.</summary>
    public static IEnumerable<ModelEntry> Entries(IReadOnlyList<Architecture> models) =>
        models.SelectMany(model => new[] { ModelEntry.Of(model) }.Concat(Architectures.Catalog.Companions.Where(c => c.After == model.Id).Select(ModelEntry.Of)));

    /// <summary>The columns of an entry that is no architecture of its own.</summary>
    public static IReadOnlyList<string> Of(Companion c) => [$"`{c.Id}`", c.Title, c.Source, c.Family, c.Gates, c.RunBy, c.Verified];

    /// <summary>All columns but the last: they need no reference cases.</summary>
    public static IReadOnlyList<string> Known(IReadOnlyList<Architecture> models, Architecture of)
    {
        Libtorch.Load();
        var model = Model.Build(models, new Notation(of.Id, [.. of.Usual.Select(s => s.Key == Hidden ? KeyValuePair.Create(Hidden, Usual) : s)], []), Width);
        using var runner = Backend.Create(Backend.Auto, model, torch.CPU, torch.ScalarType.Float32);
        var gates = model.Gates.Select(gate => gate[(gate.LastIndexOf('.') + 1)..]).Distinct().ToArray();
        return [$"`{of.Id}`", of.Title, of.Source, of.Family, gates.Length == 0 ? "–" : string.Join(", ", gates), runner.Path];
    }

    static string Verified(IReadOnlyList<Architecture> models, Architecture of, string folder)
    {
        var file = Path.Combine(folder, $"{of.Id}.safetensors");
        if (!File.Exists(file)) return "finite differences";
        var result = Verification.Run(Wiring.Catalogs(models), file, new VerificationRequest());
        return result.Passed ? "reference case, finite differences"
            : throw new UserError($"{file}: {result.Model} is off by {result.Worst.Error:E1} in {result.Worst.Name}, more than {result.Tolerance:E0}; run rnnbench verify on it.");
    }
}
