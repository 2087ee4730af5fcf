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

    /// <summary>How long a server may say nothing before it counts as gone.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Fetches what is missing of a set.</summary>
    /// <param name="set">The set.</param>
    /// <param name="stop">Stops; what has arrived stays for the next time.</param>
    /// <exception cref="UserError">No mirror has it, and the message says which files to put where; or there is no room.</exception>
    public async Task Get(DataSet set, CancellationToken stop)
    {
        var (arrival, reasons) = (new Arrival(set, dataFolder), new List<string>());
        if (arrival.Missing.Count == 0)
        {
            say($"{set.Id}: nothing is missing in {set.FolderIn(dataFolder)}; comparing it with what is published");
            if (DataCheck.Of(set, dataFolder).FirstOrDefault(f => f.Wrong is not null) is { } damaged) throw new UserError(
                $"{FileBytes.Find(set.FolderIn(dataFolder), damaged.File.Name)}: {damaged.Wrong}.\nMove it away: the same command then fetches it.");
            return;
        }
        using var only = arrival.Begin();
        foreach (var mirror in set.Mirrors.TakeWhile(_ => arrival.Missing.Count > 0))
            if (await From(mirror, arrival, stop) is { } reason)
            {
                var address = mirror.Of(arrival.Missing[0].Name);
                reasons.Add($"{address.Host}: {reason}");
                say($"  {address}: {reason}");
            }
        if (arrival.Missing is [_, ..] left) throw new UserError($"{set.Id} could not be fetched ({string.Join("; ", reasons.Distinct())}).\n"
            + $"Put {string.Join(", ", left.Select(f => f.Name))} into {set.FolderIn(dataFolder)}, plain or as .gz, or use rnnbench data import PATH"
            + $"{(set.Mirrors.Where(m => m.IsWhole).Select(m => m.Name).FirstOrDefault() is { } whole ? $" with these or {whole}" : "")}; the set comes from {set.Origin}.");
        arrival.End();
    }

    /// <summary>What went wrong, or null.</summary>
    async Task<string?> From(Mirror mirror, Arrival arrival, CancellationToken stop)
    {
        try
        {
            var missing = arrival.Missing;
            if (mirror.IsWhole)
                return await Fetch(mirror.Of(""), Path.Combine(arrival.Unfinished, mirror.Name), path => arrival.Take(mirror, path, missing), stop);
            var ending = mirror.Address.EndsWith(".gz", StringComparison.Ordinal) ? ".part.gz" : ".part";
            foreach (var file in missing)
                if (await Fetch(mirror.Of(file.Name), Path.Combine(arrival.Unfinished, file.Name + ending),
                    path => arrival.Put(file, path, packed: ending == ".part.gz"), stop) is { } wrong) return wrong;
            return null;
        }
        catch (Exception e) when (e is HttpRequestException or HttpIOException || e is TaskCanceledException && !stop.IsCancellationRequested)
        {
            return Disk.Says(e);
        }
    }

    /// <summary>Downloads a file and takes it over; from the start, where what was begun before does not fit what came behind it.</summary>
    async Task<string?> Fetch(Uri address, string path, Func<string, string?> take, CancellationToken stop)
    {
        for (var begun = File.Exists(path); ; begun = false)
        {
            await Download(address, path, stop);
            var wrong = Taken(path, take);
            if (wrong is null) say($"  {Path.GetFileName(address.LocalPath)} from {address.Host}");
            else File.Delete(path);
            if (wrong is null || !begun) return wrong;
            say($"  what was begun before of {Path.GetFileName(address.LocalPath)} does not fit; from the start");
        }
    }

    static string? Taken(string path, Func<string, string?> take)
    {
        try
        {
            return take(path);
        }
        catch (InvalidDataException e)
        {
            return $"{Path.GetFileName(path)} is damaged or of another form: {Disk.Says(e)}";
        }
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
            catch (HttpIOException e) when (attempt < Tries)
            {
                say($"  {address.Host}: {Disk.Says(e)}; going on");
            }
    }

    async Task Continue(Uri address, string path, CancellationToken stop)
    {
        var have = File.Exists(path) ? new FileInfo(path).Length : 0;
        using var request = new HttpRequestMessage(HttpMethod.Get, address) { Headers = { Range = have > 0 ? new RangeHeaderValue(have, null) : null } };
        using var answer = await InTime(patience => client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience), stop);
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
        while (await InTime(patience => body.ReadAsync(buffer, patience).AsTask(), stop) is > 0 and var count) Write(file, path, buffer.AsSpan(0, count));
    }

    /// <summary>A server that falls silent is as good as a broken connection.</summary>
    async Task<T> InTime<T>(Func<CancellationToken, Task<T>> act, CancellationToken stop)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
        patience.CancelAfter(Patience);
        try
        {
            return await act(patience.Token);
        }
        catch (OperationCanceledException e) when (!stop.IsCancellationRequested)
        {
            throw new HttpIOException(HttpRequestError.Unknown, $"nothing came for {Patience.TotalSeconds:0} seconds", e);
        }
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
