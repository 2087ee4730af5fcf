namespace RnnBench.Language;

/// <summary>Infers the width of every node and the shape of every weight from the widths of input and states.</summary>
static class Shape
{
    /// <exception cref="UserError">Two widths meet that differ, or nothing fixes a width.</exception>
    public static (Dictionary<Expr, Width> Widths, Dictionary<Parameter, Width[]> Shapes) Infer(Recurrence cell)
    {
        var slots = new Slots();
        foreach (var vector in cell.Weights.Concat(cell.Parameters).OfType<Vector>())
            if (vector.Width is { } said) slots.Fix(vector, said, vector.Name);
        foreach (var matrix in cell.Weights.OfType<Matrix>())
            if (matrix.From is { } from)
            {
                slots.Fix(slots.Rows(matrix), Side(from.Rows), matrix.Name);
                slots.Fix(slots.Columns(matrix), Side(from.Columns), matrix.Name);
            }
        foreach (var e in cell.Nodes) Say(e, () => Constrain(e));
        foreach (var state in cell.States) Say(cell.Next[state.Name], () => slots.Fix(cell.Next[state.Name], cell.WidthOf(state), $"state {state.Name}"));
        foreach (var e in cell.Equations) slots.Default(e, cell.Hidden);   // nothing but constants: a gate fixed to a number
        var shapes = cell.Weights.Union(cell.Parameters).ToDictionary(q => q, ShapeOf);
        return (cell.Nodes.Where(e => e is not Constant || slots.Known(e)).ToDictionary(e => e, WidthOf, (IEqualityComparer<Expr>)ReferenceEqualityComparer.Instance), shapes);

        Width Side(int size) => size == cell.Hidden.Size ? cell.Hidden : new Width(size, Text.Of(size));

        Width[] ShapeOf(Parameter q) => q is Stored stored ? [.. stored.Sides] : q is Vector { Width.Sides: { } sides } ? [.. sides.Select(Side)] : q is Matrix m ? [slots.Of(slots.Rows(m)) ?? throw Unknown($"{m.Name} x"), slots.Of(slots.Columns(m)) ?? throw Unknown($"what {m.Name} acts on")]
            : [slots.Of(q) ?? throw Unknown(q.Name)];

        Width WidthOf(Expr e) => slots.Of(e) ?? throw Unknown($"a value in the equation of {Equation(e)?.Name}");

        UserError Unknown(string what) => new($"{cell.Name}: nothing says how wide {what} is; use it with an input, a state or a matrix.");

        Named? Equation(Expr e) => cell.Equations.FirstOrDefault(q => Graph.All(q).Contains(e));

        void Say(Expr e, Action constrain)
        {
            try
            {
                constrain();
            }
            catch (UserError error)
            {
                throw new UserError($"{cell.Name}{(Equation(e) is { } equation ? $", equation of {equation.Name}" : "")}: {error.Message}");
            }
        }

        void Constrain(Expr e)
        {
            switch (e)
            {
                case InputAt: slots.Fix(e, cell.Input, "the input x"); break;
                case StateAt x: slots.Fix(e, cell.WidthOf(x.State), $"state {x.State.Name}"); break;
                case Given x: slots.Fix(e, x.Width, x.Name); break;
                case ParameterVector x: slots.Join(e, x.Vector, x.Vector.Name); break;
                case Product x:
                    slots.Join(x.Transposed ? slots.Rows(x.Matrix) : slots.Columns(x.Matrix), x.Operand, $"{x.Matrix.Name} and its operand");
                    slots.Join(x.Transposed ? slots.Columns(x.Matrix) : slots.Rows(x.Matrix), e, $"{x.Matrix.Name} and its product");
                    break;
                case Elementwise x:
                    if (x.Left is not Constant) slots.Join(e, x.Left, $"an elementwise {x.Operator.ToString().ToLowerInvariant()}");
                    if (x.Right is not Constant) slots.Join(e, x.Right, $"an elementwise {x.Operator.ToString().ToLowerInvariant()}");
                    break;
                case Apply x: slots.Join(e, x.Operand, x.Function.ToString()); break;
                case Named x: slots.Join(e, x.Body, x.Name); break;
                case ConstantVector x: slots.Fix(e, Side(x.Values.Count), x.Letter); break;
                case Softmax x:
                    slots.Fix(x.Operand, x.Width, "a softmax");
                    slots.Fix(e, x.Width, "a softmax");
                    break;
                case Mean x: slots.Join(e, x.Operand, "a mean"); break;
                case Concat x:
                    foreach (var (part, width) in x.Parts) slots.Fix(part, width, "a part of a concatenation");
                    slots.Fix(e, x.Width, "a concatenation");
                    break;
                case Slice x:
                    slots.Fix(x.Operand, new Width(x.Before + x.Width.Size + x.After, "whole"), "what a slice is taken of");
                    slots.Fix(e, x.Width, "a slice");
                    break;
                case Spread x:
                    slots.Fix(x.Operand, x.Of, "what is spread");
                    slots.Fix(e, x.Width, "a spread vector");
                    break;
                case Fold x:
                    slots.Fix(x.Operand, x.Of, "what is folded");
                    slots.Fix(e, x.Width, "a folded vector");
                    break;
                case Constant: break;
                default: throw new NotSupportedException($"Shape does not know the node {e.GetType().Name}");
            }
        }
    }

    /// <summary>Sets of things that must have one width, joined as the constraints come in.</summary>
    sealed class Slots
    {
        readonly Dictionary<object, object> parent = new(ReferenceEqualityComparer.Instance);
        readonly Dictionary<object, Width> width = new(ReferenceEqualityComparer.Instance);
        readonly Dictionary<Matrix, (object Rows, object Columns)> sides = [];

        public object Rows(Matrix m) => Sides(m).Rows;
        public object Columns(Matrix m) => Sides(m).Columns;
        public bool Known(object a) => width.ContainsKey(Find(a));

        public void Join(object a, object b, string where)
        {
            (a, b) = (Find(a), Find(b));
            if (a == b) return;
            if (width.TryGetValue(a, out var left) && width.TryGetValue(b, out var right) && left.Size != right.Size)
                throw new UserError($"widths {left} and {right} meet in {where}; bring them to one width with a matrix.");
            if (!width.ContainsKey(b)) (a, b) = (b, a);                     // b, whose width is known if either is, stays the root
            parent[a] = b;
        }

        public void Fix(object a, Width w, string where)
        {
            a = Find(a);
            if (width.TryGetValue(a, out var known) && known.Size != w.Size)
                throw new UserError($"{where} has width {w}, but its equation gives {known}; bring it to one width with a matrix.");
            width.TryAdd(a, w);
        }

        public void Default(object a, Width w) => width.TryAdd(Find(a), w);

        public Width? Of(object a) => width.TryGetValue(Find(a), out var w) ? w : null;

        object Find(object a)
        {
            while (parent.TryGetValue(a, out var up)) a = up;
            return a;
        }

        (object Rows, object Columns) Sides(Matrix m) => sides.TryGetValue(m, out var s) ? s : sides[m] = (new object(), new object());
    }
}
