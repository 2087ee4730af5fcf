namespace RnnBench.Language;

/// <summary>A setting and its value, in written form.</summary>
public sealed record ExplainedSetting(string Name, string Value, string? Default, string Meaning);

/// <summary>A parameter: its shape in letters ([H,I]) and in numbers, and how it starts in words.</summary>
public sealed record ExplainedParameter(string Name, string Letters, IReadOnlyList<int> Shape, long Count, string Start)
{
    /// <summary>Whether it is trained; a constant of the model is not.</summary>
    public bool Trained { get; init; } = true;
    /// <summary>The number of its elements that are trained and that the model reads.</summary>
    public long Free { get; init; } = Count;
}

/// <summary>The costs of one scan, or of one part of a module, in numbers and in products.</summary>
/// <param name="Prefix">Which scan: "" or <c>layer0.fwd.</c></param>
/// <param name="Hoisted">The products that are computed for all steps at once, as text: <c>W_i x_t</c>.</param>
/// <param name="Sequential">The products that wait for a state: <c>U_i h_{t-1}</c>.</param>
/// <param name="Cost">The counts.</param>
public sealed record ExplainedScan(string Prefix, IReadOnlyList<string> Hoisted, IReadOnlyList<string> Sequential, Cost Cost)
{
    /// <summary>The costs of a scan, counted over its graph.</summary>
    public static ExplainedScan Of(Scan scan)
    {
        var cost = Cost.Of(scan.Cell);
        return new(scan.Prefix, [.. cost.Hoisted.Select(PlainText.Of)], [.. cost.Sequential.Select(PlainText.Of)], cost);
    }
}

/// <summary>All that <c>rnnbench explain</c> says about a model, derived from its equations.</summary>
/// <param name="Model">The canonical notation.</param>
/// <param name="Title">The architecture in words.</param>
/// <param name="Source">Authors, year, where.</param>
/// <param name="Settings">Every setting with its value.</param>
/// <param name="Equations">The equations of a layer, as text.</param>
/// <param name="Latex">The same in LaTeX.</param>
/// <param name="Parameters">The parameters, scan by scan.</param>
/// <param name="Gates">The gates, full names.</param>
/// <param name="States">The states in stored form.</param>
/// <param name="Scans">The costs, scan by scan, for one step and one batch member.</param>
/// <param name="Input">The input width I.</param>
/// <param name="Output">The width of y.</param>
public sealed record Explanation(string Model, string Title, string Source, IReadOnlyList<ExplainedSetting> Settings, IReadOnlyList<string> Equations, string Latex,
    IReadOnlyList<ExplainedParameter> Parameters, IReadOnlyList<string> Gates, IReadOnlyList<ModelState> States, IReadOnlyList<ExplainedScan> Scans, int Input, int Output)
{
    /// <summary>How its authors train it.</summary>
    public IReadOnlyList<Recipe> Recipes { get; init; } = [];
    /// <summary>The number of parameters that are trained and read.</summary>
    public long ParameterCount => Parameters.Sum(q => q.Free);
    /// <summary>FLOPs a step and batch member that can be batched over time, all scans together.</summary>
    public long HoistedFlops => Scans.Sum(s => s.Cost.HoistedFlops);
    /// <summary>FLOPs a step and batch member of the products that wait for a state.</summary>
    public long SequentialFlops => Scans.Sum(s => s.Cost.SequentialFlops);
    /// <summary>Elementwise operations a step and batch member.</summary>
    public long ElementwiseFlops => Scans.Sum(s => s.Cost.ElementwiseFlops);

    /// <summary>Explains a model.</summary>
    public static Explanation Of(Model model) => new(model.Text, model.Architecture.Title, model.Architecture.Source, ReadSettings(model),
        model.Equations, model.Latex, [.. model.Parameters.Select(Explain)], model.Gates, model.States, model.Costs, model.Input, model.Output) { Recipes = model.Architecture.Recipes };

    static ExplainedSetting[] ReadSettings(Model model)
    {
        var declared = model.Architecture.AllSettings;
        var written = Notation.Parse(model.Text).Settings.ToDictionary();
        return [.. declared.Where(s => s.Name != Ablation.Setting).Select(s => new ExplainedSetting(s.Name, written.GetValueOrDefault(s.Name) ?? s.Default!, s.Default, s.Meaning))];
    }

    static ExplainedParameter Explain(ModelParameter q) =>
        new(q.Name, $"[{string.Join(",", q.Sides.Select(side => side.Symbol))}]", q.Shape, q.Count, Describe(q.Start)) { Trained = q.Trained, Free = q.Free };

    static string Describe(Initial start) => start switch
    {
        Initial.Constant x => Text.Of(x.Value),
        Initial.Uniform x => $"uniform on ±{Text.Of(x.A)}",
        Initial.Normal x => $"normal, deviation {Text.Of(x.Deviation)}",
        Initial.Interval x => $"uniform on [{Text.Of(x.Low)},{Text.Of(x.High)}]",
        Initial.FanIn x => $"uniform on ±{Text.Of(x.Gain)} / √columns",
        Initial.BiasOfLinear => "uniform on ±1 / √columns of its W",
        Initial.FanInNormal x => $"normal, deviation {Text.Of(x.Gain)} / √columns",
        Initial.Mapped x => x.Words,
        Initial.ByUnit x => x.Words,
        Initial.Shared x => x.Words,
        Initial.Computed x => x.Words,
        Initial.GlorotNormal => "Glorot normal",
        Initial.Glorot { Parts: not 1 } x => $"Glorot uniform, one of {Text.Of(x.Parts)} parts",
        Initial.Glorot => "Glorot uniform",
        Initial.NormalFanIn x => $"normal, deviation {Text.Of(x.Gain)} / √columns",
        Initial.TruncatedNormal x => $"normal within two deviations of {Text.Of(x.Deviation)}",
        Initial.NormalisedPositiveDefinite x => $"positive definite{(x.PlusIdentity ? "" : ", no identity added")}{(x.Top == 0 ? "" : $", largest eigenvalue {Text.Of(x.Top)}")}",
        Initial.RotationBlocks x => $"blocks of rotations, {(x.Cayley ? "Cayley" : "Henaff")}",
        Initial.Permutation => "random order",
        Initial.TimeConstants x => $"time constants log-uniform on [1,{Text.Of(x.Longest)}]",
        Initial.Trace x => $"normal, deviation (1 - σ({x.Logits})) / √columns",
        Initial.Evaluated x => $"{PlainText.Of(x.Matrix)} of random parameters",
        Initial.Orthogonal => "orthogonal",
        Initial.Norms x => $"the row norms of {x.Of}",
        Initial.Identity x => x.Scale == 1 ? "identity" : $"{Text.Of(x.Scale)} times the identity",
        _ => throw new NotSupportedException($"Explanation does not know the initialisation {start.GetType().Name}"),
    };
}
