using System.Globalization;
using RnnBench.Language;
using static TorchSharp.torch;

namespace RnnBench.Backends.Modules;

/// <summary>
/// A model that is no stack of step recurrences, or that wraps some: convolutions, trees, grids, slices. It declares what it is made of in its
/// constructor, and says in <see cref="Run"/> what it computes, with TorchSharp's operations and models inside that any backend may run. It
/// holds no numbers: a run finds parameters, states and noise in its <see cref="Pass"/>.
/// </summary>
public abstract class Module : Model
{
    readonly List<ModelParameter> parameters = [], own = [];
    readonly List<string> gates = [];
    readonly List<ModelState> states = [];
    readonly List<(string Plain, string Latex)> equations = [];
    readonly List<ExplainedScan> costs = [];
    readonly Dictionary<string, Model> inside = [];
    readonly IReadOnlyDictionary<string, FixedGate> fixedGates;
    IReadOnlyList<OutputPart> output = [];
    int counted;

    /// <param name="request">What it is made from.</param>
    protected Module(ModelRequest request) : base(request.Text, request.Architecture, request.Input) =>
        (Settings, fixedGates) = (request.Settings, request.Architecture.RewritesInside ? new Dictionary<string, FixedGate>() : FixedGate.Read(request.Architecture.Id, request.Rewritings, request.Architecture.FixableGates));

    /// <summary>Its settings.</summary>
    protected Settings Settings { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<ModelParameter> Parameters => parameters;
    /// <inheritdoc/>
    public override IReadOnlyList<string> Gates => gates;
    /// <inheritdoc/>
    public override IReadOnlyList<ModelState> States => states;
    /// <inheritdoc/>
    public override IReadOnlyList<OutputPart> OutputParts => output;
    /// <inheritdoc/>
    public override IReadOnlyList<string> Equations => [.. equations.Select(e => e.Plain), .. inside.Values.Take(1).SelectMany(model => model.Equations)];
    /// <inheritdoc/>
    public override string Latex => string.Join('\n', [
        "\\begin{aligned}\n" + string.Join(" \\\\\n", equations.Select(e => e.Latex)) + "\n\\end{aligned}", .. inside.Values.Take(1).Select(model => model.Latex)]);
    /// <inheritdoc/>
    public override IReadOnlyList<ExplainedScan> Costs => costs;

    /// <summary>The parameters outside the models inside.</summary>
    internal IReadOnlyList<ModelParameter> Own => own;
    /// <summary>The models inside, by the prefix of their parameters.</summary>
    internal IReadOnlyDictionary<string, Model> Insides => inside;

    /// <summary>Computes y from x. Tensors that it makes on the way are disposed of by its caller.</summary>
    /// <param name="pass">Parameters, states and noise by name; takes gates, states and further terms of the loss.</param>
    /// <param name="x">[T,B,I], maps [T,B,C,P,Q], or the nodes of a forest [N,I].</param>
    /// <returns>[T,B,O], maps [T,B,H,P,Q], or [N,O].</returns>
    public abstract Tensor Run(Pass pass, Tensor x);

    /// <summary>Declares a parameter.</summary>
    /// <param name="name">Its full name, as the catalogue spells it.</param>
    /// <param name="start">How it starts.</param>
    /// <param name="sides">Its shape.</param>
    protected void Weight(string name, Initial start, params IReadOnlyList<Width> sides)
    {
        own.Add(new ModelParameter(name, sides, start));
        parameters.Add(own[^1]);
    }

    /// <summary>Declares a parameter that starts as the project's parameters do where a paper gives nothing (<see cref="InitialRule.Default"/>).</summary>
    protected void Weight(string name, params IReadOnlyList<Width> sides) =>
        Weight(name, InitialRule.Default.First(rule => rule.Matches(name[(name.LastIndexOf('.') + 1)..])).Start, sides);

    /// <summary>The prefix of a layer's parameters, gates and states: none where it is the only one.</summary>
    protected static string Prefix(int layer, int layers) => layers > 1 ? string.Create(CultureInfo.InvariantCulture, $"layer{layer}.") : "";

    /// <summary>Refuses directions and skips, which are of stacks of cells alone.</summary>
    /// <param name="why">What goes against them, as the end of the sentence that names the setting.</param>
    /// <exception cref="UserError">One of them is asked for.</exception>
    protected void DemandOneWay(string why)
    {
        foreach (var option in new[] { "bidirectional", "skip_input", "skip_output" })
            if (Settings.Flag(option)) throw new UserError($"{Architecture.Id}: {option}=true {why}");
    }

    /// <summary>Declares gates.</summary>
    protected void HasGates(params IEnumerable<string> names) => gates.AddRange(names);

    /// <summary>Whether a gate is computed from parameters of its own: no rewriting fixes it.</summary>
    /// <param name="gate">Its letter.</param>
    protected bool Computes(string gate) => !fixedGates.ContainsKey(gate);

    /// <summary>Those of some gates that are still gates: one that is fixed to a number is none any more.</summary>
    protected IEnumerable<string> Gated(params IEnumerable<string> letters) => letters.Where(gate => !fixedGates.TryGetValue(gate, out var fix) || fix.Less is not null);

    /// <summary>The value of a gate: computed, or what a rewriting says.</summary>
    /// <param name="gate">Its letter.</param>
    /// <param name="compute">How it is computed.</param>
    /// <param name="like">A tensor of its shape, for a number.</param>
    /// <param name="before">The gates that were computed before it.</param>
    protected Tensor ValueOf(string gate, Func<Tensor> compute, Tensor like, params IEnumerable<(string Gate, Tensor Value)> before) =>
        !fixedGates.TryGetValue(gate, out var fix) ? compute() : fix.Less is { } other ? fix.Number - before.First(b => b.Gate == other).Value : full_like(like, fix.Number);

    /// <summary>Says the equation of a gate, or what it is fixed to.</summary>
    /// <param name="gate">Its letter.</param>
    /// <param name="place">What it is computed for: t, j, jk.</param>
    /// <param name="plain">Its right-hand side.</param>
    /// <param name="latex">The same in LaTeX.</param>
    protected void GateEquation(string gate, string place, string plain, string latex)
    {
        var by = fixedGates.TryGetValue(gate, out var fix) ? $"{fix}{(fix.Less is null ? "" : $"_{place[..1]}")}" : null;
        Equation($"{gate}_{place} = {by ?? plain}", $"{gate}_{(place.Length > 1 ? $"{{{place}}}" : place)} &= {by ?? latex}");
    }

    /// <summary>Declares a state; zero before a sequence unless given.</summary>
    protected void HasState(ModelState state) => states.Add(state);

    /// <summary>Declares the width of y, all of it read forward in time.</summary>
    protected void HasOutput(int width) => output = [new OutputPart(width, Reversed: false)];

    /// <summary>Declares y by its parts.</summary>
    protected void HasOutput(IReadOnlyList<OutputPart> parts) => output = parts;

    /// <summary>Declares a model inside: its parameters, gates and costs are counted here under a prefix.</summary>
    /// <param name="prefix">Of its parameters and gates: <c>level0.</c></param>
    /// <param name="model">A stack of the catalogue's cells or of one's own.</param>
    protected void HasInside(string prefix, Model model)
    {
        inside.Add(prefix, model);
        parameters.AddRange(model.Parameters.Select(q => q with { Name = prefix + q.Name }));
        gates.AddRange(model.Gates.Select(gate => prefix + gate));
        costs.AddRange(model.Costs.Select(cost => cost with { Prefix = prefix + cost.Prefix }));
    }

    /// <summary>Says an equation, as the catalogue prints it and in LaTeX with an alignment mark: <c>h_t &amp;= ...</c>.</summary>
    protected void Equation(string plain, string latex) => equations.Add((plain, latex));

    /// <summary>Says what a part costs for one step and batch member; the parameters that were declared since the last part are its own.</summary>
    /// <param name="prefix">The part: <c>layer0.</c>, or "".</param>
    /// <param name="atOnce">Products over all steps at once, and their FLOPs.</param>
    /// <param name="waiting">Products that wait for a state, and their FLOPs.</param>
    /// <param name="elementwise">Elementwise operations.</param>
    /// <param name="stages">Waiting products in a row.</param>
    protected void Costing(string prefix, (string Products, long Flops) atOnce, (string Products, long Flops) waiting = default, long elementwise = 0, int stages = 0)
    {
        var count = own.Skip(counted).Sum(q => (long)q.Count);
        counted = own.Count;
        costs.Add(new ExplainedScan(prefix, Texts(atOnce.Products), Texts(waiting.Products),
            new Cost(count, [], [], atOnce.Flops, waiting.Flops, elementwise, stages, states.Sum(s => s.Scans * s.Depth * s.Width))));

        static string[] Texts(string? products) => string.IsNullOrEmpty(products) ? [] : products.Split(", ");
    }
}
