using System.Text;
using CsCheck;
using RnnBench.Language;
using RnnBench.Tasks.Data;

namespace RnnBench.Tasks.Tests.Data;

public class WordCorpusTests
{
    const string Train = " b a \n c a \n", Valid = " a c \n", Test = "\n b \n";

    static WordCorpus Read(TemporaryFolder folder) => WordCorpus.Read(folder.Path, "train", "valid", "test");

    static TemporaryFolder Folder() => new TemporaryFolder().Write("train", Train).Write("valid", Valid).Write("test", Test);

    [Fact]
    public void Ids_are_in_order_of_first_appearance_with_the_end_of_each_line()
    {
        using var folder = Folder();
        var corpus = Read(folder);
        Assert.Equal(["b", "a", "<eos>", "c"], corpus.Words);
        Assert.Equal(2, corpus.EndOfLineId);
        Assert.Equal([0, 1, 2, 3, 1, 2], corpus.Splits[Split.Train]);
        Assert.Equal([1, 3, 2], corpus.Splits[Split.Valid]);
        Assert.Equal([2, 0, 2], corpus.Splits[Split.Test]);
        Assert.Equal(["train", "valid", "test"], corpus.Provenance.Keys);
    }

    [Fact]
    public void Only_the_ascii_space_separates()
    {
        using var folder = Folder().Write("train", "a\u00A0b c\td\n").Write("valid", "a\u00A0b\n").Write("test", "c\td\n");
        Assert.Equal(["a\u00A0b", "c\td", "<eos>"], Read(folder).Words);
    }

    [Fact]
    public void A_word_that_training_lacks_is_refused_with_its_line()
    {
        using var folder = Folder().Write("test", " a \n a zebra \n");
        var message = Support.Fails(() => Read(folder));
        Assert.Contains($"{Path.Combine(folder.Path, "test")}, line 2: \"zebra\" does not occur in train", message);
    }

    [Fact]
    public void A_text_that_has_the_end_marker_already_is_refused()
    {
        using var folder = Folder().Write("train", " a \n b <eos> \n");
        Assert.Contains("line 2 holds the word <eos>", Support.Fails(() => Read(folder)));
    }

    /// <summary>Words, and characters with the space that ends their files.</summary>
    [Theory, InlineData(""), InlineData(" ")]
    public void A_mutated_file_is_refused_or_counted_right(string end)
    {
        using var folder = Folder();
        var plain = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 12).Select(i => $" w{i % 5} é the <unk> \n")) + end);
        folder.Write("valid", " the \n" + end).Write("test", " the \n" + end);
        Gen.Select(Gen.Bool, Gen.Int[0, plain.Length - 1], Gen.Byte, Gen.Int[0, 3]).Sample((pack, at, value, how) =>
        {
            var bytes = pack ? Support.Packed(Encoding.UTF8.GetString(plain)) : plain;
            bytes = Support.Mutate(bytes, at % bytes.Length, value, how);
            File.Delete(Path.Combine(folder.Path, "train"));
            File.Delete(Path.Combine(folder.Path, "train.gz"));
            folder.Write(pack ? "train.gz" : "train", bytes);
            try
            {
                var read = WordCorpus.Read(folder.Path, "train", "valid", "test", end).Splits[Split.Train].Length;
                Assert.Equal(Count(pack ? plain : bytes), read);
            }
            catch (UserError e)
            {
                Assert.InRange(e.Message.Split('\n').Length, 1, 2);
                Assert.Contains(folder.Path, e.Message);
            }
        }, iter: 2000, threads: 1);
    }

    /// <summary>Line feeds, and runs of anything but spaces and line feeds.</summary>
    static int Count(byte[] bytes)
    {
        var count = 0;
        for (var i = 0; i < bytes.Length; i++)
            if (bytes[i] == '\n' || (bytes[i] != ' ' && (i == 0 || bytes[i - 1] is (byte)' ' or (byte)'\n'))) count++;
        return count;
    }
}
