namespace RnnBench.Tasks.Tests;

public class PcfgTests
{
    [Fact]
    public void Expectations_of_a_grammar_that_can_be_done_by_hand()
    {
        // n brackets with probability 2^-(n+1): one pair is expected, two words; the choices cost ln 2 each, two of them expected.
        var grammar = Grammar.Parse("S -> 0.5 | 0.5 ( S )");
        Assert.Equal(2, grammar.Length, 12);
        Assert.Equal(2 * Math.Log(2), grammar.Entropy, 12);
        Assert.Equal(1, grammar.Frequency("("), 12);
        Assert.Equal(["(", ")"], grammar.Words);
        Assert.Throws<InvalidOperationException>(() => Grammar.Parse("S -> 0.1 a | 0.9 S S").Length);
        Assert.Throws<ArgumentException>(() => Grammar.Parse("S -> 0.5 a | 0.4 b"));
    }

    [Fact]
    public void The_floor_the_length_and_the_baseline_are_what_drawing_finds()
    {
        var (random, sentences) = (new Random(5), 40_000);
        var (nats, counts) = (0.0, new Dictionary<string, int>());
        for (var i = 0; i < sentences; i++)
        {
            var words = Pcfg.Grammar.Draw(random, out var cost);
            foreach (var word in words.Append("<eos>")) counts[word] = counts.GetValueOrDefault(word) + 1;
            nats += cost;
        }
        var tokens = (double)counts.Values.Sum();
        // Standard deviations of these means: 0.025 words, 0.001 nats and 0.002 nats.
        Assert.Equal(Pcfg.Grammar.Length + 1, tokens / sentences, 0.1);
        Assert.Equal(Pcfg.Floor, nats / tokens, 0.005);
        Assert.Equal(Support.Task("pcfg").Baseline!.Value, counts.Values.Sum(n => -n / tokens * Math.Log(n / tokens)), 0.01);
    }

    [Fact]
    public void A_sentence_determines_what_it_costs()
    {
        // As no sentence has two derivations, what was drawn twice cost the same twice.
        var (random, costs) = (new Random(3), new Dictionary<string, double>());
        var again = 0;
        for (var i = 0; i < 50_000; i++)
        {
            var sentence = string.Join(" ", Pcfg.Grammar.Draw(random, out var cost));
            if (costs.TryGetValue(sentence, out var known)) again++;
            else costs.Add(sentence, known = cost);
            Assert.Equal(known, cost, 9);
        }
        Assert.InRange(again, 1000, 50_000);
    }

    [Fact]
    public void Verbs_agree_with_their_nouns_however_far_they_stand()
    {
        string[] all = [.. Pcfg.Grammar.Words], verbs = all[Array.IndexOf(all, "sleeps")..], transitive = all[Array.IndexOf(all, "sees")..];
        string[] adjectives = ["good", "bad", "bright", "dull", "gentle"], plurals = ["dogs", "cats", "birds", "children", "painters"];
        var random = new Random(4);
        for (var i = 0; i < 3000; i++)
        {
            var (words, at) = (Pcfg.Grammar.Draw(random, out _), 0);
            VerbPhrase(NounPhrase());
            Assert.Equal(words.Count, at);

            bool NounPhrase()
            {
                for (at++; adjectives.Contains(words[at]); at++) { }
                var plural = plurals.Contains(words[at++]);
                if (at == words.Count || words[at] != "that") return plural;
                at++;
                if (verbs.Contains(words[at])) VerbPhrase(plural);
                else Agree(NounPhrase());
                return plural;
            }

            void VerbPhrase(bool plural)
            {
                if (transitive.Contains(Agree(plural))) NounPhrase();
            }

            string Agree(bool plural)
            {
                Assert.Contains(words[at], verbs);
                Assert.Equal(plural, !words[at].EndsWith('s'));
                return words[at++];
            }
        }
    }

    [Fact]
    public void The_stream_holds_the_sentences_of_the_seed()
    {
        var task = Support.Task("pcfg", ("sentences", "200"), ("eval_sentences", "50"));
        using var data = task.Open(Support.Context(5, 10));
        using var again = task.Open(Support.Context(5, 10));
        using var other = task.Open(Support.Context(5, 10, seed: 2));
        Support.Same(data.Training(3), again.Training(3));
        Assert.NotEqual(data.Training(3).Ids!, other.Training(3).Ids!);
        var end = Pcfg.Grammar.Words.Count;
        int Ends(Split split) => data.Evaluation(split).Sum(b => b.Labels!.Where((label, row) => label == end && b.Groups["all"][row] != 0).Count());
        Assert.Equal([200, 50, 50], Enum.GetValues<Split>().Select(Ends));
        Assert.Equal("generated", data.Provenance["data"]);
        Assert.Equal((new InputKind.Tokens(end + 1), new TargetKind.Classes(end + 1)), (task.Input, task.Target));
    }

    [Fact]
    public void Floor_and_solved_level_are_said()
    {
        var task = Support.Task("pcfg");
        Assert.True(Pcfg.Floor < task.Solved && task.Solved < task.Baseline);
        Assert.Equal(1.02, Math.Exp(task.Solved!.Value - Pcfg.Floor), 12);
        Assert.Contains(Math.Round(Pcfg.Floor, 4).ToString("F4", System.Globalization.CultureInfo.InvariantCulture) + " nats", task.Protocol);
        Assert.Equal(task.Protocol, Support.Abroad(() => Support.Task("pcfg").Protocol));
    }
}
