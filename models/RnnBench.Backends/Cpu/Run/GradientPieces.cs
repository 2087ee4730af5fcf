using RnnBench.Language;

namespace RnnBench.Backends.Cpu;

/// <summary>A series, and the matrices on whose left it stands.</summary>
/// <param name="Left">The series.</param>
/// <param name="Rows">Its width.</param>
/// <param name="Targets">The matrices' gradients.</param>
sealed record OuterGroup(Place Left, int Rows, OuterTarget[] Targets);

/// <summary>Some rows of the gradients of some matrices: what one thread does at a time.</summary>
/// <param name="Groups">The matrices.</param>
/// <param name="First">The first row.</param>
/// <param name="Last">One past the last.</param>
sealed record GradientPiece(OuterGroup[] Groups, int First, int Last);

/// <summary>How the gradients of the weights are cut into pieces: it follows from the plan and the number of threads.</summary>
sealed class GradientPieces
{
    /// <summary>Into how many pieces the matrices are cut for each thread, at least about.</summary>
    const int PerThread = 3;
    /// <summary>Rows of a piece; of fewer, packing them costs too much.</summary>
    const int LeastRows = 36, MostRows = 144;

    readonly ScanPlan plan;
    readonly IReadOnlyDictionary<Parameter, int> offsets;

    /// <param name="plan">The plan.</param>
    /// <param name="offsets">Where each weight begins among all, in elements.</param>
    /// <param name="threads">The number of threads.</param>
    public GradientPieces(ScanPlan plan, IReadOnlyDictionary<Parameter, int> offsets, int threads)
    {
        (this.plan, this.offsets) = (plan, offsets);
        var (back, cell, unit) = (plan.Backward!, plan.Cell, plan.Unit);
        Rights = [.. back.Outers.Select(o => (o.Right, cell.Shapes[o.Matrix][1].Size)).Distinct()];
        All = Cut(threads);
        LargestRows = All.Select(piece => piece.Last - piece.First).DefaultIfEmpty(0).Max();
        var sums = back.Vectors.ToDictionary(v => v.Vector, v => (Place?)v.Place);
        Vectors = [.. cell.Weights.OfType<Vector>().Select(v => (sums.GetValueOrDefault(v), Offset(v), cell.CountOf(v)))];
        Idle = [.. cell.Weights.OfType<Matrix>().Except(back.Outers.Select(o => o.Matrix)).Select(m => (Offset(m), cell.CountOf(m)))];
        var widest = Vectors.Select(v => (long)unit.Pad(v.Count) * unit.Size).DefaultIfEmpty(0).Max();
        Scratch = (256 + Math.Max(widest, OuterProducts.Scratch(unit, Rights.Select(right => right.Width)))) / 64 * 64;
    }

    /// <summary>What stands on the right of matrices, and how wide it is.</summary>
    public IReadOnlyList<(Place Place, int Width)> Rights { get; }
    /// <summary>The pieces.</summary>
    public GradientPiece[] All { get; }
    /// <summary>The most rows of a piece.</summary>
    public int LargestRows { get; }
    /// <summary>The vectors: where their gradients are summed, nowhere if they have none; where those go, in bytes; how many elements they have.</summary>
    public IReadOnlyList<(Place? Sums, long Offset, int Count)> Vectors { get; }
    /// <summary>The matrices without gradients: where those go, in bytes, and how many elements they have.</summary>
    public IReadOnlyList<(long Offset, int Count)> Idle { get; }
    /// <summary>Bytes of scratch memory of a thread.</summary>
    public long Scratch { get; }

    long Offset(Parameter parameter) => (long)offsets[parameter] * plan.Unit.Size;

    /// <summary>
    /// The matrices in pieces of rows. What stands on the left of several of them is read once for all, and what is added to the same one stays in one
    /// piece.
    /// </summary>
    GradientPiece[] Cut(int threads)
    {
        var begun = new HashSet<Matrix>();
        var joined = new List<OuterGroup[]>();
        foreach (var side in plan.Backward!.Outers.GroupBy(o => (o.Left, Rows: plan.Cell.Shapes[o.Matrix][0].Size)))
        {
            var group = new OuterGroup(side.Key.Left, side.Key.Rows, [.. side.Select(o => new OuterTarget(Right(o), Offset(o.Matrix), begun.Add(o.Matrix)))]);
            var same = joined.Where(others => others.Any(other => other.Targets.Any(t => group.Targets.Any(own => own.Offset == t.Offset)))).ToArray();
            joined.RemoveAll(same.Contains);
            joined.Add([.. same.SelectMany(others => others), group]);
        }
        var rows = Math.Clamp(joined.Sum(groups => groups.Length * groups[0].Rows) / (PerThread * threads), LeastRows, MostRows);
        return [.. from groups in joined
                   let count = (groups[0].Rows + rows - 1) / rows
                   from i in Enumerable.Range(0, count)
                   let share = Team.Share(groups[0].Rows, i, count)
                   select new GradientPiece(groups, share.From, share.To)];
    }

    int Right(OuterSum outer) => Rights.Index().First(right => right.Item == (outer.Right, plan.Cell.Shapes[outer.Matrix][1].Size)).Index;
}
