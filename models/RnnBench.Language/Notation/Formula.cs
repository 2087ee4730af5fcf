namespace RnnBench.Language;

/// <summary>The right-hand side of a rewriting, as it is written: not yet bound to the nodes of a cell.</summary>
abstract record Formula
{
    Formula() { }
    public sealed record Number(double Value) : Formula;
    /// <summary>A node, a parameter or x at t, or a state or x at an earlier step.</summary>
    public sealed record Name(string Text, int Lag) : Formula;
    public sealed record Minus(Formula Of) : Formula;
    public sealed record Binary(Operator Operator, Formula Left, Formula Right) : Formula;
    public sealed record Call(string Function, Formula Of) : Formula;

    /// <summary>The canonical text: no spaces, no bracket that is not needed.</summary>
    public sealed override string ToString() => Write(0);

    string Write(int around)
    {
        var (text, strength) = this switch
        {
            Number x => (Text.Of(x.Value), x.Value < 0 ? 1 : 4),
            Name { Lag: 0 } x => (x.Text, 4),
            Name x => ($"{x.Text}[t-{x.Lag}]", 4),
            Call x => ($"{x.Function}({x.Of})", 4),
            Minus x => ($"-{x.Of.Write(2)}", 1),
            Binary { Operator: Operator.Add } x => ($"{x.Left.Write(1)}+{x.Right.Write(2)}", 1),
            Binary { Operator: Operator.Subtract } x => ($"{x.Left.Write(1)}-{x.Right.Write(2)}", 1),
            Binary { Operator: Operator.Multiply } x => ($"{x.Left.Write(2)}*{x.Right.Write(3)}", 2),
            Binary { Operator: Operator.Divide } x => ($"{x.Left.Write(2)}/{x.Right.Write(3)}", 2),
            _ => throw new NotSupportedException($"Formula does not know {GetType().Name}"),
        };
        return strength < around ? $"({text})" : text;
    }
}

/// <summary>One rewriting: <c>f=1-i</c>.</summary>
/// <param name="Target">A node, a parameter, or the letter of several parameters.</param>
/// <param name="By">What takes its place.</param>
sealed record Rewriting(string Target, Formula By)
{
    public override string ToString() => $"{Target}={By}";
}
