using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace RnnBench.Backends.Cpu;

/// <summary>
/// Runs a piece of work on several threads at once. Where libtorch's OpenMP is loaded its threads are used: they are awake already, and a
/// second set of threads would fight them for the cores. Elsewhere the runtime's own thread pool serves.
/// </summary>
static unsafe class Team
{
    static readonly delegate* unmanaged<delegate* unmanaged<void*, void>, void*, uint, uint, void> parallel;
    static readonly delegate* unmanaged<int> threadNumber, threadCount;

    static Team()
    {
        if (!OpenMp(out var library)) return;
        parallel = (delegate* unmanaged<delegate* unmanaged<void*, void>, void*, uint, uint, void>)NativeLibrary.GetExport(library, "GOMP_parallel");
        threadNumber = (delegate* unmanaged<int>)NativeLibrary.GetExport(library, "omp_get_thread_num");
        threadCount = (delegate* unmanaged<int>)NativeLibrary.GetExport(library, "omp_get_num_threads");
    }

    /// <summary>Calls <paramref name="work"/> with 0 .. threads - 1, each on a thread of its own, and returns when all are done.</summary>
    public static void Run(int threads, Action<int> work)
    {
        if (threads == 1) work(0);
        else if (parallel is null) Parallel.For(0, threads, new ParallelOptions { MaxDegreeOfParallelism = threads }, work);
        else OnOpenMp(threads, work);
    }

    /// <summary>
    /// Calls <paramref name="work"/> on threads that certainly run at the same time, so that they may wait for each other, with the number of each and
    /// their count: as many as asked for, or one where that cannot be had.
    /// </summary>
    public static void Together(int threads, Action<int, int> work)
    {
        if (threads == 1 || parallel is null) work(0, 1);
        else OnOpenMp(threads, part => work(part, threads), alone: () => work(0, 1));
    }

    static void OnOpenMp(int threads, Action<int> work, Action? alone = null)
    {
        var job = new Job(threads, work, alone);
        var handle = GCHandle.Alloc(job);
        try
        {
            parallel(&Enter, (void*)GCHandle.ToIntPtr(handle), (uint)threads, 0);
        }
        finally
        {
            handle.Free();
        }
        if (job.Failure is { } failure) ExceptionDispatchInfo.Throw(failure);
    }

    [UnmanagedCallersOnly]
    static void Enter(void* data)
    {
        var job = (Job)GCHandle.FromIntPtr((nint)data).Target!;
        try
        {
            var (number, count) = (threadNumber(), threadCount());      // fewer than asked for where OpenMP is told so
            if (count < job.Threads && job.Alone is { } alone)
            {
                if (number == 0) alone();
            }
            else for (var part = number; part < job.Threads; part += count) job.Work(part);
        }
        catch (Exception e)                                             // no exception may cross into native code
        {
            job.Failure = e;
        }
    }

    static bool OpenMp(out nint library)
    {
        library = 0;
        if (!OperatingSystem.IsLinux()) return false;
        var loaded = File.ReadLines("/proc/self/maps").FirstOrDefault(line => line.Contains("/libgomp", StringComparison.Ordinal));
        return loaded is not null && NativeLibrary.TryLoad(loaded[loaded.IndexOf('/', StringComparison.Ordinal)..], out library);
    }

    sealed class Job(int threads, Action<int> work, Action? alone)
    {
        public int Threads => threads;
        public Action? Alone => alone;
        public Action<int> Work => work;
        public Exception? Failure { get; set; }
    }

    /// <summary>The part of <paramref name="count"/> things that falls to one of <paramref name="parts"/>: from (inclusive) to (exclusive).</summary>
    public static (int From, int To) Share(int count, int part, int parts) => ((int)((long)count * part / parts), (int)((long)count * (part + 1) / parts));
}
