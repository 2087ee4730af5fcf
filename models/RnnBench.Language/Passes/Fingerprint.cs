using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;

namespace RnnBench.Language;

/// <summary>
/// A short hash of what a model computes: two models that are written alike and whose equations, initial values or constraints differ have different ones.
/// Names of values count, because ablations and statistics go by them; how equations are printed does not.
/// </summary>
public static class Fingerprint
{
    /// <summary>The first 16 hexadecimal digits of a SHA-256 over the graph. Of a module, which has none, its parameters and its equations as text count.</summary>
    public static string Of(Model model) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', Lines(model)))))[..16];

    static IEnumerable<string> Lines(Model model) => (model.Scans.Count == 0 ? model.Equations : model.Scans.SelectMany(Scan))
        .Concat(model.Parameters.Select(q => $"{q.Name} {Value(q.Shape)} {Value(q.Start)} {Value(q.Constraints)} {q.Trained} {Value(q.Mask)}"));

    static IEnumerable<string> Scan(Scan scan)
    {
        var cell = scan.Cell;
        var numbers = cell.Nodes.Select((node, number) => (node, number)).ToDictionary(n => n.node, n => n.number);
        yield return $"{scan.Prefix} {scan.Reversed} {Text.Of(cell.Keeps)}";
        foreach (var node in cell.Nodes) yield return $"{Node(node)} {string.Join(',', Graph.Operands(node).Select(operand => Text.Of(numbers[operand])))}";
        foreach (var state in cell.States) yield return $"{state.Name} {Value(state.Initial)} {Value(state.Start)} {Text.Of(numbers[cell.Next[state.Name]])}";
        yield return Text.Of(numbers[cell.Output]);
    }

    /// <summary>A node without its operands.</summary>
    static string Node(Expr node) => node.GetType().Name + node switch
    {
        Elementwise x => $" {x.Operator}",
        Product x => $" {x.Matrix.Name} {x.Transposed} {Value(x.Matrix.From)}",
        Apply x => $" {x.Function}",
        Named x => $" {x.Name} {x.Role}",
        Constant x => $" {Value(x.Value)}",
        ConstantVector x => $" {Value(x.Values)}",
        InputAt x => $" {Text.Of(x.Lag)}",
        StateAt x => $" {x.State.Name} {Text.Of(x.Lag)}",
        ParameterVector x => $" {x.Vector.Name}",
        Given x => $" {x.Name}",
        Slice x => $" {Text.Of(x.Before)} {Text.Of(x.Width.Size)}",
        Spread x => $" {Text.Of(x.Blocks)} {Text.Of(x.Count)}",
        Fold x => $" {Text.Of(x.Blocks)} {Text.Of(x.Count)}",
        Mean or Softmax or Concat => "",
        _ => throw new NotSupportedException($"the fingerprint does not know the node {node.GetType().Name}"),
    };

    /// <summary>Anything that a start, a constraint or a computed matrix is made of. A function shows by the words that stand beside it.</summary>
    static string Value(object? value) => value switch
    {
        null or Delegate => "-",
        string x => x,
        Parameter x => x.Name,
        Expr x => string.Join(' ', Graph.All(x).Select(Node)),
        IFormattable x => x.ToString(x is double ? "R" : null, CultureInfo.InvariantCulture),
        bool x => x ? "true" : "false",
        ITuple x => $"({string.Join(' ', Enumerable.Range(0, x.Length).Select(k => Value(x[k])))})",
        IEnumerable x => $"[{string.Join(' ', x.Cast<object?>().Select(Value))}]",
        _ => $"{value.GetType().Name}({string.Join(' ', value.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.GetIndexParameters().Length == 0)
            .OrderBy(p => p.Name, StringComparer.Ordinal).Select(p => Value(p.GetValue(value))))})",
    };
}
