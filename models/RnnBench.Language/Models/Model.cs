namespace RnnBench.Language;

/// <summary>One pass of one cell over a sequence.</summary>
/// <param name="Prefix">What its parameters and gates are called by: "", <c>layer0.</c>, <c>fwd.</c>, <c>layer1.bwd.</c>.</param>
/// <param name="Cell">The equations.</param>
/// <param name="Reversed">Whether it runs from the last step to the first; its outputs are put back in the original order.</param>
public sealed record Scan(string Prefix, Recurrence Cell, bool Reversed);

/// <summary>A parameter of a model.</summary>
/// <param name="Name">The full name, with the prefix of its scan.</param>
/// <param name="Shape">[rows, columns] or [width].</param>
/// <param name="Weight">The parameter in its scan's equations.</param>
/// <param name="Scan">The scan that it belongs to.</param>
public sealed record ModelParameter(string Name, IReadOnlyList<int> Shape, Parameter Weight, Scan Scan)
{
    /// <summary>The number of elements.</summary>
    public int Count => Shape.Aggregate(1, (product, side) => product * side);
}

/// <summary>
/// A stack of layers of one or two scans each, as the section <c>stacked</c> of the catalogue defines it. It turns x [T,B,I] into
/// y [T,B,<see cref="Output"/>].
/// </summary>
/// <param name="Text">The canonical notation.</param>
/// <param name="Architecture">Its line of the catalogue.</param>
/// <param name="Layers">The scans of each layer, forward first.</param>
/// <param name="Input">The input width I.</param>
/// <param name="SkipInput">Whether x joins the input of every layer: [y; x].</param>
/// <param name="SkipOutput">Whether y is the concatenation of all layers' outputs.</param>
/// <param name="Initial">How parameters start; the first line that matches counts.</param>
public sealed record Model(string Text, Architecture Architecture, IReadOnlyList<IReadOnlyList<Scan>> Layers, int Input,
    bool SkipInput, bool SkipOutput, IReadOnlyList<InitialRule> Initial)
{
    /// <summary>All scans, layer 0 forward, layer 0 backward, layer 1 forward ...: the order of the stored states.</summary>
    public IReadOnlyList<Scan> Scans { get; } = [.. Layers.SelectMany(layer => layer)];

    /// <summary>All parameters, scan by scan, in the order of their first use.</summary>
    public IReadOnlyList<ModelParameter> Parameters { get; } = [.. Layers.SelectMany(layer => layer).SelectMany(scan => scan.Cell.Parameters
        .Select(q => new ModelParameter(scan.Prefix + q.Name, [.. scan.Cell.Shapes[q].Select(w => w.Size)], q, scan)))];

    /// <summary>The full names of the gates, scan by scan: <c>layer0.f</c>.</summary>
    public IReadOnlyList<string> Gates { get; } = [.. Layers.SelectMany(layer => layer).SelectMany(scan => scan.Cell.Gates.Select(g => scan.Prefix + g.Name))];

    /// <summary>The width of a layer's output sequence.</summary>
    public int WidthOf(int layer) => Layers[layer].Sum(scan => scan.Cell.WidthOf(scan.Cell.Output).Size);

    /// <summary>The width of y.</summary>
    public int Output => SkipOutput ? Enumerable.Range(0, Layers.Count).Sum(WidthOf) : WidthOf(Layers.Count - 1);

    /// <summary>The states, in the order of the cell's declaration, in the form in which they are stored.</summary>
    public IReadOnlyList<ModelState> States { get; } = [.. Layers[0][0].Cell.States.Select(state => ModelState.Of(state.Name, [.. Layers.SelectMany(layer => layer)]))];

    /// <summary>How a parameter starts: the first line of the initialisation that is about it.</summary>
    public Initial StartOf(ModelParameter parameter) => Initial.First(rule => rule.Matches(parameter.Weight.Name)).Start;

    /// <summary>The id under which any catalogued cell can be written too: <c>stacked(cell=lstm,...)</c> is <c>lstm(...)</c>.</summary>
    public const string Stacked = "stacked";

    /// <summary>Builds a model from its notation.</summary>
    /// <param name="catalog">The known architectures.</param>
    /// <param name="notation">Id, settings, ablations.</param>
    /// <param name="input">The input width I.</param>
    /// <exception cref="UserError">Unknown id, setting, gate or node; a value out of range.</exception>
    public static Model Build(IReadOnlyList<Architecture> catalog, Notation notation, int input) => ModelBuilder.Build(catalog, notation, input);
}

/// <summary>
/// A state of a model as it is stored: [B,W] for a single scan; [S,B,W] for S scans, in the order of <see cref="Model.Scans"/>; a state that is
/// read from D > 1 steps back is deep, [D,B,W] or [S,D,B,W], oldest first.
/// </summary>
/// <param name="Name">The state's name in the equations.</param>
/// <param name="Scans">The number of scans S.</param>
/// <param name="Depth">How many past steps are kept, D.</param>
/// <param name="Width">Its width W.</param>
public sealed record ModelState(string Name, int Scans, int Depth, int Width)
{
    /// <summary>The shape for a batch of B.</summary>
    public IReadOnlyList<int> Shape(int batch) => [.. Scans > 1 ? [Scans] : Array.Empty<int>(), .. Depth > 1 ? [Depth] : Array.Empty<int>(), batch, Width];

    internal static ModelState Of(string name, IReadOnlyList<Scan> scans)
    {
        var cell = scans[0].Cell;
        var state = cell.States.First(state => state.Name == name);
        return new ModelState(name, scans.Count, cell.DepthOf(state), cell.WidthOf(state).Size);
    }
}
