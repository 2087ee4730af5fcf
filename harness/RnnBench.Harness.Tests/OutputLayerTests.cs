using RnnBench.Backends;
using RnnBench.Language;
using RnnBench.Tasks;
using TorchSharp;
using static TorchSharp.torch;

namespace RnnBench.Harness.Tests;

/// <summary>Fused, tied and adaptive output layers against plain computations of the same distribution.</summary>
public class OutputLayerTests
{
    static readonly SoftmaxLoss fused = (x, w, b, y, weights) => SoftmaxCrossEntropy.Of(x, w, b, y, weights) is var found
        ? new ClassLosses(found.Sum, found.Losses, () => (found.Likeliest, found.Best)) : null!;

    static Parts Plan(string task, string settings, bool withFused = true) =>
        Parts.Of(Lab.Catalogs with { Softmax = withFused ? fused : null }, Lab.Plan("rnn", task, settings, dtype: "float64"));

    static Network Make(Parts parts) => new(parts, Lab.Catalogs.Runner("eager", parts.Model, CPU, ScalarType.Float64, false));

    /// <summary>Three steps of two sequences, one target masked.</summary>
    static Batch Words(int vocabulary)
    {
        var random = new Random(4);
        int[] Draw() => [.. Enumerable.Range(0, 6).Select(_ => random.Next(vocabulary))];
        return new Batch { Steps = 3, Size = 2, StartsFresh = true, Ids = Draw(), Labels = Draw(), Groups = new Dictionary<string, float[]> { [Batch.Trained] = [1, 1, 0, 1, 1, 1] } };
    }

    [Theory]
    [InlineData("")]
    [InlineData("tied=true")]
    public void Many_classes_on_the_cpu_give_the_same_fused_as_plain(string settings)
    {
        using var scope = NewDisposeScope();
        var (batch, found) = (Words(10_000), new List<(Totals Totals, double Sum, Tensor[] Gradients)>());
        foreach (var withFused in new[] { false, true })
        {
            using var network = Make(Plan("ptb", $"model.hidden=9 {settings}", withFused));
            var read = network.Run(batch, null).Read;
            var losses = network.Losses(read, batch, null, Batch.Trained);
            losses.Sum.backward();
            found.Add((Losses.Sum(losses, batch, null)[Batch.Trained], losses.Sum.item<double>(), [.. network.Trainable.Select(p => p.grad!.clone())]));
            Assert.Equal(settings == "" ? 2L * 10_000 * 9 + 10_000 : 10_000 * 9 + 10_000, network.CountOutside);
        }
        Assert.Equal((found[0].Totals.Count, found[0].Totals.Correct), (found[1].Totals.Count, found[1].Totals.Correct));
        Assert.Equal(found[0].Totals.Loss, found[1].Totals.Loss, 1e-10);
        Assert.Equal(found[0].Sum, found[1].Sum, 1e-10);
        Assert.Equal(5, found[1].Totals.Count);
        foreach (var (plain, own) in found[0].Gradients.Zip(found[1].Gradients)) Assert.True(allclose(plain, own, rtol: 0, atol: 1e-11));
    }

    [Theory]
    [InlineData("ptb", "tied=true embedding=7", "9 wide and the embedding 7; give --set embedding=9")]
    [InlineData("copy", "tied=true", "does not predict the words that it reads")]
    [InlineData("ptb", "softmax=adaptive", "must rise and lie below the 10000 classes")]
    [InlineData("ptb", "softmax=adaptive cutoffs=[20,10]", "must rise")]
    [InlineData("ptb", "softmax=adaptive cutoffs=[10,10000]", "lie below")]
    [InlineData("ptb", "softmax=adaptive cutoffs=[10] tied=true", "tied=true needs softmax=full")]
    [InlineData("adding", "softmax=adaptive cutoffs=[1]", "predicts no classes")]
    public void What_does_not_fit_is_one_line(string task, string settings, string expected)
    {
        var parts = Plan(task, $"model.hidden=9 steps=1 {settings}");
        var message = Assert.Throws<UserError>(() => Make(parts)).Message;
        Assert.Contains(expected, message);
        Assert.Single(message.Split('\n'));
    }

    static (AdaptiveSoftmax Layer, Dictionary<string, Tensor> Own) Adaptive(Parts parts)
    {
        var random = new Random(3);
        var own = OutputLayer.ShapesOf(parts).ToDictionary(p => p.Name, p => tensor(
            [.. Enumerable.Range(0, p.Shape.Aggregate((a, b) => a * b)).Select(_ => random.NextDouble() - 0.5)], [.. p.Shape.Select(side => (long)side)]).requires_grad_(true));
        return (new AdaptiveSoftmax(parts, own), own);
    }

    /// <summary>log p of every word, as the paper writes it.</summary>
    static Tensor Distribution(IReadOnlyDictionary<string, Tensor> own, Tensor y, int head, int clusters)
    {
        var top = nn.functional.log_softmax(y.matmul(own["output.head"].t()), 1);
        return cat([top.narrow(1, 0, head), .. Enumerable.Range(1, clusters).Select(i =>
            top.narrow(1, head + i - 1, 1) + nn.functional.log_softmax(y.matmul(own[$"output.P_{i}"].t()).matmul(own[$"output.W_{i}"].t()), 1))], 1);
    }

    /// <summary>pcfg has few words, so the library's operations serve; ptb's cuts are wide enough for the fused ones.</summary>
    [Theory]
    [InlineData("pcfg", "[5,12]", 2)]
    [InlineData("ptb", "[300,1000,9990]", 3)]
    public void Adaptive_is_the_distribution_of_the_paper(string task, string cutoffs, int clusters)
    {
        using var scope = NewDisposeScope();
        var parts = Plan(task, $"model.hidden=20 softmax=adaptive cutoffs={cutoffs}");
        var (layer, own) = Adaptive(parts);
        var cuts = new Cutoffs(parts);
        Assert.Equal([5L, 20], own["output.P_1"].shape);                    // floor of 20 / 4
        Assert.Equal([1L, 20], own["output.P_2"].shape);
        Assert.Equal(cuts.Head + clusters, own["output.head"].shape[0]);
        var y = ((rand(40, 20, ScalarType.Float64) - 0.5) * 8).requires_grad_(true);
        var expected = Distribution(own, y, cuts.Head, clusters);
        Assert.True(allclose(expected.exp().sum(1), ones(40, ScalarType.Float64), rtol: 0, atol: 1e-12));
        var classes = parts.Task.Target.Outputs;
        long[] targets = [.. Enumerable.Range(0, 40).Select(r => (long)r * 7919 % classes)];
        targets[3] = classes - 1;
        var weights = tensor([.. Enumerable.Range(0, 40).Select(r => r % 5 / 2.0)]);
        var found = layer.Of(y, targets, weights);
        var losses = -expected.gather(1, tensor(targets).unsqueeze(1)).squeeze(1);
        Assert.True(allclose(losses, found.Each, rtol: 0, atol: 1e-10));
        Tensor[] leaves = [y, .. own.Values];
        var plain = autograd.grad([(losses * weights).sum()], leaves);
        foreach (var (e, a) in plain.Zip(autograd.grad([found.Sum], leaves))) Assert.True(allclose(e, a, rtol: 0, atol: 1e-10));
        long[] best = expected.argmax(1).data<long>().ToArray();
        Assert.All(layer.Of(y, best, null).Right!().data<bool>().ToArray(), Assert.True);
        Assert.Equal(best.Zip(targets, (a, b) => a == b), found.Right!().data<bool>().ToArray());
    }

    [Fact]
    public void Words_are_ranked_by_frequency()
    {
        using var scope = NewDisposeScope();
        var parts = Plan("pcfg", "model.hidden=20 softmax=adaptive cutoffs=[5,12]");
        var layer = Adaptive(parts).Layer;
        var classes = parts.Task.Target.Outputs;
        layer.Sort(() => [.. Enumerable.Range(0, classes).Reverse()]);
        var batch = new Batch { Steps = 1, Size = 1, StartsFresh = true, Labels = [2], Groups = new Dictionary<string, float[]> { [Batch.Trained] = [1] } };
        var y = rand(1, 20, ScalarType.Float64);
        Assert.Equal(layer.Of(y, [classes - 3], null).Sum.item<double>(), layer.Losses(y, batch, null, null).Sum.item<double>());
    }

    [Fact]
    public void A_network_with_an_adaptive_softmax_learns_and_goes_on_to_the_same_bits()
    {
        using var lab = new Lab();
        var plan = Lab.Plan("gru(hidden=16)", "pcfg(sentences=200,eval_sentences=40)", "softmax=adaptive cutoffs=[6,20] steps=60 learning_rate=0.02");
        var stop = new StopAt(25);
        Assert.Equal(Results.RunStatus.Interrupted, lab.Run(plan, o => o with { Progress = stop }, stop.Token).Status);
        lab.Run(plan);
        using var other = new Lab();
        other.Run(plan);
        Assert.Equal(other.Rows(plan), lab.Rows(plan));
        var losses = lab.Losses(plan, "valid");
        Assert.True(losses[^1] < Math.Log(45) - 0.5, $"{losses[^1]}");
    }
}
