namespace RnnBench.Tasks.Data;

/// <summary>The music sets in the forms in which they are handed on, made into the JSON that <see cref="MusicFile"/> reads.</summary>
static class MusicForms
{
    /// <summary>
    /// From a MATLAB file: cell arrays <c>traindata</c>, <c>validdata</c>, <c>testdata</c>, each cell a sequence as a matrix of its steps by the 88
    /// notes, 0 or 1, as Bai, Kolter and Koltun 2018 have them.
    /// </summary>
    /// <exception cref="InvalidDataException">It is none.</exception>
    public static void FromMatlab(string path, Stream into)
    {
        var variables = MatlabFile.Read(File.ReadAllBytes(path));
        MusicFile.Write(Enum.GetValues<Split>().ToDictionary(split => split, split => Sequences(variables, split)), into);
    }

    static byte[][][] Sequences(IReadOnlyDictionary<string, MatlabMatrix[]> variables, Split split)
    {
        var name = $"{split.ToString().ToLowerInvariant()}data";
        return variables.TryGetValue(name, out var cells) ? [.. cells.Select((cell, i) => Steps(cell, $"{name}, sequence {i}"))]
            : throw new InvalidDataException($"it lacks the variable {name}");
    }

    static byte[][] Steps(MatlabMatrix rolls, string place)
    {
        if (rolls.Columns != MusicFile.Notes) throw new InvalidDataException($"{place} has {rolls.Columns} columns, not one for each of the {MusicFile.Notes} notes");
        if (rolls.Values.Any(v => v is not (0 or 1))) throw new InvalidDataException($"{place} holds other numbers than 0 and 1");
        return [.. Enumerable.Range(0, rolls.Rows).Select(t => Enumerable.Range(0, MusicFile.Notes).Where(n => rolls[t, n] == 1).Select(n => (byte)n).ToArray())];
    }
}
