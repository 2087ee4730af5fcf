namespace RnnBench.Backends.Cpu;

/// <summary>
/// Pieces of work in a fixed order. Each goes to the thread that asks next, so that cores of unequal speed, or one that is disturbed, end together; what a
/// piece computes does not depend on who does it. A piece may wait for earlier ones, which somebody has begun, never for later ones.
/// </summary>
/// <param name="count">How many pieces.</param>
/// <param name="work">Does a piece: given the thread's number and the piece's.</param>
sealed class WorkQueue(int count, Action<int, int> work)
{
    readonly bool[] done = new bool[count];
    int next;
    volatile bool broken;

    /// <summary>Whether somebody has begun every piece.</summary>
    public bool IsDealt => Volatile.Read(ref next) >= count;

    /// <summary>Does what nobody has begun, piece by piece.</summary>
    /// <param name="part">The thread.</param>
    public void Run(int part)
    {
        while (Take(part)) { }
    }

    /// <summary>Returns when a piece is done; until then the thread does what nobody has begun.</summary>
    public void Until(int piece, int part)
    {
        while (!Volatile.Read(ref done[piece]))
            if (!Take(part)) Await(piece);
    }

    /// <summary>Waits for a piece that somebody has begun.</summary>
    /// <exception cref="InvalidOperationException">Another piece has failed, and this one may never be done.</exception>
    public void Await(int piece)
    {
        for (var turn = 0; !Volatile.Read(ref done[piece]); turn++)
        {
            if (broken) throw new InvalidOperationException("another thread has failed");
            Meeting.Pause(turn);
        }
    }

    bool Take(int part)
    {
        if (IsDealt) return false;
        var piece = Interlocked.Increment(ref next) - 1;
        if (piece >= count) return false;
        try
        {
            work(part, piece);
        }
        catch
        {
            broken = true;
            throw;
        }
        Volatile.Write(ref done[piece], true);
        return true;
    }
}
