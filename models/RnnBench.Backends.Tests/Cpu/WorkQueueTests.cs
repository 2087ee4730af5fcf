using RnnBench.Backends.Cpu;

namespace RnnBench.Backends.Tests.Cpu;

/// <summary>Work that is dealt piece by piece: all of it is done once, whoever does it, and nobody waits for what never comes.</summary>
public sealed class WorkQueueTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 7)]
    [InlineData(3, 2)]
    [InlineData(3, 1000)]
    public void Every_piece_is_done_once(int threads, int pieces)
    {
        var times = new int[pieces];
        var queue = new WorkQueue(pieces, (_, piece) => Interlocked.Increment(ref times[piece]));
        Team.Run(threads, queue.Run);
        Assert.True(queue.IsDealt);
        Assert.All(times, n => Assert.Equal(1, n));
    }

    /// <summary>Sums that must be made in order, each piece after the one before it in its row: as gradients over blocks of steps.</summary>
    [Fact]
    public void A_piece_finds_done_what_it_waits_for()
    {
        const int rows = 5, blocks = 200;
        var sums = new double[rows];
        WorkQueue? queue = null;
        queue = new WorkQueue(rows * blocks, (_, piece) =>
        {
            if (piece >= rows) queue!.Await(piece - rows);
            sums[piece % rows] = sums[piece % rows] / 3 + piece;
        });
        Team.Run(3, queue.Run);
        for (var row = 0; row < rows; row++)
            Assert.Equal(Enumerable.Range(0, blocks).Aggregate(0.0, (sum, block) => sum / 3 + block * rows + row), sums[row]);
    }

    /// <summary>A thread that wants a piece does what is left until it is there, and no more.</summary>
    [Fact]
    public void Who_wants_a_piece_works_until_it_is_done()
    {
        List<int> done = [];
        var queue = new WorkQueue(10, (_, piece) => done.Add(piece));
        queue.Until(3, part: 0);
        Assert.Equal([0, 1, 2, 3], done);
        queue.Until(1, part: 0);
        Assert.Equal(4, done.Count);
    }

    [Fact]
    public void Nobody_waits_for_a_piece_that_has_failed()
    {
        WorkQueue? queue = null;
        queue = new WorkQueue(2, (_, piece) =>
        {
            if (piece == 0) throw new NotSupportedException("this one");
            queue!.Await(0);
        });
        Assert.Throws<NotSupportedException>(() => queue.Run(0));
        Assert.Throws<InvalidOperationException>(() => queue.Run(0));
    }

    /// <summary>Two phases over the same numbers, the second in another order: each piece sees what it awaits, and a group that is not there holds up nobody.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void A_plan_keeps_the_order_that_its_pieces_ask_for(int threads)
    {
        const int count = 300;
        var (first, second, plan) = (new int[count], new int[count], new WorkPlan());
        var begun = plan.Add(count, (_, i) =>
        {
            plan.Await(default);
            first[i] = i + 1;
        });
        plan.Add(count, (_, i) =>
        {
            plan.Await(begun, count - 1 - i);
            second[i] = first[count - 1 - i];
        });
        var sum = 0L;
        plan.Add(1, (_, _) =>
        {
            plan.Await(new PieceGroup(begun.First, 2 * count));
            sum = second.Sum(n => (long)n);
        });
        plan.Run(threads);
        Assert.Equal(count * (count + 1L) / 2, sum);
    }

    [Theory]
    [InlineData(1, 1, 160, 2)]
    [InlineData(35, 20, 160, 1)]
    [InlineData(100, 4, 256, 2)]
    [InlineData(7, 300, 160, 3)]
    [InlineData(100, 1, 9, 4)]
    public void Blocks_cover_the_steps_in_order_and_each_thread_gets_as_many(int steps, int batch, int rows, int threads)
    {
        var blocks = new StepBlocks(steps, batch, rows, threads);
        Assert.InRange(blocks.Count, 1, steps);
        if (blocks.Count < steps) Assert.Equal(0, blocks.Count % threads);
        var begins = Enumerable.Range(0, steps).Where(step => blocks.Begins(step, out _)).ToArray();
        Assert.Equal(Enumerable.Range(0, blocks.Count).Select(block => blocks[block].From), begins);
        Assert.Equal(Enumerable.Range(1, blocks.Count).Select(block => block == blocks.Count ? steps : blocks[block].From), Enumerable.Range(0, blocks.Count).Select(block => blocks[block].To));
        foreach (var (number, step) in begins.Index()) Assert.True(blocks.Begins(step, out var block) && block == number);
    }

    /// <summary>On the way back a block is ready when all threads have gone past its first step; one that has begun alone must not wait for the others.</summary>
    [Fact]
    public void What_trails_runs_once_all_have_gone_past_it()
    {
        var (blocks, done) = (new StepBlocks(10, 1, 2, 1), new List<int>());
        var trailing = new Trailing(blocks, groups: 2, done.Add);
        void Back()
        {
            for (var step = 9; step >= 0; step--) trailing.Passed(step);
        }
        trailing.Follow(0, Back);
        Assert.Empty(done);
        trailing.Follow(1, Back);
        Assert.Equal([4, 3, 2, 1, 0], done);
        Assert.True(trailing.IsDealt);
    }
}
