using RnnBench.Harness;

namespace RnnBench.Cli.Watching;

/// <summary>Shows runs at work, on standard error.</summary>
abstract class Watcher
{
    /// <summary>Bars on a terminal, plain lines elsewhere.</summary>
    public static Watcher For(Session session) => session.Interactive ? new Bars(session.Error) : new Lines(session.Error, TimeProvider.System);

    /// <summary>Does the work and shows what it tells.</summary>
    public abstract T Watch<T>(Func<IProgress<ProgressEvent>, T> work);
}
