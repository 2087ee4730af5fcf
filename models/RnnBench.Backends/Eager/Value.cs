using RnnBench.Language;

namespace RnnBench.Backends.Eager;

/// <summary>When a value is known. Each stage may use those before it.</summary>
enum Stage
{
    /// <summary>From the parameters alone: [W], once for each pass.</summary>
    Parameters,
    /// <summary>From the input sequence: [T,B,W], for all steps before the time loop.</summary>
    Sequence,
    /// <summary>From the states: [B,W], step by step.</summary>
    Step,
}

/// <summary>
/// A node of the graph as it is run: equal subexpressions are one node, and sums are flat. Nodes compare by reference.
/// </summary>
abstract class Value(Stage stage, int width, params IReadOnlyList<Value> operands)
{
    public Stage Stage { get; } = stage;
    /// <summary>The last dimension; 0 for a number, which fits any.</summary>
    public int Width { get; } = width;
    public IReadOnlyList<Value> Operands { get; } = operands;
}

/// <summary>A number, the same for every unit.</summary>
sealed class Number(double number) : Value(Stage.Parameters, 0)
{
    public double Of { get; } = number;
}

/// <summary>A vector parameter.</summary>
sealed class Weight(Vector vector, int width) : Value(Stage.Parameters, width)
{
    public Vector Vector { get; } = vector;
}

/// <summary>Numbers of the cell's definition.</summary>
sealed class Numbers(IReadOnlyList<double> values) : Value(Stage.Parameters, values.Count)
{
    public IReadOnlyList<double> Of { get; } = values;
}

/// <summary>The input some steps back.</summary>
sealed class Incoming(int lag, int width) : Value(Stage.Sequence, width)
{
    public int Lag { get; } = lag;
}

/// <summary>A state some steps back.</summary>
sealed class Past(State state, int lag, int width) : Value(Stage.Step, width)
{
    public State State { get; } = state;
    public int Lag { get; } = lag;
}

/// <summary>A state at the step being computed: what the next step will read, and what a tap may replace.</summary>
sealed class Present(State state, Value body, int width) : Value(Stage.Step, width, body)
{
    public State State { get; } = state;
    public Value Body => Operands[0];
}

/// <summary>A matrix times a vector.</summary>
sealed class MatVec(Matrix matrix, bool transposed, Value operand, int width) : Value(operand.Stage, width, operand)
{
    public Matrix Matrix { get; } = matrix;
    public bool Transposed { get; } = transposed;
    public Value Operand => Operands[0];
}

/// <summary>A function of each element.</summary>
sealed class Map(Function function, Value operand) : Value(operand.Stage, operand.Width, operand)
{
    public Function Function { get; } = function;
    public Value Operand => Operands[0];
}

/// <summary>The mean over the units, at every unit.</summary>
sealed class Average(Value operand) : Value(operand.Stage, operand.Width, operand)
{
    public Value Operand => Operands[0];
}

/// <summary>exp of each element over the sum of all.</summary>
sealed class Shares(Value operand, int width) : Value(operand.Stage, width, operand)
{
    public Value Operand => Operands[0];
}

/// <summary>Values one after the other.</summary>
sealed class Chain(IReadOnlyList<Value> parts, IReadOnlyList<int> widths) : Value(parts.Max(part => part.Stage), widths.Sum(), parts)
{
    public IReadOnlyList<int> Widths { get; } = widths;
}

/// <summary>Some elements of a value, from one on.</summary>
sealed class Cut(Value operand, int from, int width) : Value(operand.Stage, width, operand)
{
    public Value Operand => Operands[0];
    public int From { get; } = from;
}

/// <summary>Each block of a value several times in a row.</summary>
sealed class Repeated(Value operand, int width, int blocks, int count) : Value(operand.Stage, width * count, operand)
{
    public Value Operand => Operands[0];
    public int Blocks { get; } = blocks;
    public int Count { get; } = count;
}

/// <summary>Blocks that stand several times in a row, added up.</summary>
sealed class Folded(Value operand, int width, int blocks, int count) : Value(operand.Stage, width, operand)
{
    public Value Operand => Operands[0];
    public int Blocks { get; } = blocks;
    public int Count { get; } = count;
}

/// <summary>Two values joined element by element.</summary>
sealed class Join(Operator op, Value left, Value right)
    : Value(left.Stage > right.Stage ? left.Stage : right.Stage, Math.Max(left.Width, right.Width), left, right)
{
    public Operator Operator { get; } = op;
    public Value Left => Operands[0];
    public Value Right => Operands[1];
}

/// <summary>A sum: terms of one stage on top of what earlier stages have summed already.</summary>
/// <param name="start">The sum of the terms of earlier stages, or null.</param>
/// <param name="terms">The terms of this stage.</param>
sealed class Total(Value? start, IReadOnlyList<Value> terms)
    : Value(terms[0].Stage, terms.Max(term => term.Width), start is null ? terms : [start, .. terms])
{
    public Value? Start { get; } = start;
    public IReadOnlyList<Value> Terms { get; } = terms;
}
