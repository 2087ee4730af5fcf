using RnnBench.Backends.Cpu;
using RnnBench.Backends.Native;
using static TorchSharp.torch;

namespace RnnBench.Backends.Tests.Native;

public class FlushedSubnormalsTests
{
    const int Many = 100_000;                                               // enough elements for libtorch to share among its threads

    /// <summary>1e-30 times 1e-10 is a subnormal number of float32.</summary>
    static int Kept()
    {
        using var scope = NewDisposeScope();
        return (int)full([Many], 1e-30f).mul(full([Many], 1e-10f)).count_nonzero().item<long>();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void Libtorch_and_the_kernels_threads_flush_until_it_is_disposed(int threads)
    {
        set_num_threads(threads);
        Assert.Equal(Many, Kept());
        using (new FlushedSubnormals(threads))
        {
            Assert.True(FlushedSubnormals.On);
            Assert.Equal(0, Kept());
            var on = new bool[threads];
            Team.Run(threads, part => on[part] = FlushedSubnormals.On);
            Assert.DoesNotContain(false, on);
        }
        Assert.False(FlushedSubnormals.On);
        Assert.Equal(Many, Kept());
    }

    [Fact]
    public void One_within_another_leaves_the_outer_one_in_force()
    {
        set_num_threads(2);
        using (new FlushedSubnormals(2))
        {
            using (new FlushedSubnormals(2)) Assert.Equal(0, Kept());
            Assert.Equal(0, Kept());
        }
        Assert.Equal(Many, Kept());
    }
}
