using RnnBench.Backends.Modules;
using RnnBench.Language;
using static TorchSharp.torch;

namespace RnnBench.Architectures;

/// <summary>The N-ary tree LSTM: for trees with a fixed number of ordered children, with weights for each place and forget gates that see all children.</summary>
/// <remarks>
/// Tai, Socher and Manning 2015, ACL, arXiv:1503.00075. leaf = gated is the paper's form; leaf = linear what the authors' code for binary trees
/// computes, where words enter at leaves only, through a linear layer.
/// </remarks>
public sealed class TreeLstmNary : TreeLstm
{
    /// <summary>Its line of the catalogue.</summary>
    public static Architecture Entry { get; } = new("tree-lstm-nary", request => new TreeLstmNary(request))
    {
        Title = "N-ary tree LSTM",
        Source = "Tai, Socher and Manning 2015, ACL, arXiv:1503.00075",
        Family = "structured",
        Settings =
        [
            Architecture.Hidden,
            Setting.Integer("arity", 2, "the most children K of a node", max: 64),
            Setting.Choice("leaf", "gated", "how words enter: at every node as in the paper, or at leaves through a linear layer as in the authors' code", "gated", "linear"),
            Setting.Choice("forget", "full", "whether the forget gate of a child sees all children, or that child alone", "full", "diagonal"),
            OutputGate,
            Batching,
        ],
        FixableGates = Fixable,
        Recipes = AuthorsRecipes,
    };

    readonly int arity;
    readonly bool linear, full;

    TreeLstmNary(ModelRequest request) : base(request)
    {
        (arity, linear, full) = (Settings.Integer("arity"), Settings.Choice("leaf") == "linear", Settings.Choice("forget") == "full");
        Declare(new Width(request.InputWidth, "I"), new Width(arity, "K"));
        var sums = Parts.Count(part => part != "f") * arity + (!Computes("f") ? 0 : full ? arity * arity : arity);
        Costing("", (linear ? "leaf.W x" : "W x", 2L * (linear ? Leaves.Count : Parts.Count) * Input * H.Size), ("U h", 2L * sums * H.Size * H.Size), (6L + 3 * arity) * H.Size, 1);
        Say();
    }

    void Declare(Width input, Width k)
    {
        foreach (var part in Parts)
        {
            if (!linear) Weight($"W_{part}", FanIn(input.Size), H, input);
            Weight($"U_{part}", FanIn(H.Size), part == "f" && full ? [k, k, H, H] : [k, H, H]);
            Weight($"b_{part}", FanIn(H.Size), part == "f" && linear ? [k, H] : [H]);
        }
        foreach (var part in linear ? Leaves : [])
        {
            Weight($"leaf.W_{part}", FanIn(input.Size), H, input);
            Weight($"leaf.b_{part}", FanIn(input.Size), H);
        }
    }

    /// <summary>What a leaf of the authors' code computes.</summary>
    IReadOnlyList<string> Leaves => HasOutputGate && Computes("o") ? ["c", "o"] : ["c"];

    void Say()
    {
        var (plain, latex) = linear ? ("", "") : ("W_{0} x_j + ", "W_{0} x_j + ");
        string Of(string form, string part) => form.Replace("{0}", part);
        foreach (var part in HasOutputGate ? new[] { "i", "f", "o", "g" } : ["i", "f", "g"])
        {
            var (function, texFunction) = (part == "g" ? "tanh" : "σ", part == "g" ? @"\tanh" : @"\sigma");
            var (sum, texSum) = part != "f" ? ($"Σ_l U_{part}[l] h_jl", $@"\sum_l U_{part}[l]\, h_{{jl}}") : full ? ("Σ_l U_f[k,l] h_jl", @"\sum_l U_f[k,l]\, h_{jl}") : ("U_f[k] h_jk", @"U_f[k]\, h_{jk}");
            var bias = part == "f" && linear ? "b_f[k]" : $"b_{part}";
            GateEquation(part, part == "f" ? "jk" : "j", $"{function}({Of(plain, part)}{sum} + {bias})", $"{texFunction}({Of(latex, part)}{texSum} + {bias})");
        }
        Equation("c_j = i_j ⊙ g_j + Σ_k f_jk ⊙ c_jk", @"c_j &= i_j \odot g_j + \sum_k f_{jk} \odot c_{jk}");
        Equation(HasOutputGate ? "h_j = o_j ⊙ tanh(c_j)" : "h_j = tanh(c_j)", HasOutputGate ? @"h_j &= o_j \odot \tanh(c_j)" : @"h_j &= \tanh(c_j)");
        if (!linear) return;
        Equation("c_j = leaf.W_c x_j + leaf.b_c at a leaf", @"c_j &= \mathrm{leaf}.W_c x_j + \mathrm{leaf}.b_c \text{ at a leaf}");
        if (Leaves.Count > 1) Equation("o_j = σ(leaf.W_o x_j + leaf.b_o) at a leaf", @"o_j &= \sigma(\mathrm{leaf}.W_o x_j + \mathrm{leaf}.b_o) \text{ at a leaf}");
    }

    /// <inheritdoc/>
    public override int? Arity => arity;

    /// <inheritdoc/>
    protected override int Width(int widest) => arity;

    /// <inheritdoc/>
    protected override IReadOnlyDictionary<string, Tensor> Read(Pass pass, Tensor x) => linear
        ? Leaves.ToDictionary(part => part, part => nn.functional.linear(x, pass[$"leaf.W_{part}"], pass[$"leaf.b_{part}"]))
        : Parts.Zip(nn.functional.linear(x, cat([.. Parts.Select(part => pass[$"W_{part}"])], 0), cat([.. Parts.Select(part => pass[$"b_{part}"])], 0)).chunk(Parts.Count, -1)).ToDictionary();

    /// <inheritdoc/>
    protected override Computed Compute(Pass pass, Func<string, Tensor> read, Level level)
    {
        if (level.Leaves && linear) return Leaf(read, level);
        var n = level.Hidden.shape[0];
        string[] summed = [.. Parts.Where(part => part != "f")];
        var a = nn.functional.linear(level.Hidden.flatten(1), cat([.. summed.Select(part => Flat(pass[$"U_{part}"]))], 0)).chunk(summed.Length, -1);
        var sums = summed.Zip(a, (part, sum) => (part, Sum: sum + (linear ? pass[$"b_{part}"] : read(part)))).ToDictionary(s => s.part, s => s.Sum);
        var g = sums["g"].tanh();
        var i = ValueOf("i", () => sums["i"].sigmoid(), g);
        var f = ValueOf("f", () => (Forget() + (linear ? pass["b_f"] : read("f").unsqueeze(1))).sigmoid(), level.Memory, ("i", i.unsqueeze(1))) * level.Present;
        var c = i * g + (f * level.Memory).sum(1);
        if (!HasOutputGate) return new(c.tanh(), c, ("i", i), ("f", f));
        var o = ValueOf("o", () => sums["o"].sigmoid(), g, ("i", i));
        return new(o * c.tanh(), c, ("i", i), ("f", f), ("o", o));

        Tensor Forget() => full ? nn.functional.linear(level.Hidden.flatten(1), pass["U_f"].permute(0, 2, 1, 3).flatten(2).flatten(0, 1)).view(n, arity, H.Size)
            : einsum("nkc,krc->nkr", level.Hidden, pass["U_f"]);
    }

    /// <summary>A leaf of the authors' code: no write gate, no forget gate.</summary>
    Computed Leaf(Func<string, Tensor> read, Level level)
    {
        var (c, nothing) = (read("c"), level.Memory.detach());
        var none = nothing.new_zeros(c.shape);
        if (!HasOutputGate) return new(c.tanh(), c, ("i", none), ("f", nothing));
        var o = ValueOf("o", () => read("o").sigmoid(), c, ("i", none));
        return new(o * c.tanh(), c, ("i", none), ("f", nothing), ("o", o));
    }

    /// <summary>[K,H,H] as it acts on the children's vectors one after the other: [H,K H].</summary>
    static Tensor Flat(Tensor weight) => weight.permute(1, 0, 2).flatten(1);
}
