using RnnBench.Language;

namespace RnnBench.Backends.Cpu;

/// <summary>How the threads share the steps of a scan. The result is the same to the last bit.</summary>
enum LoopForm
{
    /// <summary>Each thread runs all steps of its rows of the batch and never waits.</summary>
    Rows,
    /// <summary>
    /// Each thread computes its share of the units for all rows and waits for the others after every stage; its share of the weights stays in its
    /// core's cache (Diamos et al. 2016, persistent RNNs, with cores for multiprocessors).
    /// </summary>
    Units,
}

/// <summary>Which form is faster for a small batch: measured in the first runs, then kept.</summary>
sealed class LoopChoice
{
    const int Trials = 4;
    readonly Dictionary<(PlanKey Plan, int Batch, int Threads), Tried> known = [];

    sealed class Tried
    {
        public int[] Begun { get; } = new int[2];
        public TimeSpan[] Shortest { get; } = [TimeSpan.MaxValue, TimeSpan.MaxValue];
        public bool IsDone => Begun.Min() >= Trials;
        public LoopForm Fastest => Shortest[0] <= Shortest[1] ? LoopForm.Rows : LoopForm.Units;
    }

    /// <summary>What was chosen for training.</summary>
    public IReadOnlyList<MeasuredChoice> Made
    {
        get
        {
            lock (known)
                return [.. from tried in known
                           where tried.Key.Plan.Training && tried.Value.IsDone
                           from form in Enum.GetValues<LoopForm>()
                           select new MeasuredChoice("", tried.Key.Batch, form.ToString().ToLowerInvariant(), tried.Value.Shortest[(int)form].TotalSeconds, form == tried.Value.Fastest)];
        }
    }

    /// <summary>The form for the next run: each in turn until both are known, then the faster.</summary>
    public LoopForm Next(PlanKey plan, int batch, int threads)
    {
        lock (known)
        {
            if (!known.TryGetValue((plan, batch, threads), out var tried)) known[(plan, batch, threads)] = tried = new Tried();
            if (tried.IsDone) return tried.Fastest;
            var form = tried.Begun[0] <= tried.Begun[1] ? LoopForm.Rows : LoopForm.Units;
            tried.Begun[(int)form]++;
            return form;
        }
    }

    /// <summary>Tells how long the steps of a run took, each of them.</summary>
    public void Took(PlanKey plan, int batch, int threads, LoopForm form, TimeSpan step)
    {
        lock (known)
            if (known.TryGetValue((plan, batch, threads), out var tried) && step < tried.Shortest[(int)form]) tried.Shortest[(int)form] = step;
    }
}
