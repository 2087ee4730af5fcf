namespace RnnBench.Tasks;

/// <summary>The order in which an epoch takes the sequences of a training set: shuffled, and determined by the number of the epoch alone.</summary>
/// <param name="context">The streams; an epoch's is <c>epoch/NUMBER</c>.</param>
/// <param name="count">How many sequences there are.</param>
sealed class EpochOrder(TaskContext context, int count)
{
    (long Epoch, int[] Order) last = (-1, []);

    /// <summary>The order of an epoch; the last one asked for is kept.</summary>
    public int[] this[long epoch]
    {
        get
        {
            if (last.Epoch == epoch) return last.Order;
            int[] order = [.. Enumerable.Range(0, count)];
            context.Stream($"epoch/{epoch}").Shuffle(order);
            last = (epoch, order);
            return order;
        }
    }
}
