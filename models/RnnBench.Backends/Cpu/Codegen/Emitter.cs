using System.Linq.Expressions;

namespace RnnBench.Backends.Cpu;

/// <summary>Collects the statements of a kernel's innermost loop; every intermediate value gets a variable of its own, so that it is computed once.</summary>
sealed class Emitter(VectorUnit unit)
{
    readonly List<ParameterExpression> variables = [];
    readonly List<Expression> statements = [];

    public VectorUnit Unit => unit;

    /// <summary>Computes a value now and gives it a name.</summary>
    public ParameterExpression Let(Expression value, string? name = null)
    {
        var variable = Expression.Variable(value.Type, name);
        variables.Add(variable);
        statements.Add(Expression.Assign(variable, value));
        return variable;
    }

    public void Do(Expression statement) => statements.Add(statement);

    public Expression Body() => Expression.Block(variables, statements);

    /// <summary>for (index = 0; index &lt; limit; index += step) body, and nothing at all where the limit is not positive.</summary>
    public static Expression For(ParameterExpression index, Expression limit, Expression step, Expression body)
    {
        var done = Expression.Label();
        return Expression.Block(
            Expression.Assign(index, Expression.Constant(0L)),
            Expression.IfThen(Expression.LessThan(index, limit), Expression.Loop(Expression.Block(
                body,
                Expression.AddAssign(index, step),
                Expression.IfThen(Expression.GreaterThanOrEqual(index, limit), Expression.Break(done))), done)));
    }
}
