using RnnBench.Language;

namespace RnnBench.Harness;

/// <summary>A golden case of a function of tensors; its results are whatever the function gives under their names in the file.</summary>
/// <param name="Name">The file's name without its ending.</param>
/// <param name="Function">The function.</param>
/// <param name="Stored">The file.</param>
sealed record FunctionCase(string Name, MatrixFunction Function, Safetensors Stored)
{
    /// <summary>The setting of a case that names a function that belongs to an architecture.</summary>
    const string Kind = "kind";

    /// <summary>Reads a file; null where it is about a model.</summary>
    public static FunctionCase? Read(Catalogs catalogs, string file)
    {
        var stored = Safetensors.Read(file);
        var id = stored.Metadata.GetValueOrDefault("model", "");
        var kind = Kinds(file, id, stored);
        return catalogs.Functions.FirstOrDefault(f => f.Id == (kind ?? id)) is { } function ? new(Path.GetFileNameWithoutExtension(file), function, stored) : null;
    }

    /// <summary>Applies the function, in double precision or on whole numbers whatever was asked for, and compares.</summary>
    public VerificationResult Check(VerificationRequest request)
    {
        var settings = Settings.Read(Function.Id, Function.Settings, Written(Function.Id, Stored).Where(s => s.Key != Kind));
        var results = Function.Apply(settings, Stored.Tensors);
        if (request.SaveFolder is { } folder)
            new Safetensors(results, new Dictionary<string, string> { ["model"] = Function.Id }).Write(Path.Combine(Directory.CreateDirectory(folder).FullName, $"{Name}.out.safetensors"));
        var errors = results.Where(r => Stored.Tensors.ContainsKey(r.Key)).Select(r => new TensorError(r.Key, Error(Stored.Tensors[r.Key], r.Value))).ToList();
        if (errors.Count == 0) throw new UserError($"{Name}: the case holds nothing to compare {string.Join(", ", results.Keys)} with.");
        return new VerificationResult(Name, new Notation(Function.Id, [.. settings.Written], []).ToString(), "function", request.DType,
            request.Tolerance ?? Verification.Bound(DTypes.Read(request.DType)), errors);
    }

    static string? Kinds(string file, string id, Safetensors stored)
    {
        try { return Written(id, stored).FirstOrDefault(s => s.Key == Kind).Value; }
        catch (UserError e) { throw new UserError($"{file}: {e.Message}", e); }
    }

    /// <summary>Whole numbers are right to the last bit or wrong.</summary>
    static double Error(StoredTensor expected, StoredTensor computed) => expected.DType == "I64"
        ? expected.Shape.SequenceEqual(computed.Shape) && expected.ToLongs().SequenceEqual(computed.ToLongs()) ? 0 : double.PositiveInfinity
        : Verification.Error(expected.ToArray(), computed.ToArray());

    static IReadOnlyList<KeyValuePair<string, string>> Written(string id, Safetensors stored) =>
        id == "" ? [] : Notation.FromJson(id, stored.Metadata.GetValueOrDefault("settings", "{}")).Settings;
}
