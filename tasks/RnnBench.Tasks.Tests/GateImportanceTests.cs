using System.Globalization;
using System.Text.RegularExpressions;
using CsCheck;

namespace RnnBench.Tasks.Tests;

public class GateImportanceTests
{
    const string Letters = "abcdefghijklmnopqrstuvwxyz", Arithmetic = Letters + "0123456789+-=.", Xml = Letters + "</>";

    [Theory]
    [InlineData(8, 3)]
    [InlineData(1, 0)]
    [InlineData(15, 1)]
    public void The_result_is_that_of_the_question_and_alone_counts(int digits, int distractors)
    {
        using var data = Support.Task("arithmetic", ("digits", $"{digits}"), ("distractors", $"{distractors}")).Open(Support.Context(batch: 300));
        foreach (var (text, counted) in Texts(data.Training(7), Arithmetic))
        {
            var match = Regex.Match(text, $@"^((?:[0-9+-][a-z]{{0,{distractors}}})+=)(-?[0-9]+\.)", RegexOptions.CultureInvariant);
            Assert.True(match.Success, text);
            var sum = Regex.Match(Regex.Replace(match.Groups[1].Value, "[a-z]", ""), @"^(0|[1-9][0-9]*)([+-])(0|[1-9][0-9]*)=$");
            Assert.True(sum.Success && sum.Groups[1].Length <= digits && sum.Groups[3].Length <= digits, text);
            long first = Value(sum.Groups[1].Value), second = Value(sum.Groups[3].Value);
            Assert.Equal(sum.Groups[2].Value == "+" ? first + second : first - second, Value(match.Groups[2].Value[..^1]));
            Assert.Equal(Enumerable.Range(match.Groups[1].Length, match.Groups[2].Length), counted);
        }

        static long Value(string number) => long.Parse(number, CultureInfo.InvariantCulture);
    }

    [Fact]
    public void Numbers_letters_and_signs_are_drawn_as_the_protocol_says()
    {
        using var data = Support.Task("arithmetic").Open(Support.Context(batch: 4000));
        var texts = Texts(data.Training(0), Arithmetic).Select(t => t.Text[..t.Counted.Min()]).ToArray();
        var bare = texts.Select(t => Regex.Replace(t, "[a-z]", "")).ToArray();
        foreach (var length in Enumerable.Range(1, 8))
            Assert.InRange(bare.Count(t => t.IndexOfAny(['+', '-']) == length), 400, 600);   // 500 expected, standard deviation 21
        Assert.InRange(bare.Count(t => t.Contains('+')), 1850, 2150);                        // 2000 expected, standard deviation 32
        var gaps = (double)bare.Sum(t => t.Length - 1);
        Assert.Equal(1.5, (texts.Sum(t => t.Length) - bare.Sum(t => t.Length)) / gaps, 1);   // 0 to 3, standard deviation of the mean 0.005
    }

    [Theory]
    [InlineData(100, 5)]
    [InlineData(50, 1)]
    [InlineData(300, 2)]
    public void Tags_are_nested_and_closed_by_name(int T, int depth)
    {
        using var data = Support.Task("xml", ("T", $"{T}"), ("depth", $"{depth}")).Open(Support.Context(batch: 300));
        var batch = data.Training(1);
        Assert.Equal((T, 300), (batch.Steps, batch.Size));
        Assert.All(batch.Groups["all"], w => Assert.Equal(1, w));
        var deepest = 0;
        foreach (var (text, closing) in Texts(batch, Xml, "closing"))
        {
            Assert.Equal(T + 1, text.Length);
            var (open, expected) = (new Stack<string>(), new List<int>());
            foreach (Match tag in Regex.Matches(text, "<(/?)([a-z]*)(>?)"))
            {
                var whole = tag.Groups[3].Length == 1;
                if (tag.Groups[1].Length == 1)
                {
                    expected.AddRange(Enumerable.Range(tag.Groups[2].Index, tag.Length - 2));
                    if (whole) Assert.Equal(open.Pop(), tag.Groups[2].Value);
                    else Assert.StartsWith(tag.Groups[2].Value, open.Pop());
                }
                else
                {
                    if (whole) Assert.InRange(tag.Groups[2].Length, 2, 10);
                    if (tag.Groups[2].Length > 0) open.Push(tag.Groups[2].Value);   // else cut off behind <: it may have been a closing one
                }
                deepest = Math.Max(deepest, open.Count);
            }
            Assert.Equal(expected, closing);
        }
        Assert.Equal(depth, deepest);
    }

    [Fact]
    public void What_is_memorised_is_said_after_the_last_symbol() =>
        Gen.Select(Gen.Int[1, 12], Gen.Int[2, 40], Gen.Int[1, 5]).Sample((length, symbols, size) =>
        {
            using var data = Support.Task("memorise", ("length", $"{length}"), ("symbols", $"{symbols}")).Open(Support.Context(batch: size));
            var batch = data.Training(0);
            Assert.Equal((2 * length, size), (batch.Steps, batch.Size));
            var half = length * size;
            Assert.All(batch.Ids![..half], id => Assert.InRange(id, 1, symbols));
            Assert.Equal([.. batch.Ids![..half], .. new int[half]], batch.Ids!);
            Assert.Equal(batch.Ids[..half], batch.Labels![half..]);
            Assert.Equal([.. new float[half], .. Enumerable.Repeat(1f, half)], batch.Groups["all"]);
        }, iter: 50, threads: 1);

    [Theory]
    [InlineData("arithmetic")]
    [InlineData("xml")]
    [InlineData("memorise")]
    public void The_baseline_is_what_frequencies_alone_score_on_the_test_set(string id)
    {
        var task = Support.Task(id, ("eval_sequences", "5000"));
        using var data = task.Open(Support.Context(seed: 9));
        var targets = data.Evaluation(Split.Test).SelectMany(b => b.Labels!.Where((_, row) => b.Groups["all"][row] != 0)).ToArray();
        var shares = targets.CountBy(label => label).ToDictionary(n => n.Key, n => (double)n.Value / targets.Length);
        Assert.Equal(task.Baseline!.Value, targets.Average(label => -Math.Log(shares[label])), 0.01);
    }

    [Fact]
    public void Solved_proves_the_accuracy_that_is_demanded()
    {
        // The cheapest way to be wrong: a tie, ln 2, at 1 % (5 %) of the targets and certainty everywhere else.
        foreach (var (id, wrong) in new[] { ("arithmetic", 0.01), ("memorise", 0.05) })
        {
            var task = Support.Task(id);
            Assert.Equal(task.Solved!.Value, task.Metrics[0].Of(new Dictionary<string, Totals> { ["all"] = new(1000, 1000 * wrong * Math.Log(2), 0) }), 12);
        }
        Assert.Equal(Math.Log(26), Support.Task("memorise").Baseline);
        Assert.Null(Support.Task("xml").Solved);
    }

    [Fact]
    public void The_figures_of_xml_tell_closing_tags_apart()
    {
        var totals = new Dictionary<string, Totals> { ["all"] = new(10, 20, 4), ["closing"] = new(4, 1, 3) };
        var metrics = Support.Task("xml").Metrics;
        Assert.Equal([("loss", 2), ("accuracy", 0.4), ("closing_loss", 0.25), ("closing_accuracy", 0.75)], metrics.Select(m => (m.Name, m.Of(totals))));
    }

    [Fact]
    public void Shorter_sequences_are_filled_up_with_steps_that_do_not_count()
    {
        var groups = (float[] weights) => new Dictionary<string, float[]> { ["all"] = weights };
        var batch = SymbolSequence.Padded([new([1, 2, 3], [4, 5, 6], groups([0, 1, 1])), new([7], [8], groups([1]))]);
        Assert.Equal((3, 2, true), (batch.Steps, batch.Size, batch.StartsFresh));
        Assert.Equal([1, 7, 2, 0, 3, 0], batch.Ids!);
        Assert.Equal([4, 8, 5, 0, 6, 0], batch.Labels!);
        Assert.Equal([0, 1, 1, 0, 1, 0], batch.Groups["all"]);
    }

    /// <summary>Each sequence as text, and the places of its characters that count in a group.</summary>
    static IEnumerable<(string Text, int[] Counted)> Texts(Batch batch, string alphabet, string group = "all")
    {
        for (var b = 0; b < batch.Size; b++)
        {
            int At(int t) => t * batch.Size + b;
            var labels = Enumerable.Range(0, batch.Steps).Select(t => alphabet[batch.Labels![At(t)]]);
            for (var t = 1; t < batch.Steps; t++)
                if (batch.Groups["all"][At(t)] != 0) Assert.Equal(batch.Labels![At(t - 1)], batch.Ids![At(t)]);
            yield return (alphabet[batch.Ids![b]] + string.Concat(labels),
                [.. Enumerable.Range(0, batch.Steps).Where(t => batch.Groups[group][At(t)] != 0).Select(t => t + 1)]);
        }
    }
}
