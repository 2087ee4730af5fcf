using RnnBench.Language;

namespace RnnBench.Architectures;

/// <summary>
/// The input brought to the hidden size, e = E x, for the cells whose paper adds the input to vectors of that size: one learned matrix
/// before everything else, which leaves the paper's equations untouched.
/// </summary>
static class Embedding
{
    public static Setting Setting { get; } = Setting.Choice("embed", "auto", "whether a learned matrix E brings the input to the hidden size; auto: where a layer's input has another size", "auto", "true", "false");

    public static InitialRule Start { get; } = new("E", new Initial.Glorot());

    /// <exception cref="UserError">No matrix is wanted, and the sizes differ.</exception>
    public static Expr Of(string embed, Expr x, Width input, Width hidden) => (embed, input.Size == hidden.Size) switch
    {
        ("true", _) or ("auto", false) => new Matrix("E", "") * x,
        (_, true) => x,
        _ => throw new UserError($"embed=false needs an input of the hidden size {hidden}, but a layer reads {input}; leave embed out or set it to true."),
    };
}
