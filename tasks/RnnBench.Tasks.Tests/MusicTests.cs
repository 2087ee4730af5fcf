using System.Text;
using CsCheck;
using RnnBench.Language;
using RnnBench.Tasks.Data;

namespace RnnBench.Tasks.Tests;

public class MusicTests
{
    public static TheoryData<string> Sets => ["jsb", "nottingham", "piano-midi", "musedata"];

    static readonly Dictionary<string, (DataSet Set, int[] Notes)> published = new()
    {
        ["jsb"] = (DataSets.JsbChorales, [53_824, 17_811, 18_367]),
        ["nottingham"] = (DataSets.Nottingham, [699_403, 180_192, 177_421]),
        ["piano-midi"] = (DataSets.PianoMidi, [231_089, 27_623, 56_067]),
        ["musedata"] = (DataSets.MuseData, [856_543, 287_893, 211_857]),
    };

    static MusicFile Real(string set) => MusicFile.Read(published[set].Set.FolderIn(Support.RealData()), published[set].Set.Files[0].Name);

    [Theory, MemberData(nameof(Sets))]
    public void The_real_files_hold_what_is_published(string set)
    {
        var file = Real(set);
        Assert.Equal(published[set].Notes, Enum.GetValues<Split>().Select(split => file.Splits[split].Sum(s => s.Sum(step => step.Length))));
        Assert.Equal(published[set].Set.Files[0].Count, file.Splits.Values.Sum(sequences => sequences.Length));
        Assert.Equal(published[set].Set.Files[0].Sha256, file.Sha256);

        // Sequences and steps are checked where the task opens its file; what it evaluates is every step but the first of each sequence.
        using var data = Support.Task("music", ("set", set)).Open(Support.Context(folder: Support.RealData()));
        foreach (var split in new[] { Split.Valid, Split.Test })
            Assert.Equal(file.Splits[split].Sum(s => s.Length - 1), data.Evaluation(split).Sum(b => b.Groups["all"].Sum(w => (int)w)));
    }

    [Fact]
    public void The_chorales_begin_as_is_known() =>
        Assert.Equal([[60, 72, 79, 88], [72, 79, 88], [67, 70, 76, 84], [69, 77, 86]],
            Real("jsb").Splits[Split.Train][0].Take(4).Select(step => step.Select(note => note + 21)));

    [Theory, MemberData(nameof(Sets))]
    public void The_baseline_is_the_loss_of_the_training_frequencies(string set)
    {
        var splits = Real(set).Splits;
        double Foretold(Split split) => splits[split].Sum(s => s.Length - 1);
        double[] Sounding(Split split)
        {
            var counts = new double[88];
            foreach (var note in splits[split].SelectMany(s => s.Skip(1)).SelectMany(step => step)) counts[note]++;
            return counts;
        }
        var (steps, sounding) = (Foretold(Split.Valid), Sounding(Split.Valid));
        var share = Sounding(Split.Train).Select(n => (n + 1) / (Foretold(Split.Train) + 2)).ToArray();
        var loss = share.Zip(sounding, (p, n) => -n * Math.Log(p) - (steps - n) * Math.Log(1 - p)).Sum() / steps;
        Assert.Equal(Support.Task("music", ("set", set)).Baseline!.Value, loss, 3);
    }

    static MusicSequences Small(int batch, params int[] lengths)
    {
        // Sequence i sounds note i alone, step t the note 40 + t besides.
        byte[][][] sequences = [.. lengths.Select((length, i) => Enumerable.Range(0, length).Select(t => new[] { (byte)i, (byte)(40 + t) }).ToArray())];
        var splits = Enum.GetValues<Split>().ToDictionary(split => split, _ => sequences);
        return new MusicSequences(Support.Context(batch), splits, new Dictionary<string, string>());
    }

    [Fact]
    public void Every_step_is_foretold_once_from_the_one_before_whatever_the_batch() =>
        Gen.Select(Gen.Int[2, 30].Array[1, 25], Gen.Int[1, 9]).Sample((lengths, size) =>
        {
            using var data = Small(size, lengths);
            var perEpoch = (lengths.Length + size - 1) / size;
            Assert.Equal(perEpoch, data.BatchesPerEpoch);
            foreach (var batches in new[] { data.Evaluation(Split.Test), Enumerable.Range(0, perEpoch).Select(k => data.Training(k)) })
            {
                var seen = batches.SelectMany(Foretold).Order().ToArray();
                Assert.Equal(lengths.SelectMany((length, i) => Enumerable.Range(1, length - 1).Select(t => (i, t))), seen);
            }
        }, iter: 100, threads: 1);

    static IEnumerable<(int Sequence, int Step)> Foretold(Batch batch)
    {
        Assert.True(batch.StartsFresh);
        for (var row = 0; row < batch.Steps * batch.Size; row++)
        {
            int[] before = Sounding(batch.Values!), after = Sounding(batch.Bits!);
            if (batch.Groups["all"][row] == 0)
            {
                Assert.Equal([.. before, .. after], Array.Empty<int>());
                continue;
            }
            Assert.Equal([after[0], after[1] - 1], before);
            Assert.Equal(row / batch.Size, before[1] - 40);
            yield return (after[0], after[1] - 40);

            int[] Sounding(float[] all) => [.. Enumerable.Range(0, 88).Where(note => all[row * 88 + note] == 1)];
        }
    }

    [Fact]
    public void A_batch_holds_like_lengths_and_depends_on_its_number_alone()
    {
        int[] lengths = [.. Enumerable.Range(0, 24).Select(i => 2 + i % 6)];
        using var data = Small(4, lengths);
        Batch[] batches = [.. Enumerable.Range(0, 12).Select(k => data.Training(k))];
        Assert.All(batches, b => Assert.All(b.Groups["all"], w => Assert.Equal(1, w)));   // four of each length, so that nothing is filled up
        Assert.Equal(batches[..6].Select(b => b.Steps).Order(), batches[6..].Select(b => b.Steps).Order());
        Assert.NotEqual(batches[..6].Select(b => string.Join(" ", Foretold(b))), batches[6..].Select(b => string.Join(" ", Foretold(b))));
        for (var k = 11; k >= 0; k--) Support.Same(batches[k], data.Training(k));
    }

    const string Plain = """{"train":[[[21,60],[108]]],"valid":[[[],[30]]],"test":[[[40],[41],[]]]}""";

    [Theory]
    [InlineData("[20,", "[21,60]", "[20,60]", "byte 12: a note from 21 to 108")]
    [InlineData("109", "[108]", "[109]", "byte 20: a note from 21 to 108")]
    [InlineData("1.5", "[108]", "[21.5]", "a note from")]
    [InlineData("text", "[108]", "[\"a\"]", "a note from")]
    [InlineData("order", "[21,60]", "[60,21]", "do not ascend")]
    [InlineData("twice a note", "[21,60]", "[21,21]", "do not ascend")]
    [InlineData("short", "[[],[30]]", "[[30]]", "fewer than two steps")]
    [InlineData("name", "valid", "value", "train, valid or test belongs here")]
    [InlineData("twice", "valid", "train", "was here before")]
    [InlineData("lacking", ",\"test\":[[[40],[41],[]]]", "", "not all there")]
    [InlineData("number", "[[[21,60],[108]]]", "7", "a list of sequences belongs here")]
    [InlineData("flat", "[[[21,60],[108]]]", "[21,60]", "a list of steps belongs here")]
    [InlineData("more", "[]]]}", "[]]]} 7", "no JSON")]
    [InlineData("cut", "]]]}", "]]", "no JSON")]
    [InlineData("list", Plain, "[]", "an object of train, valid and test")]
    public void What_is_otherwise_is_refused_with_its_place(string what, string part, string instead, string said)
    {
        using var folder = new TemporaryFolder().Write("a.json", Plain.Replace(part, instead));
        var message = Support.Fails(() => MusicFile.Read(folder.Path, "a.json"));
        Assert.True(message.Contains(said) && message.Contains("a.json, byte "), $"{what}: {message}");
    }

    [Fact]
    public void A_mutated_file_is_refused_or_read_as_it_is() => Support.Mutations("a", Encoding.ASCII.GetBytes(Plain), 200, (folder, said) =>
        Assert.Equal(string.Concat(Encoding.ASCII.GetString(said).Where(c => c > ' ')), Written(MusicFile.Read(folder.Path, "a").Splits)));

    static string Written(IReadOnlyDictionary<Split, byte[][][]> splits)
    {
        string List(IEnumerable<string> entries) => $"[{string.Join(",", entries)}]";
        string Of(Split split) => List(splits[split].Select(s => List(s.Select(step => List(step.Select(note => $"{note + 21}"))))));
        return $$"""{"train":{{Of(Split.Train)}},"valid":{{Of(Split.Valid)}},"test":{{Of(Split.Test)}}}""";
    }

    [Fact]
    public void The_task_says_which_average_and_refuses_another_set()
    {
        var task = Support.Task("music", ("set", "piano-midi"));
        Assert.Equal("music(set=piano-midi)", TaskEntry.Build(Catalog.All, Notation.Parse(task.Text)).Text);
        Assert.Contains("averaged over all predicted steps of the set", task.Protocol);
        Assert.Contains("87 / 12 / 25 sequences", task.Protocol);
        Assert.Equal(task.Protocol, Support.Abroad(() => Support.Task("music", ("set", "piano-midi")).Protocol));
        Assert.Equal((new InputKind.Real(88), new TargetKind.Binary(88)), (task.Input, task.Target));

        Assert.Contains("--data", Support.Fails(() => task.Open(Support.Context())));
        using var folder = new TemporaryFolder();
        Assert.Contains("Piano_midi.json is missing", Support.Fails(() => task.Open(Support.Context(folder: folder.Path))));
        folder.Write("music/Piano_midi.json", Plain);
        Assert.Contains("has 1 / 1 / 1 sequences", Support.Fails(() => task.Open(Support.Context(folder: folder.Path))));
    }
}
