using System.Globalization;
using System.IO.Compression;
using System.Text;
using CsCheck;
using RnnBench.Language;

namespace RnnBench.Tasks.Tests;

/// <summary>What the tests of this project share.</summary>
static class Support
{
    public static BenchTask Task(string id, params (string Key, string Value)[] settings) =>
        TaskEntry.Build(Catalog.All, new Notation(id, [.. settings.Select(s => KeyValuePair.Create(s.Key, s.Value))], []));

    public static TaskContext Context(int batch = 20, int bptt = 20, int seed = 1, string? folder = null) =>
        new(batch, bptt, name => Stream(name, seed), folder);

    public static Random Stream(string name, int seed) => new(name.Aggregate(seed, (hash, letter) => unchecked(hash * 31 + letter)));

    /// <summary>The folder of the real data sets; without it the test is skipped.</summary>
    public static string RealData()
    {
        var folder = Environment.GetEnvironmentVariable("RNNBENCH_DATA");
        Assert.SkipUnless(folder is { Length: > 0 } && Directory.Exists(folder), "RNNBENCH_DATA names no folder of data sets");
        return folder!;
    }

    public static byte[] Packed(string text) => Packed(Encoding.UTF8.GetBytes(text));

    public static byte[] Packed(byte[] bytes)
    {
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true)) gzip.Write(bytes);
        return packed.ToArray();
    }

    /// <summary>Bytes cut off, with one byte changed, put in or taken out.</summary>
    public static byte[] Mutate(byte[] bytes, int at, byte value, int how) => how switch
    {
        0 => bytes[..at],
        1 => [.. bytes[..at], value, .. bytes[(at + 1)..]],
        2 => [.. bytes[..at], value, .. bytes[at..]],
        _ => [.. bytes[..at], .. bytes[(at + 1)..]],
    };

    /// <summary>
    /// Changes a file in one place, plain or packed, again and again: the reader gives what the file then says, or refuses it in two lines that name it.
    /// </summary>
    /// <param name="name">The file's name; packed, it ends in .gz.</param>
    /// <param name="plain">What it says before it is changed.</param>
    /// <param name="places">The places that are changed; a larger one than the file has is counted on from its start.</param>
    /// <param name="check">Reads from the folder and compares with what the file says now: a packed file that still opens says what it said before.</param>
    public static void Mutations(string name, byte[] plain, int places, Action<TemporaryFolder, byte[]> check)
    {
        using var folder = new TemporaryFolder();
        var packed = Packed(plain);
        Gen.Select(Gen.Bool, Gen.Int[0, places], Gen.Byte, Gen.Int[0, 3]).Sample((pack, at, value, how) =>
        {
            var whole = pack ? packed : plain;
            var bytes = Mutate(whole, at % whole.Length, value, how);
            foreach (var old in new[] { name, name + ".gz" }) File.Delete(Path.Combine(folder.Path, old));
            folder.Write(pack ? name + ".gz" : name, bytes);
            try
            {
                check(folder, pack ? plain : bytes);
            }
            catch (UserError e)
            {
                Assert.InRange(e.Message.Split('\n').Length, 1, 2);
                Assert.Contains(folder.Path, e.Message);
            }
        }, iter: 2000, threads: 1);
    }

    public static string Fails(Action action)
    {
        var message = Assert.Throws<UserError>(action).Message;
        Assert.InRange(message.Split('\n').Length, 1, 2);
        return message;
    }

    /// <summary>Runs under a culture whose numbers look unlike the invariant ones.</summary>
    public static T Abroad<T>(Func<T> action)
    {
        var home = CultureInfo.CurrentCulture;
        var abroad = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        abroad.NumberFormat = new NumberFormatInfo { NumberDecimalSeparator = ",", NumberGroupSeparator = ".", NegativeSign = "~" };
        CultureInfo.CurrentCulture = abroad;
        try
        {
            return action();
        }
        finally
        {
            CultureInfo.CurrentCulture = home;
        }
    }

    public static void Same(Batch expected, Batch actual)
    {
        Assert.Equal((expected.Steps, expected.Size, expected.StartsFresh), (actual.Steps, actual.Size, actual.StartsFresh));
        Assert.Equal(expected.Ids, actual.Ids);
        Assert.Equal(expected.Values, actual.Values);
        Assert.Equal(expected.Labels, actual.Labels);
        Assert.Equal(expected.Targets, actual.Targets);
        Assert.Equal(expected.Bits, actual.Bits);
        Assert.Equal(expected.Groups.Keys, actual.Groups.Keys);
        foreach (var (name, weights) in expected.Groups) Assert.Equal(weights, actual.Groups[name]);
    }
}

/// <summary>A folder that is gone after the test.</summary>
sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("rnnbench-tasks-").FullName;

    public TemporaryFolder Write(string name, string text) => Write(name, Encoding.UTF8.GetBytes(text));

    public TemporaryFolder Write(string name, byte[] bytes)
    {
        var path = System.IO.Path.Combine(Path, name);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, bytes);
        return this;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
