using RnnBench.Language;
using static TorchSharp.torch;

namespace RnnBench.Harness;

/// <summary>
/// What the constraints of a model do around the optimiser's step. They read and write parameters by their catalogue names, so that they hold
/// on every backend whatever its layout.
/// </summary>
sealed class ConstrainedUpdate : IDisposable
{
    readonly ISequenceRunner<Tensor> runner;
    readonly (ModelParameter Parameter, Constraint Rule)[] rules;
    readonly SortedDictionary<string, Tensor> memory = new(StringComparer.Ordinal);

    /// <param name="runner">What is trained.</param>
    /// <param name="training">The training settings.</param>
    public ConstrainedUpdate(ISequenceRunner<Tensor> runner, Settings training)
    {
        this.runner = runner;
        rules = [.. runner.Model.Parameters.SelectMany(q => q.Constraints.Where(rule => rule is not Constraint.Undecayed).Select(rule => (q, rule)))];
        if (!SingularValueClipping.IsAsked(training)) return;
        (ModelParameter, Constraint)[] clipped = [.. runner.Model.Parameters
            .Select(q => (q, (Constraint?)SingularValueClipping.Of(runner.Model, q, training))).Where(r => r.Item2 is not null).Select(r => (r.q, r.Item2!))];
        if (clipped.Length == 0)
            throw new UserError($"svclip_mode={training.Choice("svclip_mode")}: {runner.Model.Text} has no recurrent matrix U whose singular values could be clipped.");
        rules = [.. rules, .. clipped];
    }

    /// <summary>What is remembered between updates, by a name of its own.</summary>
    public IReadOnlyDictionary<string, Tensor> Memory => memory;

    /// <summary>Takes over what another remembered.</summary>
    public void Restore(IEnumerable<KeyValuePair<string, Tensor>> saved)
    {
        foreach (var (name, value) in saved) memory[name] = value.clone().DetachFromDisposeScope();
    }

    /// <summary>Makes an update: the optimiser's step, and what the constraints do to it.</summary>
    /// <param name="step">The number of this update, from 1.</param>
    /// <param name="rate">The learning rate.</param>
    /// <param name="length">The steps of the sequences that the gradients come from.</param>
    /// <param name="optimize">The optimiser's step.</param>
    public void Around(long step, double rate, long length, Action optimize)
    {
        if (rules.Length == 0)
        {
            optimize();
            return;
        }
        using var still = no_grad();
        using var scope = NewDisposeScope();
        string[] touched = [.. rules.SelectMany(r => Touched(r.Parameter, r.Rule)).Distinct()];
        var (stored, gradients) = (runner.Read(), rules.Any(r => r.Rule is Constraint.Unitary) ? runner.ReadGradients() : null);
        var before = touched.ToDictionary(name => name, name => Exact(stored[name]).clone());
        optimize();
        stored = runner.Read();
        var now = touched.ToDictionary(name => name, name => Exact(stored[name]));
        foreach (var (parameter, rule) in rules) Apply(parameter, rule);
        runner.Change(now);

        void Apply(ModelParameter q, Constraint rule)
        {
            switch (rule)
            {
                case Constraint.Frozen: now[q.Name] = before[q.Name]; break;
                case Constraint.Rate x: now[q.Name] = before[q.Name] + x.Factor * (now[q.Name] - before[q.Name]); break;
                case Constraint.Bounded x: now[q.Name] = now[q.Name].clamp(x.Low, x.High); break;
                case Constraint.LastingGain x: now[q.Name] = now[q.Name].clamp(-x.Bound(length), x.Bound(length)); break;
                case Constraint.SingularValues x when step % x.Every == 0: now[q.Name] = Clipped(q, x, now[q.Name]); break;
                case Constraint.Unitary x: Move(q, x); break;
                case Constraint.Trivialised x when step % x.Every == 0: Trivialise(q, x); break;
                case Constraint.SingularValues or Constraint.Trivialised: break;
                default: throw new NotSupportedException($"the harness does not know the constraint {rule.GetType().Name}");
            }
        }

        void Move(ModelParameter q, Constraint.Unitary x)
        {
            var other = Sibling(q, x.Imaginary);
            var gradient = MatrixProjections.RealForm(Scaled(q.Name), Scaled(other));
            var moved = MatrixProjections.CayleyStep(MatrixProjections.RealForm(before[q.Name], before[other]), gradient, x.StepSize * rate);
            if (x.Every > 0 && step % x.Every == 0) moved = MatrixProjections.Polar(moved);
            var (size, column) = (q.Shape[0], moved.narrow(1, 0, q.Shape[0]));
            (now[q.Name], now[other]) = (column.narrow(0, 0, size), column.narrow(0, size, size));

            Tensor Scaled(string name)
            {
                var g = Exact(gradients![name]);
                if (!x.Scaled) return g;
                return g / Remembered(name, g).mul_(0.9).addcmul_(g, g, 0.1).sqrt().add(1e-8);
            }
        }

        void Trivialise(ModelParameter q, Constraint.Trivialised x)
        {
            var constant = Sibling(q, x.Base);
            var moved = MatrixProjections.Orthogonal(now[q.Name], x.Map).mm(now[constant]);
            now[constant] = step / x.Every % x.Polar == 0 ? MatrixProjections.Polar(moved) : moved;
            now[q.Name] = zeros_like(now[q.Name]);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var value in memory.Values) value.Dispose();
        memory.Clear();
    }

    static Tensor Clipped(ModelParameter q, Constraint.SingularValues x, Tensor value)
    {
        using var scope = NewDisposeScope();
        var shift = x.PlusIdentity ? eye(q.Shape[^1], dtype: ScalarType.Float64) : zeros(1, ScalarType.Float64);
        var mask = q.Mask is { } kept ? tensor([.. kept], [.. q.Shape.Select(side => (long)side)]) : ones(1, ScalarType.Float64);
        return ((MatrixProjections.ClampSingularValues(value * mask + shift, x.Low, x.High) - shift) * mask).MoveToOuterDisposeScope();
    }

    /// <summary>The parameters that a rule reads or writes.</summary>
    static IEnumerable<string> Touched(ModelParameter q, Constraint rule) => rule switch
    {
        Constraint.Unitary x => [q.Name, Sibling(q, x.Imaginary)],
        Constraint.Trivialised x => [q.Name, Sibling(q, x.Base)],
        _ => [q.Name],
    };

    /// <summary>The full name of another parameter of the same scan.</summary>
    static string Sibling(ModelParameter q, string name) => q.Name[..(q.Name.LastIndexOf('.') + 1)] + name;

    static Tensor Exact(Tensor value) => value.to(ScalarType.Float64).cpu();

    Tensor Remembered(string name, Tensor like)
    {
        if (!memory.TryGetValue(name, out var value)) memory[name] = value = zeros_like(like).DetachFromDisposeScope();
        return value;
    }
}
