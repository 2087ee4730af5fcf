namespace RnnBench.Harness.Tests;

public class SeedsTests
{
    /// <summary>The bits never change: computed with an independent program from SHA-256 and xoshiro256**.</summary>
    [Theory]
    [InlineData(1, "init", 0xa85b5ca145ffd055, 0x28e62d5719d21191, 0x680a82c3e1ca0684)]
    [InlineData(1, "data/train/17", 0xd6b697994ba9717b, 0x49dbeacad8490295, 0x61186677a2dcb841)]
    [InlineData(-5, "dropout/3/0", 0x1e28687936bdcc93, 0xd3bc57dd03dcee82, 0x2554ebf59bb22277)]
    public void Bits_are_known(long root, string name, ulong first, ulong second, ulong third)
    {
        var random = (Xoshiro)new Seeds(root).Stream(name);
        Assert.Equal([first, second, third], [random.Bits(), random.Bits(), random.Bits()]);
    }

    [Fact]
    public void The_generator_is_xoshiro256starstar()
    {
        var state = new byte[32];
        (state[0], state[8], state[16], state[24]) = (1, 2, 3, 4);
        var random = new Xoshiro(state);
        Assert.Equal([11520ul, 0, 1509978240, 1215971899390074240, 1216172134540287360], Enumerable.Range(0, 5).Select(_ => random.Bits()));
    }

    [Fact]
    public void Every_way_to_draw_is_known()
    {
        var seeds = new Seeds(1);
        var random = seeds.Stream("init");
        Assert.Equal([657, 159, 406, 756, 342, 976], Enumerable.Range(0, 6).Select(_ => random.Next(1000)));
        random = seeds.Stream("init");
        Assert.Equal([0.6576440709814044, 0.15976222397313955, 0.40641038210177527], Enumerable.Range(0, 3).Select(_ => random.NextDouble()));
        Assert.Equal((float)(0xa85b5ca145UL / (double)(1UL << 40)), seeds.Stream("init").NextSingle(), 1e-7f);
        var letters = Enumerable.Range(0, 8).ToArray();
        seeds.Stream("init").Shuffle(letters);
        Assert.Equal([5, 2, 4, 6, 0, 7, 3, 1], letters);
        var bytes = new byte[9];
        seeds.Stream("init").NextBytes(bytes);
        Assert.Equal([0x55, 0xd0, 0xff, 0x45, 0xa1, 0x5c, 0x5b, 0xa8, 0x91], bytes);
    }

    [Fact]
    public void Draws_stay_in_range()
    {
        var random = new Seeds(3).Stream("search");
        for (var i = 0; i < 10_000; i++)
        {
            Assert.InRange(random.Next(-3, 4), -3, 3);
            Assert.InRange(random.NextInt64(long.MinValue, long.MaxValue), long.MinValue, long.MaxValue - 1);
            Assert.InRange(random.NextDouble(), 0, 1 - double.Epsilon);
            Assert.True(random.NextSingle() < 1);
        }
        Assert.Throws<ArgumentOutOfRangeException>(() => random.Next(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => random.Next(2, 1));
    }

    [Fact]
    public void Streams_of_other_names_and_seeds_differ_and_do_not_move_each_other()
    {
        var seeds = new Seeds(7);
        var before = seeds.Stream("init").NextInt64();
        var data = seeds.Stream("data");
        for (var i = 0; i < 100; i++) data.Next();
        Assert.Equal(before, seeds.Stream("init").NextInt64());
        Assert.NotEqual(before, seeds.Stream("noise").NextInt64());
        Assert.NotEqual(before, new Seeds(8).Stream("init").NextInt64());
    }

    [Fact]
    public void Numbers_are_uniform()
    {
        var random = new Seeds(1).Stream("noise");
        var counts = new int[7];
        for (var i = 0; i < 70_000; i++) counts[random.Next(7)]++;
        // 10 000 expected each, standard deviation 93: five of them.
        Assert.All(counts, count => Assert.InRange(count, 9_535, 10_465));
    }
}
