using RnnBench.Language;
using TorchSharp;
using static TorchSharp.torch;

namespace RnnBench.Harness.Tests;

public class OptimizerTests
{
    static readonly float[] start = [1, -2, 0.5f, 3];

    public static TheoryData<string, Func<IEnumerable<TorchSharp.Modules.Parameter>, double, optim.Optimizer>> Cases { get; } = new()
    {
        { "optimizer=sgd", (p, rate) => optim.SGD(p, rate) },
        { "optimizer=sgd momentum=0.9", (p, rate) => optim.SGD(p, rate, momentum: 0.9) },
        { "optimizer=sgd momentum=0.9 nesterov=true", (p, rate) => optim.SGD(p, rate, momentum: 0.9, nesterov: true) },
        { "optimizer=sgd momentum=0.5 weight_decay=0.1", (p, rate) => optim.SGD(p, rate, momentum: 0.5, weight_decay: 0.1) },
        { "optimizer=adagrad epsilon=1e-10", (p, rate) => optim.Adagrad(p, rate) },
        { "optimizer=adagrad epsilon=1e-10 weight_decay=0.01", (p, rate) => optim.Adagrad(p, rate, weight_decay: 0.01) },
        { "optimizer=adam", (p, rate) => optim.Adam(p, rate) },
        { "optimizer=adam beta1=0.8 beta2=0.95 epsilon=1e-4", (p, rate) => optim.Adam(p, rate, 0.8, 0.95, 1e-4) },
        { "optimizer=adam weight_decay=0.1", (p, rate) => optim.Adam(p, rate, weight_decay: 0.1) },
        { "optimizer=adamw weight_decay=0.1", (p, rate) => optim.AdamW(p, rate, weight_decay: 0.1) },
        { "optimizer=rmsprop", (p, rate) => optim.RMSProp(p, rate) },
        { "optimizer=rmsprop rms_decay=0.9 momentum=0.5", (p, rate) => optim.RMSProp(p, rate, alpha: 0.9, momentum: 0.5) },
    };

    /// <summary>Ten steps down a hill of order four, in float64; the order of operations differs, so a few last bits may.</summary>
    [Theory]
    [MemberData(nameof(Cases), DisableDiscoveryEnumeration = true)]
    public void Updates_are_torchs(string settings, Func<IEnumerable<TorchSharp.Modules.Parameter>, double, optim.Optimizer> torchs)
    {
        var read = TrainingSettings.Read(new Dictionary<string, string>(), Lab.Settings($"steps=1 {settings}"));
        using var own = Optimizer.Table[read.Choice("optimizer")](read);
        using var mine = Start();
        using var theirs = nn.Parameter(Start());
        using var reference = torchs([theirs], 0.05);
        for (var step = 1; step <= 10; step++)
        {
            Hill(mine).backward();
            own.Step([mine], 0.05, step, _ => read.Real("weight_decay"));
            mine.grad = null;
            reference.zero_grad();
            Hill(theirs).backward();
            reference.step();
            Assert.Equal(0, (mine - theirs).abs().max().item<double>(), 1e-14);
        }
    }

    /// <summary>By hand: the mean square is 0.9 · 0.001 + 0.1 g² after the first step.</summary>
    [Fact]
    public void A_mean_square_that_starts_above_zero()
    {
        var read = TrainingSettings.Read(new Dictionary<string, string>(), Lab.Settings("steps=1 optimizer=rmsprop rms_decay=0.9 rms_start=0.001 epsilon=0"));
        using var own = Optimizer.Table["rmsprop"](read);
        using Tensor p = Start(), before = p.detach().clone();
        Hill(p).backward();
        own.Step([p], 0.1, 1);
        using var expected = before - 0.1 * p.grad! / (0.9 * 0.001 + 0.1 * p.grad!.square()).sqrt();
        Assert.Equal(0, (p - expected).abs().max().item<double>(), 1e-14);
    }

    [Fact]
    public void Restored_memory_goes_on_to_the_same_bits()
    {
        var read = TrainingSettings.Read(new Dictionary<string, string>(), Lab.Settings("steps=1 optimizer=adam"));
        using var whole = Optimizer.Table["adam"](read);
        using var parameter = Start();
        Go(whole, parameter, 1, 5);
        using var later = Optimizer.Table["adam"](read);
        later.Restore(whole.Memory);
        using var copy = parameter.detach().clone().requires_grad_(true);
        Go(whole, parameter, 6, 10);
        Go(later, copy, 6, 10);
        Assert.True(Bits.Same(parameter, copy));
    }

    /// <summary>A parameter that is updated in pieces moves as its rows do, each a small parameter of its own.</summary>
    [Theory]
    [InlineData("sgd momentum=0.9 nesterov=true")]
    [InlineData("adagrad")]
    [InlineData("adam")]
    [InlineData("adamw")]
    [InlineData("rmsprop momentum=0.5")]
    public void A_large_parameter_is_updated_to_the_same_bits(string settings)
    {
        var read = TrainingSettings.Read(new Dictionary<string, string>(), Lab.Settings($"steps=1 optimizer={settings}"));
        using Optimizer whole = Optimizer.Table[read.Choice("optimizer")](read), byRow = Optimizer.Table[read.Choice("optimizer")](read);
        using var scope = NewDisposeScope();
        var random = new Random(1);
        Tensor Draw() => tensor([.. Enumerable.Range(0, 1003 * 496).Select(_ => random.NextSingle() - 0.5f)], [1003, 496]);
        var large = Draw().clone().requires_grad_(true);
        Tensor[] rows = [.. Enumerable.Range(0, 1003).Select(i => large.detach()[i].clone().requires_grad_(true))];
        for (var step = 1; step <= 3; step++)
        {
            var gradient = Draw();
            large.grad = gradient;
            for (var i = 0; i < rows.Length; i++) rows[i].grad = gradient[i].clone();
            whole.Step([large], 0.1, step, _ => 0.01);
            byRow.Step(rows, 0.1, step, _ => 0.01);
            Assert.True(Bits.Same(large, stack(rows)), $"step {step}");
        }
    }

    [Fact]
    public void The_norm_is_that_of_all_gradients_and_clipping_scales_them_to_the_bound()
    {
        using Tensor a = zeros(2, requires_grad: true), b = zeros(1, requires_grad: true), unused = zeros(3, requires_grad: true);
        (a * tensor(new float[] { 3, 0 })).sum().add((b * 4).sum()).backward();
        Tensor[] all = [a, b, unused];
        Assert.Equal(5, GlobalNorm.Of(all), 1e-6);
        Assert.False(GlobalNorm.Clip(all, 5, 5));
        Assert.False(GlobalNorm.Clip(all, 5, 0));
        Assert.True(GlobalNorm.Clip(all, 5, 1));
        Assert.Equal([0.6f, 0f], a.grad!.data<float>().ToArray(), (x, y) => MathF.Abs(x - y) < 1e-6f);
        Assert.Equal(1, GlobalNorm.Of(all), 1e-6);
    }

    [Fact]
    public void Clipping_each_element_leaves_those_within_alone()
    {
        using Tensor a = zeros(3, requires_grad: true), unused = zeros(2, requires_grad: true);
        (a * tensor(new float[] { 3, -0.5f, -20 })).sum().backward();
        Assert.False(GlobalNorm.ClipEach([a, unused], 0));
        Assert.False(GlobalNorm.ClipEach([a, unused], 20));
        Assert.True(GlobalNorm.ClipEach([a, unused], 1));
        Assert.Equal([1f, -0.5f, -1f], a.grad!.data<float>().ToArray());
    }

    [Theory]
    [InlineData("adam")]
    [InlineData("adamw")]
    [InlineData("sgd")]
    public void A_mask_says_what_decays(string name)
    {
        var read = TrainingSettings.Read(new Dictionary<string, string>(), Lab.Settings($"steps=1 optimizer={name}"));
        using Optimizer some = Optimizer.Table[name](read), all = Optimizer.Table[name](read), none = Optimizer.Table[name](read);
        using Tensor p = Start(), decayed = Start(), free = Start(), mask = tensor(new double[] { 1, 0, 1, 0 });
        foreach (var parameter in new[] { p, decayed, free }) Hill(parameter).backward();
        some.Step([p], 0.1, 1, _ => 0.3, _ => mask);
        all.Step([decayed], 0.1, 1, _ => 0.3);
        none.Step([free], 0.1, 1);
        Assert.Equal(where(mask.gt(0), decayed, free).data<double>().ToArray(), p.data<double>().ToArray());
    }

    static void Go(Optimizer optimizer, Tensor parameter, int from, int to)
    {
        for (var step = from; step <= to; step++)
        {
            parameter.grad = null;
            Hill(parameter).backward();
            optimizer.Step([parameter], 0.1, step);
        }
    }

    static Tensor Start() => tensor(start).to(ScalarType.Float64).clone().requires_grad_(true);

    static Tensor Hill(Tensor p) => (p.pow(4) / 4 + p * tensor(new double[] { 1, 0.5, -2, 0 })).sum();
}
