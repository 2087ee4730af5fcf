namespace RnnBench.Language;

/// <summary>States between their stored form (<see cref="ModelState"/>) and that of single scans: for each kept step, oldest first, [B,W].</summary>
static class StateStore
{
    /// <summary>For each scan the steps of each state; the states' own initial values where nothing is stored.</summary>
    /// <exception cref="UserError">An unknown state, or one of the wrong shape.</exception>
    public static IReadOnlyDictionary<string, double[][]>[] Read(Model model, int batch, IReadOnlyDictionary<string, NdArray>? stored)
    {
        foreach (var (name, value) in stored ?? new Dictionary<string, NdArray>())
        {
            var state = model.States.FirstOrDefault(s => s.Name == name)
                ?? throw new UserError($"{model.Text} has no state {name}; it has {string.Join(", ", model.States.Select(s => s.Name))}.");
            if (!value.Shape.SequenceEqual(state.Shape(batch)))
                throw new UserError($"{model.Text}: the state {name} has the shape {value}; it should be {NdArray.Written(state.Shape(batch))}.");
        }
        return [.. Enumerable.Range(0, model.Scans.Count).Select(scan => model.States.Where(s => (s.Only ?? scan) == scan).ToDictionary(s => s.Plain, s => Steps(s, s.Only is null ? scan : 0)))];

        double[][] Steps(ModelState s, int scan) =>
            [.. Enumerable.Range(scan * s.Depth, s.Depth).Select(k => stored?.GetValueOrDefault(s.Name)?.Data.AsSpan(k * batch * s.Width, batch * s.Width).ToArray() ?? [.. Enumerable.Repeat(s.Initial, batch * s.Width)])];
    }

    /// <summary>The stored form.</summary>
    /// <param name="model">The model.</param>
    /// <param name="batch">B.</param>
    /// <param name="steps">For a state's name, for each scan the kept steps.</param>
    public static Dictionary<string, NdArray> Write(Model model, int batch, Func<string, IEnumerable<IEnumerable<double[]>>> steps) =>
        model.States.ToDictionary(s => s.Name, s => new NdArray(s.Shape(batch), [.. steps(s.Plain).Where((_, scan) => (s.Only ?? scan) == scan).SelectMany(scan => scan).SelectMany(value => value)]));
}
