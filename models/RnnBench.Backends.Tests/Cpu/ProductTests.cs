using CsCheck;
using RnnBench.Backends.Cpu;

namespace RnnBench.Backends.Tests.Cpu;

/// <summary>Matrix products of the kernels, against sums in double precision.</summary>
public sealed class ProductTests
{
    public static TheoryData<bool, int> Units => [.. from single in new[] { true, false } from bits in VectorUnit.Widths select (single, bits)];

    [Theory, MemberData(nameof(Units))]
    public void A_packed_product_is_the_product(bool single, int bits) =>
        Gen.Select(Gen.Int[1, 40], Gen.Int[1, 70], Gen.Int[1, 70], Gen.Int[1, 8], Gen.Bool, Gen.Bool, Gen.Int[0, 1000]).Sample(
            (rows, depth, columns, vectors, transposed, overwrite, seed) => Check(single, bits, rows, depth, columns, vectors, transposed, overwrite, packed: true, seed), iter: 60, seed: "0000000000001");

    [Theory, MemberData(nameof(Units))]
    public void A_product_with_a_plain_matrix_is_the_product(bool single, int bits) =>
        Gen.Select(Gen.Int[1, 40], Gen.Int[1, 70], Gen.Int[1, 70], Gen.Int[1, 8], Gen.Bool, Gen.Bool, Gen.Int[0, 1000]).Sample(
            (rows, depth, columns, vectors, transposed, overwrite, seed) => Check(single, bits, rows, depth, columns, vectors, transposed, overwrite, packed: false, seed), iter: 60, seed: "0000000000001");

    [Fact]
    public void Row_tiles_fill_the_registers_and_no_more()
    {
        var unit = VectorUnit.Of(typeof(float));
        for (var vectors = 1; vectors <= 8; vectors++)
            Assert.InRange(Tile.MostRows(unit, vectors) * vectors + vectors + 1, 1, unit.Registers);
    }

    static void Check(bool single, int bits, int rows, int depth, int columns, int vectors, bool transposed, bool overwrite, bool packed, int seed)
    {
        var unit = VectorUnit.Of(single ? typeof(float) : typeof(double), bits);
        var random = new Random(seed);
        double[] Draw(int count) => [.. Enumerable.Range(0, count).Select(_ => (double)(float)(random.NextDouble() - 0.5))];
        var (wide, aStride) = (unit.Pad(columns), (transposed ? rows : depth) + random.Next(3));
        var (a, b, c) = (Draw((transposed ? depth : rows) * aStride), Draw(depth * wide), Draw(rows * wide));
        for (var k = 0; k < depth; k++) Array.Clear(b, k * wide + columns, wide - columns);
        using Aligned at = new(a.Length * unit.Size), from = new(b.Length * unit.Size), panels = new(b.Length * unit.Size), to = new(c.Length * unit.Size);
        Numbers.Write(at.Address, a, single);
        Numbers.Write(from.Address, b, single);
        Numbers.Write(to.Address, c, single);
        var right = new Right(from.Address, vectors, (long)wide * unit.Size);
        if (packed)
        {
            panels.Clear();
            Packing.Pack(unit, from.Address, wide, 1, depth, columns, panels.Address, new PanelLayout(depth, wide, vectors * unit.Lanes), 0, 0);
            right = new Right(panels.Address, vectors, 0, depth);
        }
        var total = wide / unit.Lanes;
        MatrixProduct.Run(unit, new Left(at.Address, (long)aStride * unit.Size, transposed), right, to.Address, (long)wide * unit.Size, rows, depth, 0, total, total, overwrite, descending: seed % 2 == 1);
        var actual = Numbers.Read(to.Address, c.Length, single);
        for (var r = 0; r < rows; r++)
            for (var n = 0; n < wide; n++)
            {
                var expected = overwrite ? 0 : c[r * wide + n];
                for (var k = 0; k < depth; k++) expected += (transposed ? a[k * aStride + r] : a[r * aStride + k]) * b[k * wide + n];
                Assert.True(Math.Abs(actual[r * wide + n] - expected) < (single ? 1e-5 : 1e-13), $"[{r},{n}] is {actual[r * wide + n]:R}, expected {expected:R}");
            }
    }

    /// <summary>Rows near each other and far apart (packed), more than one block of depth, results whose rows are no whole registers, a result with two sums.</summary>
    [Theory, MemberData(nameof(Units))]
    public void Sums_of_outer_products_are_right_and_do_not_depend_on_the_threads(bool single, int bits) =>
        Gen.Select(Gen.Int[1, 40], Gen.Int[1, 40], Gen.OneOf([Gen.Int[1, 30], Gen.Int[500, 1100]]), Gen.Int[0, 1].Select(far => 400 * far), Gen.Int[1, 3], Gen.Int[0, 1000]).Sample(
            (rows, columns, depth, apart, parts, seed) => CheckOuter(single, bits, rows, columns, depth, apart, parts, seed), iter: 25, seed: "0000000000001");

    static unsafe void CheckOuter(bool single, int bits, int rows, int columns, int depth, int apart, int parts, int seed)
    {
        var unit = VectorUnit.Of(single ? typeof(float) : typeof(double), bits);
        var random = new Random(seed);
        double[] Draw(int count) => [.. Enumerable.Range(0, count).Select(_ => (double)(float)(random.NextDouble() - 0.5))];
        var (aWide, bWide) = (rows + random.Next(3), unit.Pad(columns) + apart);
        var (a, other, b) = (Draw(depth * aWide), Draw(depth * aWide), Draw(depth * bWide));
        using Aligned at = new(a.Length * unit.Size), otherAt = new(a.Length * unit.Size), bt = new(b.Length * unit.Size), to = new(rows * columns * unit.Size + 64);
        Numbers.Write(at.Address, a, single);
        Numbers.Write(otherAt.Address, other, single);
        Numbers.Write(bt.Address, b, single);
        Run(parts);
        var many = Numbers.Read(to.Address, rows * columns, single);
        Run(1);
        Assert.Equal(Numbers.Read(to.Address, rows * columns, single), many);
        for (var r = 0; r < rows; r++)
            for (var n = 0; n < columns; n++)
            {
                var expected = Enumerable.Range(0, depth).Sum(k => (a[k * aWide + r] + other[k * aWide + r]) * b[k * bWide + n]);
                Assert.True(Math.Abs(many[r * columns + n] - expected) < (single ? 1e-4 : 1e-12), $"[{r},{n}] is {many[r * columns + n]:R}, expected {expected:R}");
            }

        void Run(int threads)
        {
            const double untouched = 7;
            Numbers.Write(to.Address, [.. Enumerable.Repeat(untouched, rows * columns + 64 / unit.Size)], single);
            for (var part = 0; part < threads; part++) Part(part, threads);
            Assert.All(Numbers.Read(to.Address + (long)rows * columns * unit.Size, 64 / unit.Size, single), value => Assert.Equal(untouched, value));
        }

        void Part(int part, int threads)
        {
            Series[] rights = [new(bt.Address, (long)bWide * unit.Size, columns)];
            using var scratch = new Aligned(OuterProducts.Scratch(unit, [columns]));
            var products = new OuterProducts(unit, rights, (rows + threads - 1) / threads, results: 0, scratch.Address);
            var (from, to1) = Team.Share(rows, part, threads);
            for (var k = 0; k < depth; k += OuterProducts.Depth)
            {
                var count = Math.Min(OuterProducts.Depth, depth - k);
                products.Pack(k, count);
                products.Add(new Series(at.Address, (long)aWide * unit.Size, rows), from, to1, [new OuterTarget(0, to.Address, true)], k, count);
                products.Add(new Series(otherAt.Address, (long)aWide * unit.Size, rows), from, to1, [new OuterTarget(0, to.Address, false)], k, count);
            }
        }
    }

    [Fact]
    public void Packing_transposes_and_leaves_the_rest_alone()
    {
        var unit = VectorUnit.Of(typeof(double), 0);
        using Aligned source = new(6 * 8), target = new(12 * 8);
        Numbers.Write(source.Address, [1, 2, 3, 4, 5, 6], false);        // a matrix [2 columns, 3 of depth]
        Numbers.Write(target.Address, new double[12], false);
        Packing.Pack(unit, source.Address, 1, 3, 3, 2, target.Address, new PanelLayout(3, 4, 3), 0, 1);
        Assert.Equal([0, 1, 4, 0, 2, 5, 0, 3, 6, 0, 0, 0], Numbers.Read(target.Address, 12, false));
    }

    [Fact]
    public void A_team_does_every_part_once_and_hands_on_what_is_thrown()
    {
        var counts = new int[5];
        Team.Run(5, part => Interlocked.Increment(ref counts[part]));
        Assert.Equal([1, 1, 1, 1, 1], counts);
        Assert.Throws<InvalidOperationException>(() => { try { Team.Run(2, part => { if (part == 1) throw new InvalidOperationException("one"); }); } catch (AggregateException e) { throw e.InnerException!; } });
    }
}
