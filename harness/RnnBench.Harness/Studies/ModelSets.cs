using RnnBench.Language;

namespace RnnBench.Harness;

/// <summary>
/// What a study may write in place of a model: <c>every gated cell</c>, <c>every cell</c>, <c>every sequence model</c>, <c>every tree model</c>, <c>every gate of lstm</c>, <c>every gate of every gated cell</c>.
/// A gate is fixed to 1, to 0 where something is left then, and to the mean of its trained values, written <c>[f=mean]</c>.
/// </summary>
static class ModelSets
{
    const string Every = "every ", Gates = "gate of ";

    /// <summary>Whether a text names a set.</summary>
    public static bool IsSet(string text) => text.StartsWith(Every, StringComparison.Ordinal);

    /// <summary>The models that a text stands for; itself where it names no set.</summary>
    /// <exception cref="UserError">No such set, or an empty one.</exception>
    public static IReadOnlyList<string> Expand(string text, IReadOnlyList<Architecture> models)
    {
        if (!IsSet(text)) return [text];
        var what = text[Every.Length..];
        if (what.StartsWith(Gates, StringComparison.Ordinal)) return [.. Expand(what[Gates.Length..], models).SelectMany(model => GatesOf(model, models))];
        if (what == "cell") return [.. models.Select(Usual)];
        if (what is "sequence model") return [.. models.Where(m => Small(Usual(m), models) is { Arity: null, EachStep: true }).Select(Usual)];
        if (what is "tree model") return [.. models.Where(m => Small(Usual(m), models).Arity is not null).Select(Usual)];
        var members = what.EndsWith(" cell", StringComparison.Ordinal) ? models.Where(m => m.Family == what[..^" cell".Length]).Select(Usual).ToArray() : [];
        return members.Length > 0 ? members : throw new UserError(
            $"{text}: there is no such set; write every cell, every sequence model, every tree model, every FAMILY cell (families: {string.Join(", ", models.Select(m => m.Family).Distinct())}), or every gate of one of these or of a model.");
    }

    /// <summary>An architecture with the settings that it must be given, its size apart.</summary>
    static string Usual(Architecture architecture) =>
        new Notation(architecture.Id, [.. architecture.Usual.Where(s => s.Key != "hidden")], []).ToString();

    static IEnumerable<string> GatesOf(string model, IReadOnlyList<Architecture> models)
    {
        var gates = Small(model, models).Gates.Select(gate => gate[(gate.LastIndexOf('.') + 1)..]).Distinct();
        return gates.SelectMany(gate => new[] { "1", "0", "mean" }.Where(value => IsLeft($"{model}[{gate}={(value == "mean" ? "0.5" : value)}]", models)).Select(value => $"{model}[{gate}={value}]"));
    }

    static Model Small(string model, IReadOnlyList<Architecture> models) =>
        Model.Build(models, Notation.Parse(model).WithDefaults([KeyValuePair.Create("hidden", "8")])
        .WithDefaults(models.FirstOrDefault(m => m.Id == Notation.Parse(model).Id)?.Usual ?? []), 2);

    /// <summary>Whether the output still depends on the input, tried with the definition itself on parameters off zero.</summary>
    static bool IsLeft(string model, IReadOnlyList<Architecture> models)
    {
        try
        {
            var small = Small(model, models);
            return !Output(small, 0.3).SequenceEqual(Output(small, -0.7));
        }
        catch (UserError)
        {
            return false;                                                     // the rewriting itself is refused: nothing would be left
        }
    }

    static double[] Output(Model model, double input)
    {
        using var interpreter = new Interpreter(model);
        interpreter.Write(model.Parameters.ToDictionary(p => p.Name, p => new NdArray(p.Shape, [.. Enumerable.Range(0, p.Count).Select(k => 0.4 * Math.Sin(1.7 * k + 0.5 + p.Name.Length))])));
        return interpreter.Run(new NdArray([5, 1, 2], [.. Enumerable.Range(0, 10).Select(k => input * (k + 1))])).Output.Data;
    }
}
