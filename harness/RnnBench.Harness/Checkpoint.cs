using System.Globalization;
using RnnBench.Language;
using static TorchSharp.torch;

namespace RnnBench.Harness;

/// <summary>Everything that the rest of a run depends on, as one file. A new one replaces the old one whole, or not at all.</summary>
/// <param name="Key">The key of the run.</param>
/// <param name="Path">The path that ran it; the layout of its parameters depends on it.</param>
/// <param name="Step">Steps done.</param>
/// <param name="Meter">Sums since the last recorded row.</param>
/// <param name="Tensors">Parameters, the optimiser's memory, the carried state.</param>
sealed record Checkpoint(string Key, string Path, long Step, string Meter, IReadOnlyDictionary<string, Tensor> Tensors)
{
    /// <summary>Where the checkpoint of a run lies.</summary>
    public static string FileOf(string folder, string key) => System.IO.Path.Combine(folder, $"{key}.safetensors");

    /// <summary>Writes it beside its place and moves it there.</summary>
    /// <exception cref="UserError">No space, no permission; the file that was there is untouched.</exception>
    public void Write(string file)
    {
        var unfinished = file + ".new";
        try
        {
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(file)!);
            Save(unfinished);
            File.Move(unfinished, file, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or UserError)
        {
            Drop(unfinished);
            throw new UserError($"{file}: the checkpoint cannot be written ({e.Message}).\n"
                + "What was recorded is kept; make room and run the same command again to go on.", e);
        }
    }

    /// <summary>Reads one; null where there is none.</summary>
    /// <exception cref="UserError">It is damaged, or of another run.</exception>
    public static Checkpoint? Read(string file, string key)
    {
        if (!File.Exists(file)) return null;
        var stored = Safetensors.Read(file);
        if (Word("key") != key) throw new UserError($"{file}: this is the checkpoint of another run; move it away or begin anew with --force.");
        return new Checkpoint(key, Word("path"), long.Parse(Word("step"), CultureInfo.InvariantCulture), Word("meter"),
            stored.Tensors.ToDictionary(t => t.Key, t => Harness.Tensors.Load(t.Value)));

        string Word(string name) => stored.Metadata.GetValueOrDefault(name)
            ?? throw new UserError($"{file}: this is no checkpoint, it does not say its {name}; move it away or begin anew with --force.");
    }

    void Save(string file) => new Safetensors(Tensors.ToDictionary(t => t.Key, t => Harness.Tensors.Store(t.Value)), new Dictionary<string, string>
    {
        ["key"] = Key,
        ["path"] = Path,
        ["step"] = Step.ToString(CultureInfo.InvariantCulture),
        ["meter"] = Meter,
    }).Write(file);

    /// <summary>Removes one, if it is there. That it cannot be removed does no harm: it is not looked at once its run has ended.</summary>
    public static void Drop(string file)
    {
        try { File.Delete(file); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { }
    }
}
