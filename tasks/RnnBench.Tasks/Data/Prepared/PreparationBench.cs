using System.Diagnostics;
using System.Globalization;
using System.Text;
using RnnBench.Language;

namespace RnnBench.Tasks.Data;

/// <summary>What preparing a text of the size of WikiText-103 takes.</summary>
/// <param name="Megabytes">The training text.</param>
/// <param name="Tokens">Its tokens.</param>
/// <param name="Types">Its vocabulary.</param>
/// <param name="Seconds">For preparing all three texts.</param>
/// <param name="ReopenMilliseconds">For opening what is prepared, the shortest of ten.</param>
/// <param name="EpochSeconds">For reading the training text once, batch by batch.</param>
/// <param name="ResidentMegabytes">The most memory of the process on the way through the epoch.</param>
public sealed record PreparationFigures(double Megabytes, long Tokens, int Types, double Seconds, double ReopenMilliseconds, double EpochSeconds, double ResidentMegabytes)
{
    /// <summary>Megabytes of text a second.</summary>
    public double Rate => Megabytes / Seconds;
}

/// <summary>
/// Measures the preparation on a made-up training text: as many lines, tokens and types as WikiText-103 has, all words of its real validation and test
/// text among them, frequencies falling as 1 / rank.
/// </summary>
public static class PreparationBench
{
    const int Lines = 1_801_350;

    /// <summary>Makes the text, prepares it, opens it again and reads it once.</summary>
    /// <param name="dataFolder">Where the real validation and test text lie.</param>
    /// <param name="scratch">A folder with room for 1.1 GB; what is made there is deleted.</param>
    /// <param name="say">Gets a line for each stage.</param>
    /// <exception cref="UserError">A file is missing, or there is no room.</exception>
    public static PreparationFigures Run(string dataFolder, string scratch, Action<string> say)
    {
        var (set, folder) = (DataSets.WikiText103, Path.Combine(scratch, "wikitext-103-made-up"));
        Directory.CreateDirectory(folder);
        try
        {
            foreach (var file in set.Files.Skip(1))
                if (FileBytes.Find(set.FolderIn(dataFolder), file.Name) is { } real) File.Copy(real, Path.Combine(folder, Path.GetFileName(real)), overwrite: true);
                else throw FileBytes.Missing(set.FolderIn(dataFolder), file.Name);
            say("writing a training text");
            var train = Path.Combine(folder, set.Files[0].Name);
            Write(train, Vocabulary(folder, set), set.Files[0].Count);
            say("preparing it");
            var watch = Stopwatch.StartNew();
            PreparedText Open() => PreparedText.Open(folder, [.. set.Files.Select(f => f.Name)], folder);
            using (var made = Open()) { }
            var seconds = watch.Elapsed.TotalSeconds;
            var reopen = Enumerable.Range(0, 10).Min(_ =>
            {
                watch.Restart();
                using var again = Open();
                return watch.Elapsed.TotalMilliseconds;
            });
            say("reading it once");
            GC.Collect();
            using var text = Open();
            watch.Restart();
            var (tokens, resident) = Epoch(text);
            return new PreparationFigures(new FileInfo(train).Length / 1e6, tokens, text.Types, seconds, reopen, watch.Elapsed.TotalSeconds, resident / 1e6);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    static (long Tokens, long Resident) Epoch(PreparedText text)
    {
        var (data, resident) = (new TokenStreams(new TaskContext(20, 20, _ => new Random(1), null), text.Splits, text.EndOfLineId, 10, text.Provenance), 0L);
        for (var i = 0; i < data.BatchesPerEpoch; i++)
        {
            data.Training(i);
            if (i % 1000 == 0) resident = Math.Max(resident, Process.GetCurrentProcess().WorkingSet64);
        }
        return (text.Splits[Split.Train].Count, resident);
    }

    /// <summary>The words of the real texts, the most frequent first, and behind them made-up ones.</summary>
    static byte[][] Vocabulary(string folder, DataSet set)
    {
        var (table, counts) = (new WordTable(), new int[100_000]);
        foreach (var file in set.Files.Skip(1)) WordStream.Read(FileBytes.Find(folder, file.Name)!, (word, _) => counts[table.Id(word, add: true)]++);
        var end = table.Id("<eos>"u8, add: false);
        var words = Enumerable.Range(0, table.Count).Where(id => id != end).OrderByDescending(id => counts[id]).Select(id => table[id].ToArray()).ToList();
        for (var i = 0; words.Count < WikiText103.Published.Types - 1; i++)
            if (Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"~{i:x}")) is var made && table.Id(made, add: false) < 0) words.Add(made);
        return [.. words];
    }

    /// <summary>Each word once, and then words by their ranks.</summary>
    static void Write(string path, byte[][] words, long tokens)
    {
        using var stream = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 20);
        var (random, all, written) = (new Random(103), tokens - Lines, 0L);
        var spread = Math.Log(words.Length);
        for (var line = 1L; line <= Lines; line++)
        {
            stream.WriteByte((byte)' ');
            for (; written < all * line / Lines; written++)
            {
                stream.Write(words[written < words.Length ? written : Math.Min(words.Length - 1, (int)Math.Exp(random.NextDouble() * spread) - 1)]);
                stream.WriteByte((byte)' ');
            }
            stream.WriteByte((byte)'\n');
        }
    }
}
