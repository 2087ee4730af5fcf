using RnnBench.Backends.Modules;
using RnnBench.Language;
using static TorchSharp.torch;

namespace RnnBench.Architectures;

/// <summary>
/// What the stacks of causal convolutions share: kernels [O,C,k], plain or with weight normalisation (Salimans and Kingma 2016), and the inputs that
/// a layer has to remember for the next chunk of a text. The last tap meets the present step; before the first step everything is zero.
/// </summary>
public abstract class Convolution : Module
{
    readonly bool normalised;

    /// <param name="request">What it is made from; it has the setting <c>weight_norm</c>.</param>
    protected Convolution(ModelRequest request) : base(request) => normalised = Settings.Flag("weight_norm");

    /// <summary>The setting <c>weight_norm</c>.</summary>
    protected static Setting WeightNorm { get; } = Setting.Flag("weight_norm", true, "each kernel W is W.g times the direction of W.v, by output channel");

    /// <summary>The setting <c>kernel</c>.</summary>
    /// <param name="taps">The usual number of taps.</param>
    protected static Setting Taps(int taps) => Setting.Integer("kernel", taps, "the taps k of a convolution", max: 10_000);

    /// <summary>Declares a kernel: W, or W.v and W.g with weight normalisation, which starts as if it were not there.</summary>
    protected void Kernel(string name, Initial start, params IReadOnlyList<Width> sides)
    {
        Weight(normalised ? name + ".v" : name, start, sides);
        if (normalised) Weight(name + ".g", new Initial.Norms(name + ".v"), sides[0]);
    }

    /// <summary>A kernel as it acts, built once for each run: <c>W[o] = W.g[o] W.v[o] / ‖W.v[o]‖</c>.</summary>
    /// <param name="pass">The parameters.</param>
    /// <param name="name">W.</param>
    /// <param name="mask">What its direction is multiplied with before it is normalised; null for nothing.</param>
    protected Tensor Kernel(Pass pass, string name, Tensor? mask = null)
    {
        var direction = normalised ? pass[name + ".v"] : pass[name];
        if (mask is not null) direction = direction * mask;
        return normalised ? direction * (pass[name + ".g"] / direction.flatten(1).square().sum(1).sqrt()).view(-1, 1, 1) : direction;
    }

    /// <summary>Declares that a convolution remembers the last (k-1)d inputs; nothing where it has one tap.</summary>
    protected void Remembers(string state, int taps, int dilation, int width)
    {
        if (taps > 1) HasState(new ModelState(state, 1, checked((taps - 1) * dilation), width));
    }

    /// <summary>The causal convolution <c>(W *_d x)_t = Σ_j W[:,:,j] x_{t-(k-1-j)d} + b</c>.</summary>
    /// <param name="pass">Remembers the last inputs.</param>
    /// <param name="state">Under which name.</param>
    /// <param name="x">[T,B,C].</param>
    /// <param name="kernel">[O,C,k].</param>
    /// <param name="bias">[O].</param>
    /// <param name="dilation">d.</param>
    /// <returns>[T,B,O].</returns>
    protected static Tensor Convolve(Pass pass, string state, Tensor x, Tensor kernel, Tensor bias, long dilation = 1) =>
        Convolve(kernel.shape[2] > 1 ? pass.Past(state, x) : x, kernel, bias, dilation);

    /// <summary>The same where the inputs before the first step stand before x: [(k-1)d+T,B,C] to [T,B,O].</summary>
    protected static Tensor Convolve(Tensor x, Tensor kernel, Tensor? bias, long dilation) =>
        nn.functional.conv1d(x.permute(1, 2, 0), kernel, bias, dilation: dilation).permute(2, 0, 1);
}
