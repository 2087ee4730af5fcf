using System.Diagnostics;
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

/// <summary>Measures the preparation of a <see cref="MadeUpText"/>.</summary>
public static class PreparationBench
{
    /// <summary>Makes the text, prepares it, opens it again and reads it once.</summary>
    /// <param name="dataFolder">Where the real validation and test text lie.</param>
    /// <param name="scratch">A folder with room for 1.1 GB.</param>
    /// <param name="keep">A folder of data sets that the text is left in; null where it is made in <paramref name="scratch"/>.</param>
    /// <param name="say">Gets a line for each stage.</param>
    /// <exception cref="UserError">A file is missing, or there is no room, or a training text is where one is to be made.</exception>
    public static PreparationFigures Run(string dataFolder, string scratch, string? keep, Action<string> say)
    {
        var set = DataSets.WikiText103;
        var (folder, names) = (set.FolderIn(keep ?? scratch), set.Files.Select(f => f.Name).ToArray());
        say("writing a training text");
        MadeUpText.Write(dataFolder, folder);
        say("preparing it");
        var watch = Stopwatch.StartNew();
        PreparedText Open() => PreparedText.Open(folder, names, Path.Combine(scratch, "cache"));
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
        var bytes = new FileInfo(Path.Combine(folder, names[0])).Length;
        return new PreparationFigures(bytes / 1e6, tokens, text.Types, seconds, reopen, watch.Elapsed.TotalSeconds, resident / 1e6);
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
}
