namespace RnnBench.Language;

/// <summary>Ablation: puts an expression in the place of a node or parameter and drops what no longer occurs. What did not change stays shared.</summary>
static class Rewrite
{
    /// <exception cref="UserError">An unknown name, or a replacement that depends on what it replaces.</exception>
    public static Recurrence Apply(Recurrence cell, Rewriting rewriting)
    {
        var scope = new Scope(cell, rewriting);
        var done = new Dictionary<Expr, Expr>(ReferenceEqualityComparer.Instance);
        var by = scope.Replacement();
        foreach (var e in scope.Replaced) done[e] = e is Named node ? Renamed(node, by) : by;
        foreach (var e in scope.Logarithms) done[e] = Algebra.Apply(Function.Log, by);

        var next = cell.States.ToDictionary(s => s.Name, s => Root(s, Substitute(cell.Next[s.Name], done)));
        if (scope.Earlier is not null) next.Add(Input.Name, Input.Next);
        var output = cell.States.Where(s => cell.Next[s.Name] == cell.Output).Select(s => next[s.Name]).FirstOrDefault() ?? Substitute(cell.Output, done);
        if (output is Constant) throw new UserError($"{cell.Name}[{rewriting}]: the output would be the same number at every step.");
        var reachable = Graph.All([.. next.Values, output]).ToHashSet(ReferenceEqualityComparer.Instance);
        var used = Graph.All([.. cell.Next.Values, cell.Output]).ToHashSet(ReferenceEqualityComparer.Instance);          // what nothing used before is there to be recorded
        var equations = Graph.All(cell.Equations.Where(e => !used.Contains(e) || reachable.Contains(Substitute(e, done))).Select(e => Substitute(e, done)).Concat(next.Values)).OfType<Named>();
        return new Recurrence($"{cell.Name}[{rewriting}]", cell.Input, cell.Hidden, [.. cell.States, .. scope.Earlier is { } x ? [x] : Array.Empty<State>()], next, output, [.. equations]) { Keeps = cell.Keeps };
    }


    /// <summary>The same equations with other lags of the states.</summary>
    /// <param name="cell">The equations.</param>
    /// <param name="lag">From a lag to the new one, at least 1.</param>
    /// <param name="keeps">The least number of past steps that are kept.</param>
    /// <param name="output">What is shown, from what the output became and what the states became; null for the output.</param>
    public static Recurrence WithLags(Recurrence cell, Func<int, int> lag, int keeps, Func<Expr, IReadOnlyDictionary<string, Expr>, Expr>? output = null)
    {
        var done = new Dictionary<Expr, Expr>(ReferenceEqualityComparer.Instance);
        foreach (var read in cell.Nodes.OfType<StateAt>()) done[read] = new StateAt(read.State, lag(read.Lag));
        var next = cell.States.ToDictionary(s => s.Name, s => Substitute(cell.Next[s.Name], done));
        var shown = Substitute(cell.Output, done);
        return new Recurrence(cell.Name, cell.Input, cell.Hidden, cell.States, next, output?.Invoke(shown, next) ?? shown,
            [.. cell.Equations.Select(e => (Named)Substitute(e, done))]) { Keeps = keeps };
    }

    /// <summary>The same equations where each product U s of states before the step is U s + V s', s' being s with those states so many times as far back.</summary>
    /// <param name="cell">The equations.</param>
    /// <param name="steps">How many times.</param>
    /// <param name="keeps">The least number of past steps that are kept.</param>
    public static Recurrence WithSkips(Recurrence cell, int steps, int keeps)
    {
        var (done, back) = (new Dictionary<Expr, Expr>(ReferenceEqualityComparer.Instance), new Dictionary<Expr, Expr>(ReferenceEqualityComparer.Instance));
        foreach (var e in cell.Nodes)                                       // operands before their users
            if (e is StateAt read) back[e] = new StateAt(read.State, read.Lag * steps);
            else if (e is Named) back[e] = Substitute(e, done);             // a gate is that of this step in both
            else if (e is Product product && Reads(product.Operand))
                done[e] = new Product(product.Matrix, Substitute(product.Operand, done)) + new Product(new Matrix("V", product.Matrix.Equation), Substitute(product.Operand, back));
        var next = cell.States.ToDictionary(s => s.Name, s => Substitute(cell.Next[s.Name], done));
        return new Recurrence(cell.Name, cell.Input, cell.Hidden, cell.States, next, Substitute(cell.Output, done), [.. cell.Equations.Select(e => (Named)Substitute(e, done))]) { Keeps = keeps };

        static bool Reads(Expr e) => e is StateAt || e is not Named && Graph.Operands(e).Any(Reads);
    }

    /// <summary>A gate or value fixed to a number is the number; a state keeps its equation.</summary>
    static Expr Renamed(Named node, Expr body) => body is Constant ? body : new Named(node.Name, body, node.Role);

    static Expr Root(State state, Expr next) => next is Constant ? new Named(state.Name, next, Role.State) : next;

    static Expr Substitute(Expr e, Dictionary<Expr, Expr> done)
    {
        if (done.TryGetValue(e, out var known)) return known is Constant x ? x.Value : known;      // a number of its own for each place: widths differ
        var operands = Graph.Operands(e);
        Expr[] substituted = [.. operands.Select(operand => Substitute(operand, done))];
        var same = operands.Zip(substituted).All(pair => ReferenceEquals(pair.First, pair.Second) || pair is (Constant a, Constant b) && a.Value == b.Value);
        return done[e] = same ? e : Rebuild(e, substituted);
    }

    static Expr Rebuild(Expr e, Expr[] operands) => e switch
    {
        Elementwise x => Algebra.Elementwise(x.Operator, operands[0], operands[1]),
        Product x => Algebra.Product(x.Matrix, operands[0], x.Transposed),
        Language.Apply x => Algebra.Apply(x.Function, operands[0]),
        Named x => Renamed(x, operands[0]),
        Language.Softmax x => Algebra.Softmax(operands[0], x.Width),
        Language.Mean => Algebra.Mean(operands[0]),
        Language.Concat x => new Concat(operands.Zip(x.Parts, (operand, part) => (operand, part.Width)).ToArray()),
        Language.Slice x => Algebra.Slice(operands[0], x.Before, x.Width, x.After),
        Language.Spread x => Algebra.Spread(operands[0], x.Of, x.Blocks, x.Count),
        Language.Fold x => Algebra.Fold(operands[0], x.Width, x.Blocks, x.Count),
        _ => throw new NotSupportedException($"Rewrite does not know the node {e.GetType().Name}"),
    };

    /// <summary>The names of a cell, as a rewriting sees them.</summary>
    sealed class Scope
    {
        readonly Recurrence cell;
        readonly Rewriting rewriting;

        public Scope(Recurrence cell, Rewriting rewriting)
        {
            (this.cell, this.rewriting) = (cell, rewriting);
            Replaced = (Node(rewriting.Target) is { } node ? [node, .. Halves(node)] : Parameters(rewriting.Target)).ToHashSet<Expr>(ReferenceEqualityComparer.Instance);
            if (Replaced.Count == 0) throw Unknown(rewriting.Target);
            Logarithms = Node(rewriting.Target) is { Body: Language.Apply { Function: Function.Sigmoid } σ } ? [.. cell.Nodes.Where(e => IsLogarithm(e, σ.Operand))] : [];
            if (Logarithms.Count == 0 && !Graph.All([.. cell.Next.Values, cell.Output]).Any(Replaced.Contains))
                throw new UserError($"{cell.Name}[{rewriting}]: {rewriting.Target} is recorded, but nothing is computed from it.");
        }

        /// <summary>The nodes that give way: a named one, or those of a parameter.</summary>
        public IReadOnlySet<Expr> Replaced { get; }

        /// <summary>The state of earlier inputs, where the replacement reads one and the equations did not.</summary>
        public State? Earlier { get; private set; }

        /// <summary>Where the equations read the logarithm of a gate σ(a) as -softplus(-a), which does not underflow, instead of the gate.</summary>
        public IReadOnlyList<Expr> Logarithms { get; }

        public Expr Replacement()
        {
            var by = Bind(rewriting.By);
            if (by is Constant x && !double.IsFinite(x.Value)) throw new UserError($"{cell.Name}[{rewriting}]: the right-hand side is no finite number.");
            if (by is not Constant && Replaced.Count > 1 && Node(rewriting.Target) is { } joined)
                throw new UserError($"{cell.Name}[{rewriting}]: {joined.Name} is {string.Join(" and ", Halves(joined).Select(part => part.Name))} side by side; fix it to a number, or rewrite each of them.");
            return by is Constant { Value: 0 } || Replaced.OfType<Product>().FirstOrDefault() is not { } product ? by
                : throw new UserError($"{cell.Name}[{rewriting}]: a matrix such as {product.Matrix.Name} can only be taken out: [{rewriting.Target}=0].");
        }

        static bool IsLogarithm(Expr e, Expr a) => e is Language.Apply { Function: Function.Negate, Operand: Language.Apply { Function: Function.Softplus, Operand: Language.Apply { Function: Function.Negate } x } } && x.Operand == a;

        /// <summary>What a gate only shows side by side, such as z of <c>half1.z</c> and <c>half2.z</c>: the equations read the parts, so they give way with it.</summary>
        static IReadOnlyList<Named> Halves(Named node) => node.Body is Concat joined && joined.Parts.All(part => part.Part is Named named && named.Name.EndsWith($".{node.Name}", StringComparison.Ordinal))
            ? [.. joined.Parts.Select(part => (Named)part.Part)] : [];

        Named? Node(string name) => cell.Equations.FirstOrDefault(e => e.Name == name);

        /// <summary>Where one parameter stands, by its full name, or all that share a letter: <c>p=0</c>.</summary>
        IEnumerable<Expr> Parameters(string name)
        {
            Parameter[] targets = [.. cell.Weights.Where(q => q.Name == name)];
            if (targets.Length == 0) targets = [.. cell.Weights.Where(q => q is Matrix { Stack: { } stack } && stack.Name == name)];
            if (targets.Length == 0) targets = [.. cell.Weights.Where(q => q.Symbol == name)];
            return cell.Nodes.Where(e => e is Product p && targets.Contains(p.Matrix) || e is ParameterVector v && targets.Contains(v.Vector));
        }

        Expr Bind(Formula formula) => formula switch
        {
            Formula.Number x => x.Value,
            Formula.Minus x => Algebra.Apply(Function.Negate, Bind(x.Of)),
            Formula.Binary { Operator: Operator.Multiply, Left: Formula.Name { Lag: 0 } left } x when Matrix(left.Text) is { } matrix => Algebra.Product(matrix, Bind(x.Right), false),
            Formula.Binary x => Algebra.Elementwise(x.Operator, Bind(x.Left), Bind(x.Right)),
            Formula.Call { Function: FormulaReader.Argument } x => Argument(x.Of),
            Formula.Call x => Algebra.Apply(FormulaReader.Functions[x.Function], Bind(x.Of)),
            Formula.Name x => Free(Value(x), x.ToString()),
            _ => throw new NotSupportedException($"Rewrite does not know the formula {formula.GetType().Name}"),
        };

        Expr Value(Formula.Name name)
        {
            if (name is { Text: Input.Name, Lag: 0 }) return new InputAt(0);
            if (name.Lag > 0) return new StateAt(cell.States.FirstOrDefault(s => s.Name == name.Text) ?? (name.Text == Input.Name ? Earlier ??= new State(cell.Input, Input.Name) : throw NoState(name)), name.Lag);
            if (Node(name.Text) is { } node) return node;
            if (cell.Weights.OfType<Vector>().FirstOrDefault(q => q.Name == name.Text) is { } vector) return vector;
            throw Matrix(name.Text) is null ? Unknown(name.Text)
                : new UserError($"{cell.Name}[{rewriting}]: {name.Text} is a matrix; write what it acts on, as in {name.Text}*h[t-1].");
        }

        Matrix? Matrix(string name) => Node(name) is null ? cell.Weights.OfType<Matrix>().FirstOrDefault(q => q.Name == name) : null;

        /// <summary>The operand of a node's outermost nonlinearity.</summary>
        Expr Argument(Formula of)
        {
            if (of is not Formula.Name { Lag: 0 } name || Node(name.Text) is not { } node)
                throw new UserError($"{cell.Name}[{rewriting}]: arg takes the name of a node; there are {Nodes}.");
            return node.Body is Language.Apply { Operand: var operand } ? Free(operand, $"arg({name})")
                : throw new UserError($"{cell.Name}[{rewriting}]: {name} has no outermost nonlinearity, so there is no arg({name}).");
        }

        /// <summary>Refuses what depends on that which gives way.</summary>
        Expr Free(Expr e, string written)
        {
            var target = rewriting.Target;
            if (!Graph.All(e).Any(Replaced.Contains)) return e;
            throw new UserError($"{cell.Name}[{rewriting}]: {written} is computed from {target}, so {target} cannot be computed from it"
                + (Node(target) is { Role: Role.State } ? $"; did you mean {target}[t-1]?" : "."));
        }

        string Nodes => string.Join(", ", cell.Equations.Select(e => e.Name));

        UserError NoState(Formula.Name name) => new($"{cell.Name}[{rewriting}]: {name} is no state at an earlier step; the states are {string.Join(", ", cell.States.Select(s => s.Name))}.");

        UserError Unknown(string name) =>
            new($"{cell.Name}[{rewriting}]: nothing is called {name}; there are the nodes {Nodes} and the parameters {string.Join(", ", cell.Weights.Select(q => (q as Matrix)?.Stack?.Name ?? q.Name).Distinct())}.");
    }
}
