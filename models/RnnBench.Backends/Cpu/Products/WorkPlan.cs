namespace RnnBench.Backends.Cpu;

/// <summary>Neighbouring pieces of a plan that do the same to different things.</summary>
/// <param name="First">The first piece.</param>
/// <param name="Count">How many; none for a group that is not there.</param>
readonly record struct PieceGroup(int First, int Count);

/// <summary>
/// Work that is written down piece by piece, in an order in which each piece waits only for earlier ones, and then dealt to threads
/// (<see cref="WorkQueue"/>). What would be a barrier between two phases is a piece that awaits a group: the others go on.
/// </summary>
sealed class WorkPlan
{
    readonly List<(Action<int, int> Work, int Number)> pieces = [];
    WorkQueue? queue;

    /// <summary>Adds pieces.</summary>
    /// <param name="count">How many.</param>
    /// <param name="work">Does one: given the thread's number and the piece's among these.</param>
    public PieceGroup Add(int count, Action<int, int> work)
    {
        pieces.AddRange(Enumerable.Range(0, count).Select(number => (work, number)));
        return new PieceGroup(pieces.Count - count, count);
    }

    /// <summary>In a piece: waits for all pieces of an earlier group.</summary>
    public void Await(PieceGroup group)
    {
        for (var number = 0; number < group.Count; number++) Await(group, number);
    }

    /// <summary>In a piece: waits for one of an earlier group, if there is such a group.</summary>
    public void Await(PieceGroup group, int number)
    {
        if (group.Count > 0) queue!.Await(group.First + number);
    }

    /// <summary>Does all pieces.</summary>
    public void Run(int threads)
    {
        queue = new WorkQueue(pieces.Count, (part, piece) => pieces[piece].Work(part, pieces[piece].Number));
        Team.Run(threads, queue.Run);
    }
}
