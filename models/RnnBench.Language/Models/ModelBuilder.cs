namespace RnnBench.Language;

/// <summary>From notation to model: settings read, layers stacked, equations rewritten.</summary>
static class ModelBuilder
{
    public static Model Build(IReadOnlyList<Architecture> catalog, Notation notation, IReadOnlyList<int> input)
    {
        foreach (var side in input) ArgumentOutOfRangeException.ThrowIfLessThan(side, 1, nameof(input));
        notation = Unwrap(notation);
        if (notation.Id == Model.Persistent && catalog.All(a => a.Id != Model.Persistent))
            throw new UserError("persistent is a way to run a cell, not a model; give the cell and --backend persistent, or write lstm@persistent in a study.");
        if (notation.Id == Model.Clipping && catalog.All(a => a.Id != Model.Clipping))
            throw new UserError("svclip is a constraint of training, not a model; write rnn(svclip_mode=band), or give a run --set svclip_mode=band.");
        var architecture = catalog.FirstOrDefault(a => a.Id == notation.Id)
            ?? throw new UserError($"unknown model {notation.Id}; there are {string.Join(", ", catalog.Select(a => a.Id))}.");
        var settings = Settings.Read(architecture.Id, architecture.AllSettings, notation.Settings);
        return architecture.IsModule ? Module(catalog, architecture, settings, notation.Ablations, input)
            : Beyond(catalog, architecture, settings, notation.Ablations, input) ?? Stack(architecture, settings, notation.Ablations, input);
    }

    static Model Module(IReadOnlyList<Architecture> catalog, Architecture architecture, Settings settings, IReadOnlyList<string> rewritings, IReadOnlyList<int> input)
    {
        if (rewritings.Count > 0 && !architecture.RewritesInside && architecture.FixableGates.Count == 0)
            throw new UserError($"{architecture.Id}[{rewritings[0]}]: {architecture.Id} is no step recurrence, so there are no equations to rewrite; its variants are settings.");
        var text = new Notation(architecture.Id, [.. settings.Written], [.. rewritings.Select(FormulaReader.Read).Select(r => r.ToString())]).ToString();
        var model = architecture.Make(new ModelRequest(text, architecture, settings, input, rewritings, catalog));
        RefuseTooMany(architecture, model.Parameters.Sum(q => q.Shape.Aggregate(1L, (product, side) => product * side)));
        return model;
    }

    static Model? Beyond(IReadOnlyList<Architecture> catalog, Architecture architecture, Settings settings, IReadOnlyList<string> rewritings, IReadOnlyList<int> input)
    {
        var text = new Notation(architecture.Id, [.. settings.Written], [.. rewritings.Select(FormulaReader.Read).Select(r => r.ToString())]).ToString();
        var model = architecture.Beyond(new ModelRequest(text, architecture, settings, input, architecture.RewritesInside ? rewritings : [], catalog));
        if (model is not null && rewritings.Count > 0 && !architecture.RewritesInside) throw new UserError($"{model.Text}[{rewritings[0]}]: with these settings it is no step recurrence, so there are no equations to rewrite.");
        return model;
    }

    static Stack Stack(Architecture architecture, Settings settings, IReadOnlyList<string> written, IReadOnlyList<int> input)
    {
        if (input is not [var width])
            throw new UserError($"{architecture.Id} reads vectors, [T,B,I]; an input of the shape {NdArray.Written(input)} is not one.");
        var rewritings = Rewritings(architecture, settings, written);
        var canonical = new Notation(architecture.Id, [.. settings.Written.Where(s => s.Key != Ablation.Setting || architecture.Ablations[s.Value].Rewriting is null)], [.. rewritings.Select(r => r.ToString())]);
        return new Stack(canonical.ToString(), architecture, Layers(architecture, settings, rewritings, width), width,
            settings.Flag("skip_input"), settings.Flag("skip_output"), Initial(architecture, settings, rewritings), [.. architecture.Constraints(settings)]) { Reversal = architecture.Reversal(settings) };
    }

    /// <summary><c>stacked(cell=X,...)</c> is X with the rest of the settings.</summary>
    internal static Notation Unwrap(Notation notation)
    {
        if (notation.Id != Model.Stacked) return notation;
        var cells = notation.Settings.Where(s => s.Key == "cell").Select(s => s.Value).DefaultIfEmpty("lstm").ToArray();
        if (cells.Length > 1) throw new UserError($"{Model.Stacked}: setting cell is given twice.");
        return new Notation(cells[0], [.. notation.Settings.Where(s => s.Key != "cell")], notation.Ablations);
    }

    static List<Rewriting> Rewritings(Architecture architecture, Settings settings, IEnumerable<string> written)
    {
        var named = architecture.Ablations.Count == 0 ? null : architecture.Ablations.GetValueOrDefault(settings.Choice(Ablation.Setting))?.Rewriting;
        return [.. (named is null ? [] : new[] { named }).Concat(written).Select(FormulaReader.Read)];
    }

    static List<InitialRule> Initial(Architecture architecture, Settings settings, List<Rewriting> rewritings) =>
    [
        .. rewritings.SelectMany(made => architecture.Ablations.Values.Where(row => row.Rewriting is { } text && FormulaReader.Read(text) == made)).SelectMany(row => row.Initial(settings)),
        .. architecture.Initial(settings),
    ];

    static List<IReadOnlyList<Scan>> Layers(Architecture architecture, Settings settings, List<Rewriting> rewritings, int input)
    {
        var (count, skip) = (architecture.Depth(settings), settings.Flag("skip_input"));
        var directions = settings.Flag("bidirectional") ? new[] { "fwd.", "bwd." } : [""];
        var layers = new List<IReadOnlyList<Scan>>();
        var (width, parameters) = (input, 0L);
        for (var layer = 0; layer < count; layer++)
        {
            var prefix = count > 1 ? $"layer{Text.Of(layer)}." : "";
            layers.Add([.. directions.Select(direction => new Scan(prefix + direction, Define(architecture, settings, rewritings, width, layer), direction == "bwd."))]);
            parameters += layers[^1].Sum(scan => scan.Cell.Parameters.Sum(q => scan.Cell.Shapes[q].Aggregate(1L, (product, side) => product * side.Size)));
            RefuseTooMany(architecture, parameters);
            width = layers[^1].Sum(scan => scan.Cell.WidthOf(scan.Cell.Output).Size) + (skip ? input : 0);
        }
        return layers;
    }

    static void RefuseTooMany(Architecture architecture, long parameters)
    {
        if (parameters > int.MaxValue) throw new UserError($"{architecture.Id}: more than {Text.Of(int.MaxValue)} parameters; choose a smaller hidden or fewer layers.");
    }

    static Recurrence Define(Architecture architecture, Settings settings, List<Rewriting> rewritings, int input, int layer)
    {
        var cell = architecture.Make(settings).Define(architecture.Id, new Width(input, "I"), new Width(settings.Integer("hidden"), "H"));
        return architecture.Layer(settings, layer, rewritings.Aggregate(cell, Rewrite.Apply));
    }
}
