using RnnBench.Language;

namespace RnnBench.Harness.Tests;

public class VerificationTests
{
    static string? Folder => Environment.GetEnvironmentVariable("RNNBENCH_GOLDEN")
        ?? (Environment.GetEnvironmentVariable("RNNBENCH_DATA") is { } data ? Path.Combine(data, "..", "golden") : null);

    static string Golden(string name)
    {
        var file = Folder is { } folder ? Path.Combine(folder, $"{name}.safetensors") : null;
        Assert.SkipUnless(File.Exists(file), $"the golden case {name} is not there; set RNNBENCH_GOLDEN");
        return file!;
    }

    [Theory]
    [InlineData("rnn", "interpreter", "float64")]
    [InlineData("lstm", "interpreter", "float64")]
    [InlineData("gru", "interpreter", "float64")]
    [InlineData("rnn", "eager", "float64")]
    [InlineData("lstm", "eager", "float64")]
    [InlineData("gru", "eager", "float64")]
    [InlineData("lstm", "eager", "float32")]
    [InlineData("lstm", "library", "float64")]
    [InlineData("rnn", "auto", "float32")]
    [InlineData("stacked", "interpreter", "float64")]
    [InlineData("stacked", "auto", "float64")]
    public void Golden_cases_pass(string name, string backend, string dtype)
    {
        var result = Verification.Run(Lab.Catalogs, Golden(name), new VerificationRequest { Backend = backend, DType = dtype });
        Assert.True(result.Passed, $"{result.Worst}");
        Assert.Equal((name, dtype), (result.Case, result.DType));
        Assert.Contains(result.Errors, e => e.Name == "y");
        Assert.Contains(result.Errors, e => e.Name == "grad.x");
        Assert.Equal(name is "lstm" or "gru" or "stacked" && backend != "library", result.Errors.Any(e => e.Name.StartsWith("gate.")));
    }

    [Theory]
    [InlineData("gcnn-glu", "auto", "float32", "eager")]
    [InlineData("conv-lstm", "eager", "float64", "eager")]
    [InlineData("grid-lstm", "cpu", "float64", "module + cpu: compiled")]
    [InlineData("tree-lstm-nary", "interpreter", "float64", "eager, as the interpreter runs cells only")]
    public void Golden_cases_of_modules_pass(string name, string backend, string dtype, string path)
    {
        var result = Verification.Run(Lab.Catalogs, Golden(name), new VerificationRequest { Backend = backend, DType = dtype });
        Assert.True(result.Passed, $"{result.Worst}");
        Assert.Equal(path, result.Path);
        Assert.Equal(backend != "cpu", result.Errors.Any(e => e.Name.StartsWith("gate.")));
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, false)]
    public void Functions_of_whole_numbers_are_right_to_the_last_bit(long off, bool passes)
    {
        using var lab = new Lab();
        var twice = new MatrixFunction("twice", [Setting.Integer("times", 2, "by how much")], (settings, tensors) => new Dictionary<string, StoredTensor>
        {
            ["y"] = StoredTensor.I64(tensors["x"].Shape, [.. tensors["x"].ToLongs().Select(value => settings.Integer("times") * value)]),
        });
        var file = Path.Combine(lab.Folder, "twice.safetensors");
        long large = (1L << 60) + 1;
        new Safetensors(new Dictionary<string, StoredTensor> { ["x"] = StoredTensor.I64([2], [large, 3]), ["y"] = StoredTensor.I64([2], [3 * large + off, 9]) },
            new Dictionary<string, string> { ["model"] = "rev-gru", ["settings"] = "{\"kind\": \"twice\", \"times\": 3}" }).Write(file);
        var result = Verification.Run(Lab.Catalogs with { Functions = [twice] }, file, new VerificationRequest());
        Assert.Equal(passes, result.Passed);
        Assert.Equal(("twice(times=3)", "function"), (result.Model, result.Path));
    }

    /// <summary>Every case of the long-range family: interpreter, operations of TorchSharp, compiled kernels where they know every node; functions of matrices.</summary>
    [Theory]
    [InlineData("cw-rnn")]
    [InlineData("dilated-rnn")]
    [InlineData("narx-rnn")]
    [InlineData("tkrnn")]
    [InlineData("irnn")]
    [InlineData("np-rnn")]
    [InlineData("rin")]
    [InlineData("urnn")]
    [InlineData("full-urnn")]
    [InlineData("exp-rnn")]
    [InlineData("mist-rnn")]
    [InlineData("statistical-ru")]
    [InlineData("fru")]
    [InlineData("svclip")]
    [InlineData("np-rnn-init")]
    [InlineData("full-urnn-step")]
    public void Long_range_cases_pass(string name)
    {
        var catalogs = Lab.Catalogs with { Functions = ConstraintFunctions.All };
        foreach (var (backend, dtype) in new[] { ("interpreter", "float64"), ("eager", "float64"), ("auto", "float64"), ("eager", "float32"), ("auto", "float32") })
        {
            var result = Verification.Run(catalogs, Golden(name), new VerificationRequest { Backend = backend, DType = dtype });
            Assert.True(result.Passed, $"{backend}, {dtype}: {result.Worst}");
        }
    }

    [Fact]
    public void What_was_computed_is_saved_under_the_names_of_the_format()
    {
        using var lab = new Lab();
        var golden = Safetensors.Read(Golden("lstm"));
        Verification.Run(Lab.Catalogs, Golden("lstm"), new VerificationRequest { Backend = "interpreter", SaveFolder = Path.Combine(lab.Folder, "new") });
        var saved = Safetensors.Read(Path.Combine(lab.Folder, "new", "lstm.out.safetensors"));
        Assert.Equal(golden.Tensors.Keys.Where(k => k == "y" || k.StartsWith("grad.") || k.StartsWith("gate.")).Order(StringComparer.Ordinal), saved.Tensors.Keys.Order(StringComparer.Ordinal));
        Assert.All(saved.Tensors, t => Assert.Equal(golden.Tensors[t.Key].Shape, t.Value.Shape));
    }

    [Theory]
    [InlineData("interpreter")]
    [InlineData("eager")]
    public void A_wrong_number_is_found(string backend)
    {
        using var lab = new Lab();
        var file = Made(lab, tensors => tensors["grad.param.U_h"] = Changed(tensors["grad.param.U_h"]));
        var result = Verification.Run(Lab.Catalogs, file, new VerificationRequest { Backend = backend });
        Assert.False(result.Passed);
        Assert.Equal("grad.param.U_h", result.Worst.Name);
        Assert.All(result.Errors.Where(e => e.Name != "grad.param.U_h"), e => Assert.True(e.Error < 1e-12, e.ToString()));
        Assert.True(Verification.Run(Lab.Catalogs, file, new VerificationRequest { Backend = backend, Tolerance = 2 }).Passed);
    }

    [Fact]
    public void A_tensor_that_is_not_computed_does_not_pass()
    {
        using var lab = new Lab();
        var file = Made(lab, tensors => tensors["grad.param.U_q"] = tensors["grad.param.U_h"]);
        var result = Verification.Run(Lab.Catalogs, file, new VerificationRequest { Backend = "interpreter" });
        Assert.Equal(new TensorError("grad.param.U_q", double.PositiveInfinity), result.Worst);
    }

    [Theory]
    [InlineData("model", "nothing", "nothing")]
    [InlineData("settings", "{\"hiden\": 3}", "hiden")]
    [InlineData("settings", "{", "JSON")]
    public void Metadata_that_names_what_there_is_not_is_an_error_with_the_file(string key, string value, string named)
    {
        using var lab = new Lab();
        var file = Made(lab, _ => { }, new Dictionary<string, string> { ["model"] = "rnn", ["settings"] = "{\"hidden\": 3}", [key] = value });
        var error = Assert.Throws<UserError>(() => Verification.Run(Lab.Catalogs, file, new VerificationRequest()));
        Assert.StartsWith(file, error.Message);
        Assert.Contains(named, error.Message);
    }

    [Theory]
    [InlineData("x")]
    [InlineData("y")]
    [InlineData("grad_y")]
    [InlineData("param.U_h")]
    public void A_case_that_lacks_a_tensor_is_an_error(string name)
    {
        using var lab = new Lab();
        var file = Made(lab, tensors => tensors.Remove(name));
        Assert.Contains(name.Replace("param.", ""), Assert.Throws<UserError>(() => Verification.Run(Lab.Catalogs, file, new VerificationRequest())).Message);
    }

    [Fact]
    public void The_interpreter_has_one_element_type()
    {
        using var lab = new Lab();
        Assert.Contains("float64", Assert.Throws<UserError>(() =>
            Verification.Run(Lab.Catalogs, Made(lab, _ => { }), new VerificationRequest { Backend = "interpreter", DType = "float32" })).Message);
    }

    /// <summary>A case of the plain network, computed by the interpreter.</summary>
    static string Made(Lab lab, Action<Dictionary<string, StoredTensor>> change, Dictionary<string, string>? metadata = null)
    {
        var model = Model.Build(Lab.Catalogs.Models, Notation.Parse("rnn(hidden=3)"), 2);
        var random = new Seeds(1).Stream("noise");
        using var runner = new Interpreter(model);
        var parameters = model.Parameters.ToDictionary(p => p.Name, p => Random([.. p.Shape]));
        runner.Write(parameters);
        var (x, dy) = (Random(4, 2, 2), Random(4, 2, 3));
        var y = runner.Run(x).Output;
        var back = runner.Backward(dy);
        var tensors = new Dictionary<string, NdArray>(
        [
            new("x", x), new("grad_y", dy), new("y", y), new("grad.x", back.Input),
            .. parameters.Select(p => KeyValuePair.Create($"param.{p.Key}", p.Value)), .. back.Parameters.Select(p => KeyValuePair.Create($"grad.param.{p.Key}", p.Value)),
        ]).ToDictionary(t => t.Key, t => StoredTensor.F64(t.Value.Shape, t.Value.Data));
        change(tensors);
        var file = Path.Combine(lab.Folder, "made.safetensors");
        new Safetensors(tensors, metadata ?? new Dictionary<string, string> { ["model"] = "rnn", ["settings"] = "{\"hidden\": 3}" }).Write(file);
        return file;

        NdArray Random(params int[] shape) => new(shape, [.. Enumerable.Range(0, shape.Aggregate(1, (a, b) => a * b)).Select(_ => random.NextDouble() - 0.5)]);
    }

    static StoredTensor Changed(StoredTensor tensor)
    {
        var values = tensor.ToArray();
        values.Data[0] += 1;
        return StoredTensor.F64(tensor.Shape, values.Data);
    }
}
