using RnnBench.Backends.Modules;
using RnnBench.Language;
using static TorchSharp.torch;

namespace RnnBench.Architectures;

/// <summary>The child-sum tree LSTM: a node's children are summed, and each has its own forget gate; for any number of unordered children.</summary>
/// <remarks>Tai, Socher and Manning 2015, ACL, arXiv:1503.00075. One bias a gate where the authors' code has two.</remarks>
public sealed class TreeLstmChildSum : TreeLstm
{
    /// <summary>Its line of the catalogue.</summary>
    public static Architecture Entry { get; } = new("tree-lstm-childsum", request => new TreeLstmChildSum(request))
    {
        Title = "Child-sum tree LSTM",
        Source = "Tai, Socher and Manning 2015, ACL, arXiv:1503.00075",
        Family = "structured",
        Settings = [Architecture.Hidden, OutputGate, Batching],
        Recipes = AuthorsRecipes,
    };

    TreeLstmChildSum(ModelRequest request) : base(request)
    {
        var input = new Width(request.InputWidth, "I");
        foreach (var part in Parts)
        {
            Weight($"W_{part}", FanIn(input.Size), H, input);
            Weight($"U_{part}", FanIn(H.Size), H, H);
            Weight($"b_{part}", FanIn(H.Size), H);
        }
        var sums = Parts.Count - 1;                                          // a node has one parent, hence one child on average
        Costing("", ("W x", 2L * Parts.Count * input.Size * H.Size), ("U s, U_f h_k", 2L * (sums + 1) * H.Size * H.Size), (HasOutputGate ? 10L : 8L) * H.Size, 1);
        Equation("s_j = Σ_{k ∈ C(j)} h_k", @"s_j &= \sum_{k \in C(j)} h_k");
        Equation("i_j = σ(W_i x_j + U_i s_j + b_i)", @"i_j &= \sigma(W_i x_j + U_i s_j + b_i)");
        Equation("f_jk = σ(W_f x_j + U_f h_k + b_f)", @"f_{jk} &= \sigma(W_f x_j + U_f h_k + b_f)");
        if (HasOutputGate) Equation("o_j = σ(W_o x_j + U_o s_j + b_o)", @"o_j &= \sigma(W_o x_j + U_o s_j + b_o)");
        Equation("g_j = tanh(W_g x_j + U_g s_j + b_g)", @"g_j &= \tanh(W_g x_j + U_g s_j + b_g)");
        Equation("c_j = i_j ⊙ g_j + Σ_{k ∈ C(j)} f_jk ⊙ c_k", @"c_j &= i_j \odot g_j + \sum_{k \in C(j)} f_{jk} \odot c_k");
        Equation(HasOutputGate ? "h_j = o_j ⊙ tanh(c_j)" : "h_j = tanh(c_j)", HasOutputGate ? @"h_j &= o_j \odot \tanh(c_j)" : @"h_j &= \tanh(c_j)");
    }

    /// <inheritdoc/>
    public override int? Arity => int.MaxValue;

    /// <inheritdoc/>
    protected override IReadOnlyDictionary<string, Tensor> Read(Pass pass, Tensor x)
    {
        var all = nn.functional.linear(x, cat([.. Parts.Select(part => pass[$"W_{part}"])], 0), cat([.. Parts.Select(part => pass[$"b_{part}"])], 0)).chunk(Parts.Count, -1);
        return Parts.Zip(all).ToDictionary();
    }

    /// <inheritdoc/>
    protected override Computed Compute(Pass pass, Func<string, Tensor> read, Level level)
    {
        string[] summed = [.. Parts.Where(part => part != "f")];
        var a = summed.ToDictionary(part => part, read);
        if (!level.Leaves)
        {
            var products = nn.functional.linear(level.Hidden.sum(1), cat([.. summed.Select(part => pass[$"U_{part}"])], 0)).chunk(summed.Length, -1);
            foreach (var (part, product) in summed.Zip(products)) a[part] = a[part] + product;
        }
        var (i, c) = (a["i"].sigmoid(), a["i"].sigmoid() * a["g"].tanh());
        var f = (read("f").unsqueeze(1) + nn.functional.linear(level.Hidden, pass["U_f"])).sigmoid() * level.Present;
        if (!level.Leaves) c = c + (f * level.Memory).sum(1);
        if (!HasOutputGate) return new(c.tanh(), c, ("i", i), ("f", f));
        var o = a["o"].sigmoid();
        return new(o * c.tanh(), c, ("i", i), ("f", f), ("o", o));
    }
}
