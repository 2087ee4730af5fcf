namespace RnnBench.Backends.Cpu;

/// <summary>Where threads wait for each other between the stages of a step: by spinning, because a stage takes microseconds, and politely after a while.</summary>
/// <param name="parts">How many threads.</param>
sealed class Meeting(int parts)
{
    const int Turns = 4000;
    int arrived, round;
    volatile bool broken;

    /// <summary>Runs work on threads that may meet: each is given its number, their count and where they meet.</summary>
    public static void Of(int threads, Action<int, int, Meeting> work)
    {
        Meeting? meeting = null;
        Team.Together(threads, (part, parts) =>
        {
            var here = Interlocked.CompareExchange(ref meeting, new Meeting(parts), null) ?? meeting;
            try
            {
                work(part, parts, here);
            }
            catch
            {
                here.broken = true;
                throw;
            }
        });
    }

    /// <summary>Returns when all have called it.</summary>
    /// <exception cref="InvalidOperationException">One of the others has failed and never comes.</exception>
    public void Wait()
    {
        if (parts == 1) return;
        var mine = Volatile.Read(ref round);
        if (Interlocked.Increment(ref arrived) == parts)
        {
            arrived = 0;
            Volatile.Write(ref round, mine + 1);
            return;
        }
        for (var turn = 0; Volatile.Read(ref round) == mine; turn++)
        {
            if (broken) throw new InvalidOperationException("another thread has failed");
            Pause(turn);
        }
    }

    /// <summary>Passes the time until a thread looks again whether it may go on.</summary>
    /// <param name="turn">How often it has looked.</param>
    public static void Pause(int turn)
    {
        if (turn < Turns) Thread.SpinWait(1);
        else Thread.Yield();                                    // more threads than cores: let the others work
    }
}
