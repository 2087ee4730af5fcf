using System.Formats.Tar;
using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace RnnBench.Tasks.Data;

/// <summary>
/// The labelled reviews out of the archive of the Large Movie Review Dataset, in a tar archive that depends on nothing but their names and
/// contents, so that one hash tells whether all are as published: README and vocabulary first, then the reviews by folder and number.
/// </summary>
static class ImdbRepacking
{
    const int Block = 512, Record = 20 * Block;

    static readonly string[] folders = ["aclImdb/test/neg/", "aclImdb/test/pos/", "aclImdb/train/neg/", "aclImdb/train/pos/"];
    static readonly string[] others = ["aclImdb/README", "aclImdb/imdb.vocab"];

    /// <summary>Repacks <c>aclImdb_v1.tar.gz</c>.</summary>
    /// <exception cref="InvalidDataException">It is no such archive, or a damaged one.</exception>
    public static void Write(string path, Stream into)
    {
        var written = 0L;
        foreach (var (name, content) in Wanted(path).OrderBy(file => Place(file.Name)).ThenBy(file => Number(file.Name)))
        {
            into.Write(Header(name, content.Length));
            into.Write(content);
            into.Write(new byte[(Block - content.Length % Block) % Block]);
            written += Block + (content.Length + Block - 1) / Block * Block;
        }
        written += 2 * Block;                                                   // the end is marked by two empty blocks
        into.Write(new byte[2 * Block + (Record - written % Record) % Record]);
    }

    static List<(string Name, byte[] Content)> Wanted(string path)
    {
        var files = new List<(string, byte[])>();
        Archive.Read(path, (name, content) =>
        {
            if (Place(name) < 0) return;
            var memory = new MemoryStream();
            content.CopyTo(memory);
            files.Add((name, memory.ToArray()));
        });
        return files;
    }

    /// <summary>Where a file goes; -1 where it is not wanted.</summary>
    static int Place(string name)
    {
        if (Array.IndexOf(others, name) is >= 0 and var other) return other;
        var folder = Array.FindIndex(folders, f => name.StartsWith(f, StringComparison.Ordinal) && name.EndsWith(".txt", StringComparison.Ordinal));
        return folder < 0 ? -1 : others.Length + folder;
    }

    static int Number(string name) => int.TryParse(Path.GetFileName(name).Split('_')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : -1;

    /// <summary>The header of a file in the form <c>ustar</c> (POSIX.1-1988): mode 644, nobody's, from the beginning of time.</summary>
    static byte[] Header(string name, int length)
    {
        var header = new byte[Block];
        void Put(int at, string text) => Encoding.ASCII.GetBytes(text, header.AsSpan(at));
        Put(0, name.Length <= 100 ? name : throw new InvalidDataException($"the name {name} is too long"));
        Put(100, "0000644\00000000\00000000\0");
        Put(124, Octal(length, 11) + "\0" + Octal(0, 11) + "\0");
        Put(148, "        0");                                                   // the sum is taken with blanks in its place
        Put(257, "ustar\000");
        Put(148, Octal(header.Sum(b => b), 6) + "\0 ");
        return header;
    }

    static string Octal(int number, int digits) => Convert.ToString(number, 8).PadLeft(digits, '0');
}
