using RnnBench.Backends;
using RnnBench.Language;
using TorchSharp;
using static TorchSharp.torch;

namespace RnnBench.Architectures.Tests;

public class PunctuationSplitTests
{
    const int Steps = 7, Batch = 3, Input = 4;

    static readonly int[] lengths = [7, 4, 1];
    // Clauses of 3, 3 and 1 words; of 1 and 3; of 1. What stands behind a length is padding.
    static readonly long[][] clauses = [[0, 0, 0, 1, 1, 1, 2], [0, 1, 1, 1, 9, 9, 9], [5, 5, 5, 5, 5, 5, 5]];

    public static TheoryData<string> Models => new("punctuation-split(hidden=3)", "punctuation-split(hidden=2,cell=gru,bidirectional=false)", "punctuation-split(hidden=1,cell=rnn)");

    [Theory, MemberData(nameof(Models))]
    public void A_batch_is_its_sentences_read_one_by_one(string notation)
    {
        using var scope = NewDisposeScope();
        var model = Model.Build(Catalog.All, Notation.Parse(notation), Input);
        using var runner = Backend.Create("eager", model, CPU, ScalarType.Float64);
        var generator = new Random(5);
        Tensor Draw(params long[] shape) => tensor(Enumerable.Range(0, (int)shape.Aggregate(1L, (a, b) => a * b)).Select(_ => 2 * generator.NextDouble() - 1).ToArray(), shape);
        var parameters = model.Parameters.ToDictionary(q => q.Name, q => Draw([.. q.Shape.Select(side => (long)side)]));
        runner.Write(parameters);
        var x = Draw(Steps, Batch, Input).requires_grad_(true);
        var given = new Dictionary<string, Tensor> { ["clauses"] = tensor(Enumerable.Range(0, Steps).SelectMany(t => clauses.Select(c => c[t])).ToArray(), [Steps, Batch]) };
        var y = runner.Run(x, null, new RunHooks<Tensor> { Lengths = lengths, Given = given }).Output;
        var cotangent = Draw(Batch, model.Output);
        (y[0] * cotangent).sum().backward();

        var alone = x.detach().requires_grad_(true);
        var expected = stack([.. Enumerable.Range(0, Batch).Select(b => Sentence(notation, parameters, alone[.., b], lengths[b], clauses[b]))]);
        (expected * cotangent).sum().backward();
        Assert.Equal(0, (y[0] - expected).abs().max().item<double>(), 1e-12);
        Assert.Equal(0, (x.grad! - alone.grad!).abs().max().item<double>(), 1e-12);
    }

    /// <summary>The vector of one sentence [T,I], from two models that know nothing of padding.</summary>
    static Tensor Sentence(string notation, Dictionary<string, Tensor> parameters, Tensor x, int length, long[] numbers)
    {
        var (bidirectional, cell) = (!notation.Contains("bidirectional=false"), notation.Contains("gru") ? "gru" : notation.Contains("rnn") ? "rnn" : "lstm");
        var hidden = int.Parse(notation.Split("hidden=")[1][..1], System.Globalization.CultureInfo.InvariantCulture);
        var (start, vectors) = (0, new List<Tensor>());
        for (var t = 1; t <= length; t++)
            if (t == length || numbers[t] != numbers[start])
            {
                vectors.Add(Read("clause.", x[start..t].unsqueeze(1)));
                start = t;
            }
        return Read("sentence.", stack([.. vectors]).unsqueeze(1));

        Tensor Read(string prefix, Tensor sequence)
        {
            var model = Model.Build(Catalog.All, Notation.Parse($"{cell}(hidden={hidden},bidirectional={(bidirectional ? "true" : "false")})"), (int)sequence.shape[2]);
            var runner = Backend.Create("eager", model, CPU, ScalarType.Float64);
            runner.Write(model.Parameters.ToDictionary(q => q.Name, q => parameters[prefix + q.Name]));
            var y = runner.Run(sequence).Output.squeeze(1);
            return bidirectional ? cat([y[^1, ..hidden], y[0, hidden..]]) : y[^1];
        }
    }

    [Fact]
    public void Without_clauses_the_sentence_is_one()
    {
        using var scope = NewDisposeScope();
        var model = Model.Build(Catalog.All, Notation.Parse("punctuation-split(hidden=3)"), Input);
        using var runner = Backend.Create("auto", model, CPU, ScalarType.Float32);
        runner.Write(model.Parameters.ToDictionary(q => q.Name, q => ones([.. q.Shape.Select(side => (long)side)]) * 0.1));
        var x = ones(Steps, Batch, Input);
        var one = new Dictionary<string, Tensor> { ["clauses"] = full([Steps, Batch], 4, ScalarType.Int64) };
        Assert.Equal(0, (runner.Run(x).Output - runner.Run(x, null, new RunHooks<Tensor> { Given = one }).Output).abs().max().item<float>());
    }
}
