using System.Text;

namespace RnnBench.Language.Tests;

/// <summary>The file format, both ways, and what is said of files that are not of it.</summary>
public sealed class SafetensorsTests : IDisposable
{
    readonly string path = Path.Combine(Path.GetTempPath(), $"rnnbench-{Guid.NewGuid():N}.safetensors");

    public void Dispose() => File.Delete(path);

    static Safetensors Sample() => new(new Dictionary<string, StoredTensor>
    {
        ["x"] = StoredTensor.F64([2, 3], [1, 2, 3, -4, 0.1, double.NaN]),
        ["single"] = StoredTensor.F32([3], [1.5f, -2f, float.PositiveInfinity]),
        ["scalar"] = StoredTensor.F64([], [7]),
        ["none"] = StoredTensor.F64([0, 4], []),
        ["children"] = StoredTensor.I64([2, 1], [-1, long.MaxValue]),
    }, new Dictionary<string, string> { ["model"] = "lstm", ["settings"] = """{"hidden": 4}""", ["é"] = "σ \"quoted\"" });

    [Fact]
    public void Written_and_read_again()
    {
        Sample().Write(path);
        var read = Safetensors.Read(path);
        Assert.Equal(Sample().Metadata.OrderBy(m => m.Key), read.Metadata.OrderBy(m => m.Key));
        Assert.Equal(Sample().Tensors.Keys.Order(), read.Tensors.Keys.Order());
        foreach (var (name, tensor) in Sample().Tensors)
        {
            Assert.Equal((tensor.DType, tensor.Count), (read.Tensors[name].DType, read.Tensors[name].Count));
            Assert.Equal(tensor.Shape, read.Tensors[name].Shape);
            Assert.Equal(tensor.Bytes.ToArray(), read.Tensors[name].Bytes.ToArray());
        }
        Assert.Equal([1.5, -2, double.PositiveInfinity], read.Tensors["single"].ToArray().Data);
        Assert.Equal([-1, long.MaxValue], read.Tensors["children"].ToLongs());
        Assert.Equal(0.1, read.Tensors["x"].ToArray()[1, 1]);
        Assert.Throws<InvalidOperationException>(() => read.Tensors["x"].ToLongs());
    }

    [Fact]
    public void The_numbers_start_at_a_multiple_of_8()
    {
        Sample().Write(path);
        Assert.Equal(0, BitConverter.ToInt64(File.ReadAllBytes(path)) % 8);
    }

    [Theory]
    [InlineData("{}", 0, null)]
    [InlineData("""{"x":{"dtype":"F64","shape":[2],"data_offsets":[0,16]}}""", 16, null)]
    [InlineData("""{"x":{"dtype":"F64","shape":[2],"data_offsets":[0,16]}}""", 15, "x should lie at bytes 0 to 16 of the data, which has 15; it is truncated.")]
    [InlineData("""{"x":{"dtype":"F64","shape":[3],"data_offsets":[0,16]}}""", 16, "x [3] of type F64 does not fill its 16 bytes.")]
    [InlineData("""{"x":{"dtype":"F16","shape":[8],"data_offsets":[0,16]}}""", 16, "x has the type F16; known are F64, F32, I64.")]
    [InlineData("""{"x":{"dtype":"F64","shape":[-2],"data_offsets":[0,16]}}""", 16, "x has the shape [-2].")]
    [InlineData("""{"x":{"dtype":"F64","shape":[2],"data_offsets":[16,0]}}""", 16, "x should lie at bytes 16 to 0 of the data, which has 16; it is truncated.")]
    [InlineData("""{"x":{"dtype":"F64","shape":[2],"data_offsets":[0,16,3]}}""", 16, "x should lie at bytes 0 to 16 to 3 of the data, which has 16; it is truncated.")]
    [InlineData("""{"x":{"dtype":"F64","shape":[2147483647,2147483647,2147483647,2147483647,2147483647,2147483647],"data_offsets":[0,16]}}""", 16, "its header does not say what tensors there are (")]
    [InlineData("""{"x":{"dtype":"F64","data_offsets":[0,16]}}""", 16, "its header does not say what tensors there are (")]
    [InlineData("""{"x":{"dtype":7,"shape":[2],"data_offsets":[0,16]}}""", 16, "its header does not say what tensors there are (")]
    [InlineData("""{"x":3}""", 0, "its header does not say what tensors there are (")]
    [InlineData("""{"x":{"dtype":"F64","shape":[0],"data_offsets":[0,0]},"x":{"dtype":"F64","shape":[0],"data_offsets":[0,0]}}""", 0, "x is there twice.")]
    [InlineData("[]", 0, "its header does not say what tensors there are (")]
    [InlineData("{", 0, "its header does not say what tensors there are (")]
    public void A_header_is_read_or_its_fault_named(string header, int data, string? fault)
    {
        byte[] bytes = [.. BitConverter.GetBytes((long)Encoding.UTF8.GetByteCount(header)), .. Encoding.UTF8.GetBytes(header), .. new byte[data]];
        if (fault is null) Assert.NotNull(Safetensors.Parse("a.safetensors", bytes));
        else Assert.StartsWith($"a.safetensors: no safetensors file: {fault}", Assert.Throws<UserError>(() => Safetensors.Parse("a.safetensors", bytes)).Message);
    }

    [Fact]
    public void Cut_off_or_changed_anywhere_it_is_read_or_refused_with_the_file_named()
    {
        Sample().Write(path);
        var bytes = File.ReadAllBytes(path);
        for (var length = 0; length < bytes.Length; length++)
            Assert.StartsWith("f: no safetensors file: ", Assert.Throws<UserError>(() => Safetensors.Parse("f", bytes.AsMemory(0, length))).Message);
        var random = new Random(3);
        for (var k = 0; k < 1_000; k++)
        {
            var changed = (byte[])bytes.Clone();
            changed[random.Next(changed.Length)] = (byte)random.Next(256);
            try
            {
                Safetensors.Parse("f", changed);
            }
            catch (UserError e)
            {
                Assert.StartsWith("f: ", e.Message);
            }
        }
    }

    [Fact]
    public void Files_that_cannot_be_read_or_written_are_named()
    {
        Assert.StartsWith($"{path}: cannot be read (", Assert.Throws<UserError>(() => Safetensors.Read(path)).Message);
        Assert.StartsWith($"{Path.GetTempPath()}: cannot be read (", Assert.Throws<UserError>(() => Safetensors.Read(Path.GetTempPath())).Message);
        var nowhere = Path.Combine(path, "no", "such", "folder");
        Assert.StartsWith($"{nowhere}: cannot be written (", Assert.Throws<UserError>(() => Sample().Write(nowhere)).Message);
    }
}
