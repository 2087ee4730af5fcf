using System.Security.Cryptography;
using System.Text.Json;
using RnnBench.Language;

namespace RnnBench.Tasks.Data;

/// <summary>
/// Polyphonic music as JSON: <c>{"train":[...],"valid":[...],"test":[...]}</c>; a split is a list of sequences, a sequence a list of steps, a step
/// the ascending list of the MIDI notes 21 to 108 that sound. Whatever is otherwise is refused with its place.
/// </summary>
/// <param name="Splits">For each split its sequences, for each sequence its steps, for each step the notes, 0 for MIDI note 21.</param>
/// <param name="Sha256">SHA-256 of the content, unpacked, in small hexadecimal letters.</param>
sealed record MusicFile(IReadOnlyDictionary<Split, byte[][][]> Splits, string Sha256)
{
    /// <summary>The notes of a piano.</summary>
    public const int Notes = 88;

    const int Lowest = 21;

    static readonly (string Name, Split Split)[] names = [("train", Split.Train), ("valid", Split.Valid), ("test", Split.Test)];

    /// <summary>Reads <paramref name="name"/>, or where that is missing <paramref name="name"/><c>.gz</c>.</summary>
    /// <exception cref="UserError">Missing, damaged, or not of this form.</exception>
    public static MusicFile Read(string folder, string name)
    {
        var (path, content) = FileBytes.Read(folder, name, FileBytes.ByteAfter);
        var json = new Utf8JsonReader(content);
        try
        {
            var splits = Parts(ref json);
            return new MusicFile(splits, Convert.ToHexStringLower(SHA256.HashData(content)));
        }
        catch (JsonException e)
        {
            throw new UserError($"{path}, byte {json.BytesConsumed}: this is no JSON from here on: cut off or damaged. Fetch the file again.", e);
        }
        catch (FormatException e)
        {
            throw new UserError($"{path}, byte {json.TokenStartIndex}: {e.Message}. Fetch the file again.", e);
        }
    }

    /// <summary>Writes sequences in this form, without a blank: equal sequences give equal bytes.</summary>
    public static void Write(IReadOnlyDictionary<Split, byte[][][]> splits, Stream into)
    {
        using var json = new Utf8JsonWriter(into);
        json.WriteStartObject();
        foreach (var (name, split) in names)
        {
            json.WriteStartArray(name);
            foreach (var sequence in splits[split])
            {
                json.WriteStartArray();
                foreach (var step in sequence)
                {
                    json.WriteStartArray();
                    foreach (var note in step) json.WriteNumberValue(note + Lowest);
                    json.WriteEndArray();
                }
                json.WriteEndArray();
            }
            json.WriteEndArray();
        }
        json.WriteEndObject();
    }

    static Dictionary<Split, byte[][][]> Parts(ref Utf8JsonReader json)
    {
        var splits = new Dictionary<Split, byte[][][]>();
        Demand(json.Read() && json.TokenType == JsonTokenType.StartObject, "an object of train, valid and test belongs here");
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var split = NameOf(ref json);
            Demand(!splits.ContainsKey(split), "this split was here before");
            json.Read();
            splits[split] = List(ref json, "a list of sequences", Sequence);
        }
        Demand(splits.Count == names.Length, "train, valid and test are not all there");
        json.Read();   // demands that nothing follows
        return splits;
    }

    static Split NameOf(ref Utf8JsonReader json)
    {
        foreach (var (name, split) in names)
            if (json.ValueTextEquals(name)) return split;
        throw new FormatException("train, valid or test belongs here");
    }

    static byte[][] Sequence(ref Utf8JsonReader json)
    {
        var steps = List(ref json, "a list of steps", Step);
        Demand(steps.Length > 1, "the sequence that ends here has fewer than two steps");
        return steps;
    }

    static byte[] Step(ref Utf8JsonReader json)
    {
        var step = List(ref json, "a list of notes", Note);
        Demand(step.Zip(step.Skip(1)).All(pair => pair.First < pair.Second), "the notes of the step that ends here do not ascend");
        return step;
    }

    static byte Note(ref Utf8JsonReader json)
    {
        Demand(json.TokenType == JsonTokenType.Number && json.TryGetInt32(out var note) && note is >= Lowest and < Lowest + Notes,
            $"a note from {Lowest} to {Lowest + Notes - 1} belongs here");
        return (byte)(json.GetInt32() - Lowest);
    }

    delegate T Reading<T>(ref Utf8JsonReader json);

    static T[] List<T>(ref Utf8JsonReader json, string what, Reading<T> read)
    {
        Demand(json.TokenType == JsonTokenType.StartArray, $"{what} belongs here");
        var entries = new List<T>();
        while (json.Read() && json.TokenType != JsonTokenType.EndArray) entries.Add(read(ref json));
        return [.. entries];
    }

    static void Demand(bool right, string otherwise)
    {
        if (!right) throw new FormatException(otherwise);
    }
}
