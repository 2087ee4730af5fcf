using System.Runtime.InteropServices;
using RnnBench.Language;
using static TorchSharp.torch;

namespace RnnBench.Harness;

/// <summary>Between torch's tensors and those of files and of the interpreter.</summary>
static class Tensors
{
    /// <summary>For a file; float64 and whole numbers keep their type, everything else is stored as float32.</summary>
    public static StoredTensor Store(Tensor tensor)
    {
        using var plain = tensor.detach().cpu().contiguous();
        int[] shape = [.. plain.shape.Select(side => checked((int)side))];
        return plain.dtype switch
        {
            ScalarType.Float64 => StoredTensor.F64(shape, plain.data<double>().ToArray()),
            ScalarType.Int64 => StoredTensor.I64(shape, plain.data<long>().ToArray()),
            _ => StoredTensor.F32(shape, plain.to(ScalarType.Float32).data<float>().ToArray()),
        };
    }

    /// <summary>From a file, on the CPU, in the type of the file.</summary>
    public static Tensor Load(StoredTensor stored)
    {
        long[] shape = [.. stored.Shape.Select(side => (long)side)];
        return stored.DType switch
        {
            "F64" => tensor(MemoryMarshal.Cast<byte, double>(stored.Bytes.Span).ToArray(), shape),
            "F32" => tensor(MemoryMarshal.Cast<byte, float>(stored.Bytes.Span).ToArray(), shape),
            "I64" => tensor(stored.ToLongs(), shape),
            _ => throw new NotSupportedException($"Tensors does not know the type {stored.DType}"),
        };
    }

    /// <summary>To the interpreter's tensor.</summary>
    public static NdArray ToArray(Tensor tensor)
    {
        using var plain = tensor.detach().to(ScalarType.Float64).cpu().contiguous();
        return new NdArray([.. plain.shape.Select(side => checked((int)side))], plain.data<double>().ToArray());
    }

    /// <summary>From the interpreter's tensor.</summary>
    public static Tensor Of(NdArray array, ScalarType dtype, Device device) =>
        tensor(array.Data, [.. array.Shape.Select(side => (long)side)]).to(dtype, device);
}
