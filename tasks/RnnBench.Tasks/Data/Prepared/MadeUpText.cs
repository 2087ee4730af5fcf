using System.Globalization;
using System.Text;
using RnnBench.Language;

namespace RnnBench.Tasks.Data;

/// <summary>
/// A training text in place of that of WikiText-103, with as many lines, tokens and types, for measurements without the real one: first the training
/// text of WikiText-2, so that a slice of it is real text; then every other word of the real validation and test text and as many made-up ones as are
/// lacking, once each; then all words at random, frequencies falling as 1 / rank.
/// </summary>
static class MadeUpText
{
    const int Lines = 1_801_350, Seed = 103;

    /// <summary>Writes the text, and the real validation and test text beside it.</summary>
    /// <param name="dataFolder">Where the real texts lie.</param>
    /// <param name="folder">Where to; it is made.</param>
    /// <exception cref="UserError">A real text is missing, or a training text is there already, or the folder cannot be written.</exception>
    public static void Write(string dataFolder, string folder)
    {
        var (set, small) = (DataSets.WikiText103, DataSets.WikiText2);
        var head = Find(small.FolderIn(dataFolder), small.Files[0].Name);
        var real = set.Files.Skip(1).Select(f => Find(set.FolderIn(dataFolder), f.Name)).ToArray();
        if (FileBytes.Find(folder, set.Files[0].Name) is { } there) throw new UserError($"{there} is there already. Move it away, or name another folder.");
        try
        {
            Directory.CreateDirectory(folder);
            foreach (var path in real)
                if (Path.Combine(folder, Path.GetFileName(path)) is var copy && copy != path) File.Copy(path, copy, overwrite: true);
            Write(Path.Combine(folder, set.Files[0].Name), head, real);
        }
        catch (Exception e) when (Disk.Refuses(e))
        {
            throw new UserError($"{folder} cannot be written: {Disk.Says(e)}. Make room there, or name another folder.", e);
        }
    }

    static string Find(string folder, string name) => FileBytes.Find(folder, name) ?? throw FileBytes.Missing(folder, name);

    static void Write(string path, string head, IReadOnlyList<string> real)
    {
        using var stream = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 20);
        var (begun, written) = (0, 0L);
        var vocabulary = new Vocabulary(head, real, (word, line) =>
        {
            if (line > begun) stream.WriteByte((byte)' ');
            (begun, written) = (line, written + 1);
            if (word.SequenceEqual(WordStream.EndOfLine)) stream.WriteByte((byte)'\n');
            else Put(word);
        });
        var (lines, tokens, next) = (Lines - begun, DataSets.WikiText103.Files[0].Count - written - (Lines - begun), 0L);
        var random = new Random(Seed);
        for (var line = 1L; line <= lines; line++)
        {
            stream.WriteByte((byte)' ');
            for (; next < tokens * line / lines; next++) Put(next < vocabulary.New.Length ? vocabulary.New[next] : vocabulary.Draw(random));
            stream.WriteByte((byte)'\n');
        }
        stream.Flush(flushToDisk: true);                                    // what is measured next is not to wait for this

        void Put(ReadOnlySpan<byte> word)
        {
            stream.Write(word);
            stream.WriteByte((byte)' ');
        }
    }

    /// <summary>All words but the end of a line.</summary>
    sealed class Vocabulary
    {
        readonly byte[][] ranked;

        /// <summary>Reads the head, handing on its words, and the real texts; makes up what is lacking.</summary>
        public Vocabulary(string head, IReadOnlyList<string> real, WordAction inHead)
        {
            var (table, counts) = (new WordTable(), new int[WikiText103.Published.Types]);
            WordStream.Read(head, (word, line) =>
            {
                counts[table.Id(word, add: true)]++;
                inHead(word, line);
            });
            var known = table.Count;
            foreach (var path in real) WordStream.Read(path, (word, _) => counts[table.Id(word, add: true)]++);
            for (var i = 0; table.Count < counts.Length; i++) table.Id(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"~{i:x}")), add: true);
            var end = table.Id(WordStream.EndOfLine, add: false);
            New = [.. Enumerable.Range(known, counts.Length - known).Select(id => table[id].ToArray())];
            ranked = [.. Enumerable.Range(0, counts.Length).Where(id => id != end).OrderByDescending(id => counts[id]).Select(id => table[id].ToArray())];
        }

        /// <summary>The words that are not in the head.</summary>
        public byte[][] New { get; }

        /// <summary>A word, the more frequent of the real texts the likelier.</summary>
        public byte[] Draw(Random random) => ranked[Math.Min(ranked.Length - 1, (int)Math.Exp(random.NextDouble() * Math.Log(ranked.Length)) - 1)];
    }
}
