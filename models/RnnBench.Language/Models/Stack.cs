namespace RnnBench.Language;

/// <summary>One pass of one cell over a sequence.</summary>
/// <param name="Prefix">What its parameters and gates are called by: "", <c>layer0.</c>, <c>fwd.</c>, <c>layer1.bwd.</c>.</param>
/// <param name="Cell">The equations.</param>
/// <param name="Reversed">Whether it runs from the last step to the first; its outputs are put back in the original order.</param>
public sealed record Scan(string Prefix, Recurrence Cell, bool Reversed)
{
    /// <summary>The full name of one of its parameters.</summary>
    public string NameOf(Parameter q) => q.Unprefixed ? q.Name : Prefix + q.Name;
}

/// <summary>A parameter of a stack.</summary>
/// <param name="Name">The full name, with the prefix of its scan.</param>
/// <param name="Sides">[rows, columns], [width], or those of several matrices as one.</param>
/// <param name="Start">How it starts.</param>
/// <param name="Weight">The parameter in its scan's equations; the first of several matrices.</param>
/// <param name="Scan">The scan that it belongs to.</param>
public sealed record StackParameter(string Name, IReadOnlyList<Width> Sides, Initial Start, Parameter Weight, Scan Scan) : ModelParameter(Name, Sides, Start)
{
    /// <summary>The matrices that it is, or null where it is one weight.</summary>
    public MatrixStack? Matrices => (Weight as Matrix)?.Stack;

    /// <summary>What is stored of a scan: its weights, those of a stack of matrices as one.</summary>
    internal static IEnumerable<StackParameter> Of(Scan scan, IReadOnlyList<InitialRule> initial, IReadOnlyList<ConstraintRule> constraints) =>
        from q in scan.Cell.Parameters.DistinctBy(q => (object?)(q as Matrix)?.Stack ?? q)
        let matrices = (q as Matrix)?.Stack
        let name = matrices?.Name ?? q.Name
        let full = matrices is null ? scan.NameOf(q) : scan.Prefix + name
        let sides = matrices?.Shape(scan.Cell.Shapes[q][0], scan.Cell.Shapes[q][1]) ?? scan.Cell.Shapes[q]
        select new StackParameter(full, sides, initial.First(rule => rule.Matches(name) || rule.Matches(full)).Start, q, scan)
        {
            Trained = q.Trained,
            Constraints = [.. constraints.Where(rule => rule.Matches(name)).Select(rule => rule.Constraint)],
            Mask = scan.Cell.MaskOf(q),
        };
}

/// <summary>
/// A stack of layers of one or two scans each, as the section <c>stacked</c> of the catalogue defines it. It turns x [T,B,I] into
/// y [T,B,<see cref="Model.Output"/>].
/// </summary>
public sealed class Stack : Model
{
    /// <param name="text">The canonical notation.</param>
    /// <param name="architecture">Its line of the catalogue.</param>
    /// <param name="layers">The scans of each layer, forward first.</param>
    /// <param name="input">The input width I.</param>
    /// <param name="skipInput">Whether x joins the input of every layer: [y; x].</param>
    /// <param name="skipOutput">Whether y is the concatenation of all layers' outputs.</param>
    /// <param name="initial">How parameters start; the first line that matches counts, and <see cref="InitialRule.Default"/> comes after the last.</param>
    /// <param name="constraints">What happens to parameters at each update.</param>
    public Stack(string text, Architecture architecture, IReadOnlyList<IReadOnlyList<Scan>> layers, int input, bool skipInput, bool skipOutput,
        IReadOnlyList<InitialRule> initial, IReadOnlyList<ConstraintRule>? constraints = null) : base(text, architecture, [input])
    {
        (Layers, SkipInput, SkipOutput) = (layers, skipInput, skipOutput);
        Scans = [.. layers.SelectMany(layer => layer)];
        Parameters = [.. Scans.SelectMany(scan => StackParameter.Of(scan, [.. initial, .. InitialRule.Default], constraints ?? []))];
        Gates = [.. Scans.SelectMany(scan => scan.Cell.Gates.Select(gate => scan.Prefix + gate.Name))];
        States = [.. Scans[0].Cell.States.SelectMany(state => ModelState.Of(state.Name, Scans))];
        OutputParts = [.. (skipOutput ? Scans : layers[^1]).Select(scan => new OutputPart(scan.Cell.WidthOf(scan.Cell.Output).Size, scan.Reversed))];
    }

    /// <summary>The scans of each layer, forward first.</summary>
    public IReadOnlyList<IReadOnlyList<Scan>> Layers { get; }
    /// <summary>Whether x joins the input of every layer: [y; x].</summary>
    public bool SkipInput { get; }
    /// <summary>Whether y is the concatenation of all layers' outputs.</summary>
    public bool SkipOutput { get; }
    /// <summary>Whether and how steps are undone in the backward pass. The interpreter runs the same equations in real numbers.</summary>
    public Reversal Reversal { get; init; }

    /// <summary>All scans, layer 0 forward, layer 0 backward, layer 1 forward ...: the order of the stored states.</summary>
    public override IReadOnlyList<Scan> Scans { get; }
    /// <summary>All parameters, scan by scan, in the order of their first use.</summary>
    public override IReadOnlyList<StackParameter> Parameters { get; }
    /// <summary>The full names of the gates, scan by scan: <c>layer0.f</c>.</summary>
    public override IReadOnlyList<string> Gates { get; }
    /// <summary>The states, in the order of the cell's declaration, in the form in which they are stored.</summary>
    public override IReadOnlyList<ModelState> States { get; }
    /// <inheritdoc/>
    public override IReadOnlyList<OutputPart> OutputParts { get; }
    /// <inheritdoc/>
    public override IReadOnlyList<string> Equations => PlainText.Equations(Scans[0].Cell);
    /// <inheritdoc/>
    public override string Latex => Language.Latex.Equations(Scans[0].Cell);
    /// <inheritdoc/>
    public override IReadOnlyList<ExplainedScan> Costs => [.. Scans.Select(ExplainedScan.Of)];

    /// <summary>The width of a layer's output sequence.</summary>
    public int WidthOf(int layer) => Layers[layer].Sum(scan => scan.Cell.WidthOf(scan.Cell.Output).Size);
}
