using RnnBench.Language;

namespace RnnBench.Harness;

/// <summary>One case of known input, parameters, output and gradients, computed independently.</summary>
/// <param name="Name">The file's name without its ending.</param>
/// <param name="Model">The model that its metadata names.</param>
/// <param name="Input">x [T,B,I], maps [T,B,C,P,Q], or the nodes of a forest [N,I].</param>
/// <param name="Cotangent">d loss / d y: the loss is sum(y * grad_y).</param>
/// <param name="Parameters">By catalogue name.</param>
/// <param name="State">Initial states by name; null where they are zero.</param>
/// <param name="Given">Constants, random numbers and the children of a forest, by their names in the file.</param>
/// <param name="Expected">What is to come out: <c>y</c>, <c>grad.x</c>, <c>grad.param.NAME</c>, <c>gate.NAME</c>.</param>
sealed record GoldenCase(string Name, Model Model, NdArray Input, NdArray Cotangent, IReadOnlyDictionary<string, NdArray> Parameters,
    IReadOnlyDictionary<string, NdArray>? State, IReadOnlyDictionary<string, StoredTensor> Given, IReadOnlyDictionary<string, NdArray> Expected)
{
    public const string ParameterPrefix = "param.", StatePrefix = "state.", GatePrefix = "gate.", GradientPrefix = "grad.", ConstantPrefix = "const.";

    static readonly string[] words = ["x", "y", "grad_y"], given = ["noise.", ConstantPrefix, "children"];
    static readonly string[] prefixes = [ParameterPrefix, StatePrefix, GatePrefix, GradientPrefix, .. given];

    /// <exception cref="UserError">It is no such file, or names a model that is not in the catalogue.</exception>
    public static GoldenCase Read(Catalogs catalogs, string file)
    {
        var stored = Safetensors.Read(file);
        if (!stored.Metadata.TryGetValue("model", out var id))
            throw new UserError($"{file}: this is no golden case: its metadata does not name a model.");
        try
        {
            if (stored.Tensors.Keys.FirstOrDefault(name => !words.Contains(name) && !prefixes.Any(p => Begins(name, p))) is { } other)
                throw new UserError($"nobody knows what {other} is; see the names of the format");
            var x = Needed("x");
            int[] input = x.Shape.Count switch
            {
                2 or 3 => [x.Shape[^1]],
                5 => [.. x.Shape.Skip(2)],
                _ => throw new UserError($"x has the shape {x}; a sequence is [T,B,I], one of maps [T,B,C,P,Q], a forest [N,I]"),
            };
            var notation = Notation.FromJson(id, stored.Metadata.GetValueOrDefault("settings", "{}"));
            var model = Model.Build(catalogs.Models, notation with { Settings = [.. notation.Settings.Where(s => !SingularValueClipping.Owns(s.Key))] }, input);    // they are of training
            if (model.Arity is null != x.Shape.Count > 2)
                throw new UserError($"x has the shape {x}; {id} reads {(model.Arity is null ? "sequences, [T,B,I]" : "forests, [N,I]")}");
            var state = Under(StatePrefix);
            var expected = stored.Tensors.Where(t => t.Key == "y" || Begins(t.Key, GradientPrefix) || Begins(t.Key, GatePrefix));
            Needed("y");
            return new GoldenCase(Path.GetFileNameWithoutExtension(file), model, x, Needed("grad_y"), Stored(model),
                state.Count == 0 ? null : state, stored.Tensors.Where(t => given.Any(p => Begins(t.Key, p))).ToDictionary(), expected.ToDictionary(t => t.Key, t => t.Value.ToArray()));
        }
        catch (UserError e)
        {
            throw new UserError($"{file}: {e.Message}", e);
        }

        NdArray Needed(string name) => stored.Tensors.TryGetValue(name, out var tensor) ? tensor.ToArray()
            : throw new UserError($"this is no golden case: it has no tensor {name}");

        // A constant that the model stores is written with its parameters; a module takes its constants as they are given.
        Dictionary<string, NdArray> Stored(Model model) => new(Under(ParameterPrefix)
            .Concat(Under(ConstantPrefix).Where(c => model.Parameters.Any(q => q.Name == c.Key && !q.Trained))));

        Dictionary<string, NdArray> Under(string prefix) =>
            stored.Tensors.Where(t => Begins(t.Key, prefix)).ToDictionary(t => t.Key[prefix.Length..], t => t.Value.ToArray());

        static bool Begins(string name, string prefix) => name.StartsWith(prefix, StringComparison.Ordinal);
    }

    /// <summary>Writes what was computed beside the names that were expected, as <c>NAME.out.safetensors</c>.</summary>
    /// <exception cref="UserError">It cannot be written.</exception>
    public void Save(string folder, IReadOnlyDictionary<string, NdArray> computed)
    {
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserError($"{folder}: the folder cannot be made ({e.Message})", e);
        }
        var tensors = computed.ToDictionary(t => t.Key, t => StoredTensor.F64(t.Value.Shape, t.Value.Data));
        new Safetensors(tensors, new Dictionary<string, string> { ["model"] = Model.Text }).Write(Path.Combine(folder, $"{Name}.out.safetensors"));
    }
}
