using RnnBench.Language;
using static TorchSharp.torch;

namespace RnnBench.Architectures.Tests;

/// <summary>The golden cases, computed independently: output, gates and gradients to 1e-10 of the largest element, float64 against float64.</summary>
public sealed class GoldenCases
{
    const double Bound = 1e-10;

    static string? Folder => Environment.GetEnvironmentVariable("RNNBENCH_GOLDEN")
        ?? (Environment.GetEnvironmentVariable("RNNBENCH_DATA") is { } data ? Path.Combine(data, "..", "golden") : null);

    /// <summary>Every file whose model is catalogued; one empty name where there are no files, so that the test is there to be skipped.</summary>
    public static TheoryData<string> Files() => Of([.. Catalog.Cells.Select(a => a.Id), Model.Stacked]);

    /// <summary>The same for modules.</summary>
    public static TheoryData<string> ModuleFiles() => Of([.. Catalog.All.Where(a => a.IsModule).Select(a => a.Id)]);

    static TheoryData<string> Of(HashSet<string> known)
    {
        return Folder is null || !Directory.Exists(Folder) ? [""] : [.. Directory.GetFiles(Folder, "*.safetensors").Order()
            .Where(file => Safetensors.Read(file).Metadata.GetValueOrDefault("model") is { } id && known.Contains(id)).Select(file => Path.GetFileName(file))];
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Interpreter_agrees(string name)
    {
        Assert.SkipWhen(name == "", Missing);
        var file = Safetensors.Read(Path.Combine(Folder!, name));
        var (x, expected) = (file.Tensors["x"].ToArray(), file.Tensors["y"].ToArray());
        var run = new Interpreter(Model.Build(Catalog.All, Notation.FromJson(file.Metadata["model"], file.Metadata["settings"]), x.Shape[2]));
        run.Write(Group(file, "param.").Concat(Group(file, "const.")).ToDictionary());
        var result = run.Run(x, Group(file, "state."), new RunHooks<NdArray> { RecordGates = true });
        var gradients = run.Backward(file.Tensors["grad_y"].ToArray());

        Close.Assert(expected, result.Output, Bound, $"{name}: y");
        Close.Assert(file.Tensors["grad.x"].ToArray(), gradients.Input, Bound, $"{name}: grad.x");
        Same(Group(file, "grad.param."), run.Model.Parameters.Where(q => q.Trained).ToDictionary(q => q.Name, q => gradients.Parameters[q.Name]), $"{name}: grad.param.");
        Same(Group(file, "gate."), result.Gates, $"{name}: gate.");
    }

    /// <summary>Modules on TorchSharp, in float64, and in float32 to 1e-4, the bound of every backend.</summary>
    [Theory]
    [MemberData(nameof(ModuleFiles))]
    public void Modules_agree(string name)
    {
        Assert.SkipWhen(name == "", Missing);
        var file = Safetensors.Read(Path.Combine(Folder!, name));
        if (!file.Tensors.ContainsKey("grad_y")) return;                     // a function of integers, tested where it is written
        foreach (var (dtype, bound) in new[] { (ScalarType.Float64, Bound), (ScalarType.Float32, 1e-4) })
        {
            var (result, gradients) = ModuleCase.Golden(file, dtype);
            Close.Assert(file.Tensors["y"].ToArray(), result.Output, bound, $"{name}, {dtype}: y");
            foreach (var (key, value) in Group(file, "grad.")) Close.Assert(value, gradients[key], bound, $"{name}, {dtype}: grad.{key}");
            foreach (var (key, value) in Group(file, "gate.")) Close.Assert(value, result.Gates[key], bound, $"{name}, {dtype}: gate.{key}");
        }
    }

    const string Missing = "no golden cases: set RNNBENCH_GOLDEN, or RNNBENCH_DATA with the golden cases beside it";

    /// <summary>What is nothing but the rounding of larger terms that cancel, such as the gradient of slstm's b_i, which shifts all weights alike, has to be that too.</summary>
    static void Same(Dictionary<string, NdArray> expected, IReadOnlyDictionary<string, NdArray> actual, string what)
    {
        Assert.Equal(expected.Keys.Order(), actual.Keys.Order());
        var largest = expected.Values.SelectMany(value => value.Data).Select(Math.Abs).DefaultIfEmpty(0).Max();
        foreach (var (key, value) in expected)
            if (value.Data.Max(Math.Abs) < 1e-14 * largest) Assert.All(actual[key].Data, v => Assert.InRange(v, -Bound * largest, Bound * largest));
            else Close.Assert(value, actual[key], Bound, what + key);
    }

    static Dictionary<string, NdArray> Group(Safetensors file, string prefix) => file.Tensors
        .Where(t => t.Key.StartsWith(prefix, StringComparison.Ordinal)).ToDictionary(t => t.Key[prefix.Length..], t => t.Value.ToArray());
}
