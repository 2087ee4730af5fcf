using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using RnnBench.Language;

namespace RnnBench.Tasks.Data;

/// <summary>
/// Fetches data sets: from the first mirror that has them, going on where an earlier try stopped, each file checked before it is put in its place.
/// </summary>
/// <param name="client">The connection.</param>
/// <param name="dataFolder">The folder of all sets.</param>
/// <param name="say">Gets a line for each thing that is done.</param>
public sealed class DataFetcher(HttpClient client, string dataFolder, Action<string> say)
{
    const int Tries = 3;

    /// <summary>Fetches what is missing of a set.</summary>
    /// <param name="set">The set.</param>
    /// <param name="stop">Stops; what has arrived stays for the next time.</param>
    /// <exception cref="UserError">No mirror has it; the message says which files to put where.</exception>
    public async Task Get(DataSet set, CancellationToken stop)
    {
        var (arrival, reasons) = (new Arrival(set, dataFolder), new List<string>());
        if (Missing().Count == 0)
        {
            say($"{set.Id}: nothing is missing in {set.FolderIn(dataFolder)}");
            return;
        }
        arrival.Begin();
        using var only = FileLock.Take(Path.Combine(set.FolderIn(dataFolder), ".lock"));
        foreach (var mirror in set.Mirrors.TakeWhile(_ => Missing().Count > 0))
            if (await From(mirror, arrival, Missing(), stop) is { } reason)
            {
                reasons.Add($"{mirror.Of(Missing()[0].Name)}: {reason}");
                say($"  {reasons[^1]}");
            }
        if (Missing() is [_, ..] left) throw new UserError(
            $"{set.Id} could not be fetched ({(reasons.Count == 0 ? "no address has these very files" : string.Join("; ", reasons))}).\n"
            + $"Put {string.Join(", ", left.Select(f => f.Name))} into {set.FolderIn(dataFolder)}, plain or as .gz, or use rnnbench data import PATH; the set comes from {set.Origin}.");
        arrival.End();

        IReadOnlyList<DataFile> Missing() => [.. set.Files.Where(f => set.State(dataFolder).Missing.Contains(f.Name))];
    }

    /// <summary>What went wrong, or null.</summary>
    async Task<string?> From(Mirror mirror, Arrival arrival, IReadOnlyList<DataFile> files, CancellationToken stop)
    {
        try
        {
            if (mirror.IsArchive) return await Whole(mirror, arrival, files, stop);
            foreach (var file in files)
            {
                var packed = mirror.Address.EndsWith(".gz", StringComparison.Ordinal);
                var path = Path.Combine(arrival.Unfinished, file.Name + (packed ? ".part.gz" : ".part"));
                await Download(mirror.Of(file.Name), path, stop);
                if (arrival.Put(file, path, packed) is { } wrong) return wrong;
                say($"  {file.Name} from {mirror.Of(file.Name).Host}");
            }
            return null;
        }
        catch (Exception e) when (e is HttpRequestException or HttpIOException or InvalidDataException || e is TaskCanceledException && !stop.IsCancellationRequested)
        {
            return e.Message.TrimEnd('.');
        }
    }

    async Task<string?> Whole(Mirror mirror, Arrival arrival, IReadOnlyList<DataFile> files, CancellationToken stop)
    {
        var (address, path) = (mirror.Of(""), Path.Combine(arrival.Unfinished, Path.GetFileName(mirror.Of("").LocalPath)));
        await Download(address, path, stop);
        if (mirror.Sha256 is { } sha && FileHash.Of(path) is var found && found != sha)
        {
            File.Delete(path);
            return $"the archive has the SHA-256 {found[..12]}..., not {sha[..12]}...";
        }
        string? wrong = null;
        var left = files.ToDictionary(f => mirror.Remote(f.Name));
        Archive.Read(path, (name, content) =>
        {
            if (left.Remove(name, out var file)) wrong ??= arrival.Put(file, content);
        });
        if ((wrong ?? (left.Count == 0 ? null : $"the archive lacks {string.Join(", ", left.Keys)}")) is null) say($"  {files.Count} files from {address.Host}");
        return wrong ?? (left.Count == 0 ? null : $"the archive lacks {string.Join(", ", left.Keys)}");
    }

    /// <summary>Downloads to a file, behind what is in it already.</summary>
    async Task Download(Uri address, string path, CancellationToken stop)
    {
        for (var attempt = 1; ; attempt++)
            try
            {
                await Continue(address, path, stop);
                return;
            }
            catch (Exception e) when (e is HttpIOException && attempt < Tries)
            {
                say($"  {address.Host}: {e.Message.TrimEnd('.')}; going on");
            }
    }

    async Task Continue(Uri address, string path, CancellationToken stop)
    {
        var have = File.Exists(path) ? new FileInfo(path).Length : 0;
        using var request = new HttpRequestMessage(HttpMethod.Get, address) { Headers = { Range = have > 0 ? new RangeHeaderValue(have, null) : null } };
        using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stop);
        if (answer.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable && answer.Content.Headers.ContentRange?.Length == have) return;    // it is whole
        var goesOn = answer.StatusCode == HttpStatusCode.PartialContent && answer.Content.Headers.ContentRange?.From == have;
        if (answer.StatusCode is HttpStatusCode.RequestedRangeNotSatisfiable or HttpStatusCode.PartialContent && !goesOn)
        {
            File.Delete(path);                                                                     // not what was begun; from the start, next time
            throw new HttpIOException(HttpRequestError.InvalidResponse, "it has another length than before");
        }
        answer.EnsureSuccessStatusCode();
        if (goesOn) say(string.Create(CultureInfo.InvariantCulture, $"  {address.Host}: going on behind {have:N0} bytes"));
        using var body = await answer.Content.ReadAsStreamAsync(stop);
        using var file = OpenFile(path, goesOn ? FileMode.Append : FileMode.Create);
        var buffer = new byte[1 << 16];
        while (await body.ReadAsync(buffer, stop) is > 0 and var count) Write(file, path, buffer.AsSpan(0, count));
    }

    static FileStream OpenFile(string path, FileMode mode)
    {
        try { return new FileStream(path, mode, FileAccess.Write, FileShare.Read, 1); }
        catch (Exception e) when (Disk.Refuses(e)) { throw NoRoom(path, e); }
    }

    static void Write(FileStream file, string path, ReadOnlySpan<byte> bytes)
    {
        try { file.Write(bytes); }
        catch (Exception e) when (Disk.Refuses(e)) { throw NoRoom(path, e); }
    }

    static UserError NoRoom(string path, Exception e) =>
        new($"{path} cannot be written: {Disk.Says(e)}.\nMake room there and run the same command again: it goes on where it stopped.", e);
}
