using RnnBench.Tasks.Data;

namespace RnnBench.Tasks.Tests;

public class PixelMnistTests
{
    static IdxFile Real(int file, params int[] sizes) => IdxFile.Read(Path.Combine(Support.RealData(), "mnist"), DataSets.Mnist.Files[file].Name, sizes);

    [Fact]
    public void The_real_files_hold_what_is_published()
    {
        IdxFile train = Real(1, 60_000), test = Real(3, 10_000), images = Real(0, 60_000, 28, 28), tested = Real(2, 10_000, 28, 28);
        Assert.Equal([5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949], PerDigit(train));
        Assert.Equal([980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009], PerDigit(test));
        Assert.Equal([5, 0, 4, 1, 9, 2, 1, 3, 1, 4], train.Bytes[..10].ToArray());
        Assert.Equal((27_525, 18_454), (images.Bytes[..784].ToArray().Sum(v => v), tested.Bytes[..784].ToArray().Sum(v => v)));
        foreach (var (file, mean, deviation) in new[] { (images, 0.1306604763, 0.3081078039), (tested, 0.1325146058, 0.3104802479) })
        {
            var pixels = file.Bytes.ToArray().CountBy(v => v).ToList();
            double Mean(Func<double, double> of) => pixels.Sum(n => of(n.Key / 255.0) * n.Value) / file.Bytes.Length;
            Assert.Equal(mean, Mean(v => v), 10);
            Assert.Equal(deviation, Math.Sqrt(Mean(v => v * v) - Mean(v => v) * Mean(v => v)), 10);
        }
        Assert.Equal(DataSets.Mnist.Files.Select(f => f.Sha256), new[] { images, train, tested, test }.Select(f => f.Sha256));

        static IEnumerable<int> PerDigit(IdxFile labels) => labels.Bytes.ToArray().CountBy(label => label).OrderBy(n => n.Key).Select(n => n.Value);
    }

    [Theory]
    [InlineData("smnist", 3)]
    [InlineData("pmnist", 3)]
    public void A_step_reads_its_pixel_and_the_last_names_the_digit(string id, int b)
    {
        using var data = Support.Task(id).Open(Support.Context(folder: Support.RealData()));
        int[] order = id == "smnist" ? [.. Enumerable.Range(0, 784)] : new MersenneTwister(92916).Permutation(784);
        IdxFile images = Real(0, 60_000, 28, 28), labels = Real(1, 60_000);
        var batch = data.Evaluation(Split.Valid).First();
        Assert.Equal((784, 100, true), (batch.Steps, batch.Size, batch.StartsFresh));
        var image = images.Bytes.Slice((55_000 + b) * 784, 784).ToArray();
        Assert.Equal(order.Select(p => image[p] / 255f), Enumerable.Range(0, 784).Select(t => batch.Values![t * 100 + b]));
        Assert.Equal(labels.Bytes[55_000 + b], batch.Labels![783 * 100 + b]);
        Assert.Equal([.. new float[783 * 100], .. Enumerable.Repeat(1f, 100)], batch.Groups["all"]);
        Assert.Equal([5000, 10_000], new[] { Split.Valid, Split.Test }.Select(s => (int)data.Evaluation(s).Sum(e => e.Groups["all"].Sum())));
        Assert.Equal(DataSets.Mnist.Files.Select(f => f.Sha256), data.Provenance.Values);
    }

    [Fact]
    public void An_epoch_takes_every_image_once_in_an_order_of_its_own()
    {
        using var data = Support.Task("smnist", ("images", "250"), ("eval_images", "30")).Open(Support.Context(batch: 100, folder: Support.RealData()));
        Assert.Equal(3, data.BatchesPerEpoch);
        Batch[] batches = [.. Enumerable.Range(0, 6).Select(k => data.Training(k))];
        Assert.Equal([100, 100, 50, 100, 100, 50], batches.Select(b => b.Size));
        string[] all = [.. data.Evaluation(Split.Train).SelectMany(Images).Order()];
        Assert.Equal(250, all.Length);
        Assert.Equal(all, batches[..3].SelectMany(Images).Order());
        Assert.Equal(all, batches[3..].SelectMany(Images).Order());
        Assert.NotEqual(Images(batches[0]), Images(batches[3]));
        for (var k = 5; k >= 0; k--) Support.Same(batches[k], data.Training(k));
        Assert.Equal(30, data.Evaluation(Split.Test).Sum(b => b.Size));

        static IEnumerable<string> Images(Batch batch) => Enumerable.Range(0, batch.Size).Select(b =>
            string.Join(",", Enumerable.Range(0, 784).Select(t => batch.Values![t * batch.Size + b] * 255)) + batch.Labels![783 * batch.Size + b]);
    }

    [Fact]
    public void Scaled_pixels_have_mean_0_and_deviation_1()
    {
        using var data = Support.Task("smnist", ("scale", "standard")).Open(Support.Context(folder: Support.RealData()));
        var values = data.Evaluation(Split.Valid).SelectMany(b => b.Values!).Select(v => (double)v).ToArray();
        var mean = values.Average();
        Assert.Equal((0.0, 1.0), (Math.Round(mean, 1), Math.Round(Math.Sqrt(values.Average(v => (v - mean) * (v - mean))), 1)));
    }

    [Fact]
    public void The_protocol_says_order_parts_and_scale()
    {
        Assert.Contains("value / 255, row by row", Support.Task("smnist").Protocol);
        var permuted = Support.Task("pmnist", ("permutation", "7"), ("images", "100"), ("eval_images", "50"));
        Assert.Equal("pmnist(images=100,eval_images=50,permutation=7)", permuted.Text);
        Assert.Contains("RandomState(7).permutation(784)", permuted.Protocol);
        Assert.Contains("the first 100 training images only", permuted.Protocol);
        Assert.Contains("the first 50 of the 10000 test images only", permuted.Protocol);
        Assert.Equal(permuted.Protocol, Support.Abroad(() => Support.Task("pmnist", ("permutation", "7"), ("images", "100"), ("eval_images", "50")).Protocol));
        Assert.Equal((Math.Log(10), null), (permuted.Baseline, permuted.Solved));
        Assert.Equal(["1", "10"], new[] { "smnist", "pmnist" }.Select(id => Support.Task(id).Recipes[2].Settings["model?.forget_bias"]));
    }

    [Fact]
    public void Files_of_other_counts_are_refused()
    {
        Assert.Contains("--data", Support.Fails(() => Support.Task("smnist").Open(Support.Context())));
        using var folder = new TemporaryFolder();
        Assert.Contains("train-images-idx3-ubyte is missing", Support.Fails(() => Open(folder)));
        folder.Write("mnist/train-images-idx3-ubyte", [0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 28, 0, 0, 0, 28, .. new byte[784]]);
        Assert.Contains("byte 4: axis 0 has 1 entries, the published file has 60000", Support.Fails(() => Open(folder)));

        static ITaskData Open(TemporaryFolder folder) => Support.Task("smnist").Open(Support.Context(folder: folder.Path));
    }
}
