using static TorchSharp.torch;

namespace RnnBench.Architectures;

/// <summary>A vector for each node of a forest, written some nodes at a time; the row behind the last is zero and stands for missing children.</summary>
abstract class TreeRows
{
    /// <summary>The vectors of all nodes, [N,H].</summary>
    public abstract Tensor All { get; }

    /// <summary>Some rows, [n,H].</summary>
    public abstract Tensor Read(long[] rows);

    /// <summary>Sets the vectors of nodes.</summary>
    /// <param name="nodes">[n].</param>
    /// <param name="values">[n,H].</param>
    public abstract void Write(Tensor nodes, Tensor values);

    /// <summary>Rows that are written level by level lie in one tensor; those that are written one by one each in its own, which spares copies of all.</summary>
    public static TreeRows Of(bool levels, long count, Tensor like, long width) => levels ? new Together(count, like, width) : new Singly(count, like, width);

    sealed class Together(long count, Tensor like, long width) : TreeRows
    {
        Tensor all = like.new_zeros([count + 1, width]);

        public override Tensor All => all.narrow(0, 0, count);
        public override Tensor Read(long[] rows) => all.index_select(0, tensor(rows, device: all.device));
        public override void Write(Tensor nodes, Tensor values) => all = all.index_copy(0, nodes, values);
    }

    sealed class Singly(long count, Tensor like, long width) : TreeRows
    {
        readonly List<Tensor> rows = [];
        readonly Tensor nothing = like.new_zeros([1, width]);

        public override Tensor All => cat(rows, 0);
        public override Tensor Read(long[] rows) => rows.Length == 0 ? nothing.narrow(0, 0, 0) : cat([.. rows.Select(row => row == count ? nothing : this.rows[(int)row])], 0);
        public override void Write(Tensor nodes, Tensor values) => rows.Add(values);
    }
}
