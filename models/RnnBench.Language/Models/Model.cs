namespace RnnBench.Language;

/// <summary>A parameter of a model.</summary>
/// <param name="Name">The full name, with the prefix of its layer: <c>layer0.W_i</c>.</param>
/// <param name="Sides">Its shape, side by side: [H,I], [H,I,kernel], [H].</param>
/// <param name="Start">How it starts.</param>
public record ModelParameter(string Name, IReadOnlyList<Width> Sides, Initial Start)
{
    /// <summary>The shape in numbers.</summary>
    public IReadOnlyList<int> Shape { get; } = [.. Sides.Select(side => side.Size)];

    /// <summary>The number of elements.</summary>
    public int Count => Shape.Aggregate(1, (product, side) => product * side);

    /// <summary>The number of elements that are trained and that the model reads: what the catalogue counts.</summary>
    public long Free => !Trained ? 0 : Mask is null ? Count : Mask.Count(read => read != 0);

    /// <summary>Whether it is trained; else it is a constant of the model, <c>const.NAME</c> in a golden case, and is not counted.</summary>
    public bool Trained { get; init; } = true;
    /// <summary>What happens to it at each update beside the optimiser's step, in this order.</summary>
    public IReadOnlyList<Constraint> Constraints { get; init; } = [];
    /// <summary>1 for each element that the model reads, else 0; null where it reads all.</summary>
    public IReadOnlyList<double>? Mask { get; init; }
}

/// <summary>A part of y that is read in one direction of time.</summary>
/// <param name="Width">How many columns of y it takes; the parts stand in their order.</param>
/// <param name="Reversed">Whether it was computed from the last step to the first, so that its own last step is the first in time.</param>
public sealed record OutputPart(int Width, bool Reversed);

/// <summary>
/// Something that turns a sequence x [T,B,<see cref="InputShape"/>] into y [T,B,<see cref="Output"/>], known by its parts and counts. A
/// <see cref="Stack"/> is made of step recurrences, and every backend runs it; what is no stack of recurrences is a module of the backends.
/// </summary>
/// <param name="text">The canonical notation.</param>
/// <param name="architecture">Its line of the catalogue.</param>
/// <param name="inputShape">The shape of one input: [I] for a vector, [C,P,Q] for C maps of P rows and Q columns.</param>
public abstract class Model(string text, Architecture architecture, IReadOnlyList<int> inputShape)
{
    /// <summary>The canonical notation.</summary>
    public string Text { get; } = text;
    /// <summary>Its line of the catalogue.</summary>
    public Architecture Architecture { get; } = architecture;
    /// <summary>The shape of one input: [I], or [C,P,Q].</summary>
    public IReadOnlyList<int> InputShape { get; } = inputShape;
    /// <summary>The input width I: the number of elements of one input.</summary>
    public int Input { get; } = inputShape.Aggregate(1, (product, side) => checked(product * side));
    /// <summary>The most children of a node that it can read, for a model of trees; null for a model of sequences.</summary>
    public virtual int? Arity => null;

    /// <summary>Whether y has as many steps as x.</summary>
    public virtual bool EachStep => true;

    /// <summary>All parameters.</summary>
    public abstract IReadOnlyList<ModelParameter> Parameters { get; }
    /// <summary>The full names of the gates: <c>layer0.f</c>.</summary>
    public abstract IReadOnlyList<string> Gates { get; }
    /// <summary>The states, in the form in which they are stored.</summary>
    public abstract IReadOnlyList<ModelState> States { get; }
    /// <summary>The parts of y, in the order of its columns.</summary>
    public abstract IReadOnlyList<OutputPart> OutputParts { get; }
    /// <summary>The equations of a layer, as text, each a line.</summary>
    public abstract IReadOnlyList<string> Equations { get; }
    /// <summary>The same in LaTeX.</summary>
    public abstract string Latex { get; }
    /// <summary>What a step costs, part by part.</summary>
    public abstract IReadOnlyList<ExplainedScan> Costs { get; }
    /// <summary>The scans of a stack; none for a module, whose scans are inside.</summary>
    public virtual IReadOnlyList<Scan> Scans => [];

    /// <summary>The width of y: the number of elements of one output.</summary>
    public int Output => OutputParts.Sum(part => part.Width);

    /// <summary>FLOPs a step and batch member as the catalogue counts them: matrix products, a multiply-add as 2.</summary>
    public long Flops => Costs.Sum(part => part.Cost.HoistedFlops + part.Cost.SequentialFlops);

    /// <summary>The id under which any catalogued cell can be written too: <c>stacked(cell=lstm,...)</c> is <c>lstm(...)</c>.</summary>
    public const string Stacked = "stacked";

    /// <summary>The id of a way to run cells (Diamos et al. 2016), which the catalogue lists among the architectures.</summary>
    public const string Persistent = "persistent";

    /// <summary>The id of a constraint on recurrent matrices, which the catalogue lists among the architectures.</summary>
    public const string Clipping = "svclip";

    /// <summary>The notation of what is meant: <c>stacked(cell=X,...)</c> as <c>X(...)</c>.</summary>
    /// <exception cref="UserError">The cell is given twice.</exception>
    public static Notation Meant(Notation notation) => ModelBuilder.Unwrap(notation);

    /// <summary>Builds a model from its notation.</summary>
    /// <param name="catalog">The known architectures.</param>
    /// <param name="notation">Id, settings, ablations.</param>
    /// <param name="input">The input width I.</param>
    /// <exception cref="UserError">Unknown id, setting, gate or node; a value out of range.</exception>
    public static Model Build(IReadOnlyList<Architecture> catalog, Notation notation, int input) => Build(catalog, notation, [input]);

    /// <summary>Builds a model from its notation.</summary>
    /// <param name="catalog">The known architectures.</param>
    /// <param name="notation">Id, settings, ablations.</param>
    /// <param name="input">The shape of one input: [I], or [C,P,Q].</param>
    /// <exception cref="UserError">Unknown id, setting, gate or node; a value out of range; an input that the model does not read.</exception>
    public static Model Build(IReadOnlyList<Architecture> catalog, Notation notation, IReadOnlyList<int> input) => ModelBuilder.Build(catalog, notation, input);
}

/// <summary>
/// A state of a model as it is stored: [B,W] for a single scan; [S,B,W] for S scans, in the order of <see cref="Model.Scans"/>; a state that is
/// read from D > 1 steps back is deep, [D,B,W] or [S,D,B,W], oldest first. A matrix memory, or maps, have their sides in place of W.
/// </summary>
/// <param name="Name">The state's name in the equations.</param>
/// <param name="Scans">The number of scans S.</param>
/// <param name="Depth">How many past steps are kept, D.</param>
/// <param name="Sides">Its width [W], or the shape of its maps [H,P,Q].</param>
public sealed record ModelState(string Name, int Scans, int Depth, params IReadOnlyList<int> Sides)
{
    /// <summary>What every element is where no state is given.</summary>
    public double Initial { get; init; }

    /// <summary>The number of the one scan that it is of, where every scan has a state of its own, as with earlier inputs, whose widths differ; null where all share it.</summary>
    public int? Only { get; init; }

    /// <summary>Its name in the equations.</summary>
    public string Plain => Only is null ? Name : Name[(Name.LastIndexOf('.') + 1)..];

    /// <summary>The number of elements of one scan, step and batch member.</summary>
    public int Width { get; } = Sides.Aggregate(1, (product, side) => checked(product * side));

    /// <summary>The shape for a batch of B.</summary>
    public IReadOnlyList<int> Shape(int batch) => [.. Scans > 1 ? [Scans] : Array.Empty<int>(), .. Depth > 1 ? [Depth] : Array.Empty<int>(), batch, .. Sides];

    /// <summary>The stored form of a state of the cells of some scans.</summary>
    internal static IEnumerable<ModelState> Of(string name, IReadOnlyList<Scan> scans) => name == Input.Name && scans.Count > 1
        ? scans.Select((scan, k) => Of(name, scan, 1) with { Name = scan.Prefix + name, Only = k }) : [Of(name, scans[0], scans.Count)];

    static ModelState Of(string name, Scan scan, int scans)
    {
        var state = scan.Cell.States.First(state => state.Name == name);
        var width = scan.Cell.WidthOf(state);
        return new ModelState(name, scans, scan.Cell.DepthOf(state), [.. width.Sides ?? [width.Size]]) { Initial = state.Initial };
    }
}
