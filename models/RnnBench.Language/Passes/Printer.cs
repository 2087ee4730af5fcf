namespace RnnBench.Language;

/// <summary>Equations as LaTeX, as a paper prints them.</summary>
public static class Latex
{
    static readonly Printer.Dialect Dialect = new(@" \odot ", row => row.Latex, @"^{\top}", Letter, sub => sub.Length == 1 ? $"_{sub}" : $"_{{{sub}}}", @"\frac{{{0}}}{{{1}}}", 5, @"\max({0}, {1})", @"\textstyle\sum", "^{{({0})}}", @"_{\triangle}", "^{-1}");

    /// <summary>All equations of a cell, one a line, in an <c>aligned</c> environment.</summary>
    public static string Equations(Recurrence cell) =>
        "\\begin{aligned}\n" + string.Join(" \\\\\n", new Printer(Dialect).Equations(cell).Select(e => $"{e.Left} &= {e.Right}")) + "\n\\end{aligned}";

    /// <summary>One node.</summary>
    public static string Of(Expr e) => new Printer(Dialect).Of(e);

    /// <summary>One letter stands as it is, a word upright; <c>inner1.c</c> is c with a superscript.</summary>
    static string Letter(string name) => name.LastIndexOf('.') is > 0 and var dot ? $@"{Letter(name[(dot + 1)..])}^{{{Letter(name[..dot])}}}"
        : name.EndsWith('\'') ? Letter(name[..^1]) + "'" : name == "λ" ? @"\lambda" : name == "φ" ? @"\varphi" : name.Length == 1 ? name : $@"\mathrm{{{name.Replace("_", @"\_")}}}";
}

/// <summary>Equations as plain text, as the catalogue prints them.</summary>
public static class PlainText
{
    static readonly Printer.Dialect Dialect = new(" ⊙ ", row => row.Plain, "ᵀ", name => name, sub => sub.All(char.IsLetterOrDigit) ? $"_{sub}" : $"_{{{sub}}}", "{0} / {1}", 3, "max({0}, {1})", "Σ", "[{0}]", "△", "⁻¹");

    /// <summary>The equations of a cell, each a line: <c>i_t = σ(W_i x_t + U_i h_{t-1} + b_i)</c>.</summary>
    public static IReadOnlyList<string> Equations(Recurrence cell) => [.. new Printer(Dialect).Equations(cell).Select(e => $"{e.Left} = {e.Right}")];

    /// <summary>One node.</summary>
    public static string Of(Expr e) => new Printer(Dialect).Of(e);

    /// <summary>A matrix that is computed.</summary>
    public static string Of(MatrixExpr m) => new Printer(Dialect).Of(m);
}

/// <summary>Prints nodes with brackets where they are needed and only there.</summary>
sealed class Printer(Printer.Dialect dialect)
{
    /// <param name="Times">Between the factors of an elementwise product.</param>
    /// <param name="Function">How a function is printed.</param>
    /// <param name="Transpose">Behind a transposed matrix.</param>
    /// <param name="Letter">A name without its subscript.</param>
    /// <param name="Subscript">A subscript.</param>
    /// <param name="Quotient">{0} over {1}.</param>
    /// <param name="QuotientBinds">How strongly a quotient holds together.</param>
    /// <param name="Maximum">The larger of {0} and {1}.</param>
    /// <param name="Sum">The sum over the elements that a vector was spread to.</param>
    /// <param name="Index">Behind a matrix of a stack, {0} being its place.</param>
    /// <param name="Triangle">Behind a matrix of which only what stands above the diagonal counts.</param>
    /// <param name="Inverse">Behind a matrix that is inverted.</param>
    public sealed record Dialect(string Times, Func<Functions.Row, string> Function, string Transpose, Func<string, string> Letter,
        Func<string, string> Subscript, string Quotient, int QuotientBinds, string Maximum, string Sum, string Index, string Triangle, string Inverse);

    public IEnumerable<(string Left, string Right)> Equations(Recurrence cell)
    {
        foreach (var e in cell.Equations.Where(e => !Input.IsNext(e))) yield return (Of(e), Of(e.Body));
        if (!cell.Equations.Contains(cell.Output)) yield return (At("y", 0), Of(cell.Output));
    }

    public string Of(Expr e) => Of(e, around: 0);

    public string Of(MatrixExpr m) => new MatrixPrinter(dialect, Weight).Of(m, around: 4);

    /// <summary>How strongly a node holds together: negative 1, sum 2, product 3, matrix product 4, a single thing 5.</summary>
    string Of(Expr e, int around)
    {
        if (e is Apply { Function: Function.Identity or Function.Hold } identity) return Of(identity.Operand, around);
        var (text, binds) = e switch
        {
            Constant x => (Text.Of(x.Value), x.Value < 0 ? 1 : 5),
            Elementwise { Operator: Operator.Add } x => ($"{Of(x.Left, 1)} + {Of(x.Right, 2)}", 2),
            Elementwise { Operator: Operator.Subtract } x => ($"{Of(x.Left, 1)} - {Of(x.Right, 3)}", 2),
            Elementwise { Operator: Operator.Multiply, Right: Constant } x => ($"{Of(x.Right, 4)} {Of(x.Left, 4)}", 3),
            Elementwise { Operator: Operator.Multiply, Left: Constant } x => ($"{Of(x.Left, 4)} {Of(x.Right, 4)}", 3),
            Elementwise { Operator: Operator.Multiply } x => (Of(x.Left, 3) + dialect.Times + Of(x.Right, 3), 3),
            Elementwise { Operator: Operator.Divide } x => (string.Format(null, dialect.Quotient, Side(x.Left, 3), Side(x.Right, 4)), dialect.QuotientBinds),
            Elementwise { Operator: Operator.Maximum } x => (string.Format(null, dialect.Maximum, Of(x.Left), Of(x.Right)), 5),
            Product x => ($"{Factor(x)}{(x.Transposed ? dialect.Transpose : "")} {Of(x.Operand, 4)}", 4),
            Apply { Function: Function.Negate } x => ($"-{Of(x.Operand, 3)}", 1),
            Apply x => (string.Format(null, dialect.Function(Functions.Table[x.Function]), Of(x.Operand, 0)), 5),
            InputAt x => (At("x", x.Lag), 5),
            StateAt x => (At(x.State.Name, x.Lag), 5),
            Named x => (At(x.Name, 0), 5),
            ParameterVector x => (Weight(x.Vector), 5),
            ConstantVector x => (dialect.Letter(x.Letter), 5),
            Softmax x => ($"{dialect.Letter("softmax")}({Of(x.Operand)})", 5),
            Mean x => ($"{dialect.Letter("mean")}({Of(x.Operand)})", 5),
            Concat x => ($"[{string.Join("; ", x.Parts.Select(part => Of(part.Part)))}]", 5),
            Slice x => ($"{Of(x.Operand, 5)}[{Text.Of(x.Before)}:{Text.Of(x.Before + x.Width.Size)}]", 5),
            Spread { Blocks: var blocks } x => blocks == x.Of.Size ? (Of(x.Operand, around), 5) : (Of(x.Operand, 5) + dialect.Transpose, 5),
            Fold x => ($"{dialect.Sum}({Of(x.Operand)})", 5),
            Given x => (dialect.Letter(x.Name), 5),
            _ => throw new NotSupportedException($"the printer does not know the node {e.GetType().Name}"),
        };
        return binds < around ? $"({text})" : text;
    }

    /// <summary>A side of a quotient, which needs no brackets where a line is drawn between the two.</summary>
    string Side(Expr e, int around) => Of(e, dialect.QuotientBinds == 5 ? 0 : around);

    string Weight(Parameter q) => dialect.Letter(q.Symbol) + (string.IsNullOrEmpty(q.Equation) ? "" : dialect.Subscript(q.Equation))
        + (q is Matrix { Stack: not null } m ? string.Format(null, dialect.Index, Text.Of(m.Index)) : "");

    /// <summary>The matrix of a product; one that is computed, as it is computed.</summary>
    string Factor(Product x) => x.Matrix.From is { } from ? new MatrixPrinter(dialect, Weight).Of(from, x.Transposed ? 5 : 4) : Weight(x.Matrix);

    string At(string name, int lag) => dialect.Letter(name) + dialect.Subscript(lag == 0 ? "t" : $"t-{Text.Of(lag)}");
}
