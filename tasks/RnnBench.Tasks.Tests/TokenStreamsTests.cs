using CsCheck;

namespace RnnBench.Tasks.Tests;

/// <summary>The stream is 100, 101, 102, ... so that every id says where it stood; 99 is the token before the first.</summary>
public class TokenStreamsTests
{
    const int First = 100, Before = First - 1;

    static TokenStreams Streams(int train, int evaluated, int batch, int bptt, int rows = 10)
    {
        int[] Count(int n) => [.. Enumerable.Range(First, n)];
        var splits = new Dictionary<Split, int[]> { [Split.Train] = Count(train), [Split.Valid] = Count(evaluated), [Split.Test] = Count(evaluated) };
        return new TokenStreams(Support.Context(batch, bptt), splits, Before, rows, new Dictionary<string, string>());
    }

    [Fact]
    public void Evaluation_predicts_every_token_once_from_the_one_before() =>
        Gen.Select(Gen.Int[1, 2500], Gen.Int[1, 13]).Sample((tokens, rows) =>
        {
            var (seen, row) = (new int[tokens], new int[rows]);
            Array.Fill(row, -1);
            var fresh = true;
            foreach (var batch in Streams(1000, tokens, 10, 10, rows).Evaluation(Split.Test))
            {
                Assert.Equal(fresh, batch.StartsFresh);
                fresh = false;
                for (var i = 0; i < batch.Labels!.Length; i++)
                {
                    Assert.InRange(batch.Ids![i], Before, First + tokens - 1);
                    if (batch.Groups["all"][i] == 0) continue;
                    Assert.Equal(batch.Labels[i] - 1, batch.Ids[i]);
                    seen[batch.Labels[i] - First]++;
                    // Within a row the tokens follow each other over the chunks' borders, so that the carried state is the right one.
                    if (row[i % rows] >= 0) Assert.Equal(row[i % rows] + 1, batch.Labels[i]);
                    row[i % rows] = batch.Labels[i];
                }
            }
            Assert.All(seen, n => Assert.Equal(1, n));
        }, iter: 100, threads: 1);

    [Fact]
    public void Training_is_the_usual_truncation_with_carried_state() =>
        Gen.Select(Gen.Int[200, 2000], Gen.Int[1, 12], Gen.Int[1, 12]).Sample((tokens, size, bptt) =>
        {
            var data = Streams(tokens, 50, size, bptt);
            var perEpoch = (tokens / size - 1) / bptt;
            Assert.Equal(perEpoch, data.BatchesPerEpoch);
            for (var k = 0; k < perEpoch; k++)
            {
                var batch = data.Training(k);
                Assert.Equal((bptt, size, k == 0), (batch.Steps, batch.Size, batch.StartsFresh));
                for (var t = 0; t < bptt; t++)
                    for (var b = 0; b < size; b++)
                    {
                        Assert.Equal(First + b * (tokens / size) + k * bptt + t, batch.Ids![t * size + b]);
                        Assert.Equal(batch.Ids[t * size + b] + 1, batch.Labels![t * size + b]);
                    }
                Assert.All(batch.Groups["all"], w => Assert.Equal(1, w));
            }
            Support.Same(data.Training(0), data.Training(7L * perEpoch));
            Support.Same(data.Training(perEpoch - 1), data.Training(8L * perEpoch - 1));
        }, iter: 50, threads: 1);

    [Fact]
    public void The_state_is_fresh_at_the_start_of_an_epoch_only()
    {
        var data = Streams(100, 50, 3, 8);   // 33 tokens a row, 4 chunks
        Assert.Equal([true, false, false, false, true, false, false, false, true], Enumerable.Range(0, 9).Select(k => data.Training(k).StartsFresh));
    }

    [Fact]
    public void Too_few_tokens_are_refused_with_the_number_needed()
    {
        Assert.Equal(1, Streams(20 * 21, 50, 20, 20).BatchesPerEpoch);
        Assert.Contains("420", Support.Fails(() => Streams(20 * 21 - 1, 50, 20, 20)));
        Support.Fails(() => Streams(1000, 50, int.MaxValue, int.MaxValue));
        Assert.Throws<ArgumentOutOfRangeException>(() => Streams(1000, 50, 0, 20));
        Assert.Throws<ArgumentOutOfRangeException>(() => Streams(1000, 50, 20, 0));
    }
}
