using RnnBench.Architectures;
using RnnBench.Backends.Cpu;
using RnnBench.Language;
using TorchSharp;

namespace RnnBench.Backends.Tests.Cpu;

/// <summary>The compiled engine equals the interpreter: every cell, many shapes, every register width, one thread and two, with and without kept values.</summary>
public sealed class ScanTests
{
    static readonly (int Steps, int Batch, int Input, int Hidden)[] shapes = [(1, 1, 1, 1), (2, 3, 1, 2), (5, 2, 7, 9), (4, 20, 16, 33), (7, 5, 34, 16), (3, 1, 5, 40)];

    /// <summary>The architectures whose equations hold nothing that the kernels lack: all of them (<see cref="Every_cell_of_the_catalogue_compiles"/>).</summary>
    internal static IReadOnlyList<Architecture> Compiled { get; } = [.. Catalog.Cells.Where(a => CpuScan.WhyNot(Model(Written(a), 3, 4)) is null)];

    /// <summary>Those whose weights are all stored; the kernels themselves know no others (<see cref="CpuBackendTests"/>).</summary>
    static IEnumerable<Architecture> Stored => Compiled.Where(a => Model(Written(a), 3, 4).Scans[0].Cell is var cell && cell.Weights.SequenceEqual(cell.Parameters));

    public static TheoryData<string> Cells => [.. Stored.Select(a => Written(a)), "gru(reset_after=true)", "rnn(activation=relu)", "rnn(activation=identity)",
        "lstm[o=1]", "lstm[f=1-i]", "lstm[i=1]", "lstm[U_o=0]", "gru[r=1]", "gru[z=1]", .. OddCells.All.Keys.Select(name => "odd: " + name)];

    [Theory, MemberData(nameof(Cells))]
    public void Equals_the_interpreter(string cell)
    {
        foreach (var (at, shape) in shapes.Index())
        {
            var engine = new Engine(Model(cell, shape.Input, shape.Hidden), shape.Steps, shape.Batch, seed: at);
            foreach (var bits in VectorUnit.Widths)
                foreach (var single in new[] { false, true })
                {
                    var options = new CpuOptions { Bits = bits, Threads = 1 + at % 2, LowMemory = (at + (single ? 1 : 0)) % 2 == 1 };
                    engine.Check(single, options, $"{cell} {shape} {bits} bits {(single ? "float32" : "float64")}");
                }
        }
    }

    /// <summary>Elementwise recurrences read x and write y, dx in the caller's tensors; widths below, at and between whole registers, shares of units too.</summary>
    [Fact]
    public void Recurrences_in_the_callers_tensors_equal_the_interpreter()
    {
        foreach (var hidden in new[] { 1, 3, 8, 15, 16, 17, 40, 50 })
            foreach (var model in Measuring.Recurrences.Of(hidden))
            {
                var engine = new Engine(model, 9, 5, seed: hidden);
                foreach (var bits in VectorUnit.Widths)
                    foreach (var single in new[] { false, true })
                        foreach (var form in new[] { LoopForm.Rows, LoopForm.Units })
                            engine.Check(single, new CpuOptions { Bits = bits, Threads = 2, Form = form }, $"{model.Text} {bits} bits {(single ? "float32" : "float64")} by {form}");
            }
    }

    /// <summary>Rows so long that only some of a batch go through the stages of a step at once.</summary>
    [Fact]
    public void Long_rows_go_through_a_step_in_blocks()
    {
        var engine = new Engine(Model("mlstm", 5, 64), 3, 19, seed: 1);
        foreach (var single in new[] { false, true }) engine.Check(single, new CpuOptions { Threads = 2 }, $"mlstm, {(single ? "float32" : "float64")}");
    }

    /// <summary>So many rows that the gradients of the weights are summed in several blocks, each by whoever is free, after the block before it.</summary>
    [Theory]
    [InlineData("lstm")]
    [InlineData("gru")]
    [InlineData("odd: lookback")]
    [InlineData("odd: tied")]
    public void Gradients_of_long_sequences_are_summed_in_blocks(string cell)
    {
        const int steps = 62, batch = 30;
        Assert.True(steps * batch > 2 * OuterProducts.Depth);
        var engine = new Engine(Model(cell, 7, 19), steps, batch, seed: 2);
        foreach (var single in new[] { false, true }) engine.Check(single, new CpuOptions { Threads = 3 }, $"{cell}, {(single ? "float32" : "float64")}");
        var (one, three) = (engine.Compiled(true, new CpuOptions { Threads = 1 }), engine.Compiled(true, new CpuOptions { Threads = 3 }));
        var matrices = one.Keys.Where(name => name.Contains('W', StringComparison.Ordinal) || name.Contains('U', StringComparison.Ordinal)).ToArray();
        Assert.NotEmpty(matrices);
        foreach (var name in matrices) Assert.Equal(one[name], three[name]);       // however many threads
    }

    [Fact]
    public void Every_cell_of_the_catalogue_compiles() => Assert.Equal(Catalog.Cells.Select(a => a.Id), Compiled.Select(a => a.Id));

    [Theory]
    [InlineData("lstm", true)]
    [InlineData("gru", false)]
    [InlineData("odd: deep", true)]
    [InlineData("odd: lookback", true)]
    public void A_reversed_scan_equals_the_interpreter(string cell, bool single)
    {
        var forward = Model(cell, 6, 10);
        var reversed = new Stack(forward.Text, forward.Architecture, [[forward.Scans[0] with { Reversed = true }]], forward.Input, false, false, []);
        new Engine(reversed, 6, 4, seed: 3).Check(single, new CpuOptions { Threads = 2 }, $"{cell} reversed");
    }

    /// <summary>Large enough for two threads to share the work: small problems run on one whatever is asked for.</summary>
    [Theory]
    [InlineData("lstm")]
    [InlineData("gru")]
    public void Threads_share_the_work_and_change_nothing(string cell)
    {
        var engine = new Engine(Model(cell, 48, 50), 12, 9, seed: 5);
        engine.Check(false, new CpuOptions { Threads = 3 }, $"{cell} on 3 threads");
        var (one, three) = (engine.Compiled(true, new CpuOptions { Threads = 3 }), engine.Compiled(true, new CpuOptions { Threads = 3 }, times: 3));
        foreach (var (name, values) in one) Assert.Equal(values, three[name]);   // bit for bit, also on memory that was used before
    }

    /// <summary>Dealt by rows or by units: the same bits, whatever the cell holds (lags, operators on rows, sums of products, sums of gradients).</summary>
    [Theory]
    [InlineData("rnn")]
    [InlineData("lstm-peephole")]
    [InlineData("gru")]
    [InlineData("gru(reset_after=true)")]
    [InlineData("mut1")]
    [InlineData("prototype-lstm")]
    [InlineData("scrnn(context=3)")]
    [InlineData("indrnn")]
    [InlineData("slstm")]
    [InlineData("odd: deep")]
    [InlineData("odd: lookback")]
    public void Units_give_the_bits_of_rows(string cell)
    {
        foreach (var (batch, lengths) in new[] { (1, null), (2, null), (5, null), (5, new[] { 30, 1, 0, 17, 30 }) })
            foreach (var single in new[] { true, false })
            {
                var engine = new Engine(Model(cell, 48, 50), 30, batch, seed: batch);
                var rows = engine.Compiled(single, new CpuOptions { Threads = 3, Form = LoopForm.Rows }, lengths: lengths);
                var units = engine.Compiled(single, new CpuOptions { Threads = 3, Form = LoopForm.Units }, times: 2, lengths: lengths);
                foreach (var (name, values) in rows) Assert.Equal(values, units[name]);
            }
    }

    [Fact]
    public void The_faster_form_is_taken_once_both_are_measured()
    {
        var (choice, key) = (new LoopChoice(), new PlanKey(typeof(float), 0, true, false, true, false));
        for (var i = 0; i < 8; i++)
        {
            Assert.Empty(choice.Made);
            var form = choice.Next(key, 1, 2);
            choice.Took(key, 1, 2, form, TimeSpan.FromMicroseconds(form == LoopForm.Units ? 10 : 11 + i));
        }
        Assert.Equal(LoopForm.Units, choice.Next(key, 1, 2));
        Assert.Equal([new("", 1, "rows", 11e-6, false), new MeasuredChoice("", 1, "units", 10e-6, true)], choice.Made);
        Assert.Equal(LoopForm.Rows, choice.Next(key, 4, 2));                    // another batch begins anew
    }

    [Fact]
    public void A_thread_that_fails_does_not_leave_the_others_waiting()
    {
        Assert.Throws<InvalidOperationException>(() => Meeting.Of(3, (part, parts, meeting) =>
        {
            if (part == parts - 1) throw new InvalidOperationException("this one");
            meeting.Wait();
        }));
    }

    [Fact]
    public void Memory_does_not_grow_from_run_to_run()
    {
        var engine = new Engine(Model("lstm", 8, 20), 5, 4, seed: 1);
        engine.Compiled(true, new CpuOptions { Threads = 1 });
        var once = engine.Allocations;
        engine.Compiled(true, new CpuOptions { Threads = 1 }, times: 20);
        Assert.Equal(once, engine.Allocations);
    }

    /// <summary>Ten thousand training steps through autograd: neither the managed heap nor native memory, ours or libtorch's, grows.</summary>
    [Fact]
    public void Ten_thousand_training_steps_take_no_more_memory_than_a_thousand()
    {
        using var runner = Backend.Create("cpu", Model("lstm", 8, 12), torch.CPU, torch.ScalarType.Float32);
        void Train(int count)
        {
            for (var i = 0; i < count; i++)
            {
                using var scope = torch.NewDisposeScope();
                var x = torch.ones(3, 2, 8).requires_grad_();
                runner.Run(x).Output.sum().backward();
                foreach (var weight in runner.Trainable) weight.grad = null;
            }
        }
        Train(1000);
        var (managed, native, tensors) = (GC.GetTotalMemory(forceFullCollection: true), Aligned.Live, torch.Tensor.TotalCount);
        Train(10_000);
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - managed, long.MinValue, 200_000);
        GC.WaitForPendingFinalizers();
        Assert.InRange(Aligned.Live - native, long.MinValue, 0);
        Assert.InRange(torch.Tensor.TotalCount - tensors, long.MinValue, 10);
    }

    [Fact]
    public void Equal_equations_share_kernels_and_are_planned_fast()
    {
        var cell = Model("lstm", 8, 20).Scans[0].Cell;
        var key = new PlanKey(typeof(float), VectorUnit.Widths[0], Training: true, Gates: false, InputGradient: true, LowMemory: false);
        var first = new ScanPlan(cell, key);
        var second = new ScanPlan(Model("lstm", 30, 50).Scans[0].Cell, key);
        foreach (var (a, b) in first.Forward.Step.Concat(first.Backward!.Step).OfType<KernelStage>().Zip(second.Forward.Step.Concat(second.Backward!.Step).OfType<KernelStage>()))
            Assert.Same(a.Kernel, b.Kernel);
    }

    [Fact]
    public void Products_with_a_common_operand_are_one()
    {
        var plan = new ScanPlan(Model("lstm", 8, 20).Scans[0].Cell, new PlanKey(typeof(float), VectorUnit.Widths[0], true, false, true, false));
        Assert.Equal(4, Assert.IsType<ProductStage>(Assert.Single(plan.Forward.Hoisted)).Factors.Count);
        Assert.Equal(4, Assert.Single(plan.Forward.Step.OfType<ProductStage>()).Factors.Count);
        Assert.Single(plan.Forward.Step.OfType<KernelStage>());
        Assert.Contains("[U_", plan.Explain());
    }

    /// <summary>Gates are kept for their derivatives only, states for what lies before them and for the gradients of the weights.</summary>
    [Fact]
    public void Derivatives_lie_where_the_gates_were_and_states_stay()
    {
        var plan = new ScanPlan(Model("lstm", 8, 20).Scans[0].Cell, new PlanKey(typeof(float), VectorUnit.Widths[0], true, false, true, false));
        var lefts = plan.Backward!.Outers.Select(o => o.Left.Storage).Distinct().ToArray();
        Assert.Equal(4, lefts.Length);
        Assert.All(lefts, left => Assert.NotNull(left.Over));
        Assert.Equal(4, lefts.Select(left => left.Over).Distinct().Count());
        Assert.DoesNotContain(lefts, left => plan.States.Values.Contains(left.Over!.Value.Storage) || left.Over.Value.Storage == plan.X);
        Assert.Contains("lies where", plan.Explain());
    }

    /// <summary>An architecture with the settings that must be given; <c>hidden</c> stands among <paramref name="settings"/>, if anywhere.</summary>
    internal static string Written(Architecture a, string settings = "")
    {
        string[] all = [.. settings.Split(',', StringSplitOptions.RemoveEmptyEntries), .. a.Settings.Where(s => s.Default is null).Select(s => $"{s.Name}=2")];
        return all.Length == 0 ? a.Id : $"{a.Id}({string.Join(",", all)})";
    }

    internal static Model Model(string text, int input, int hidden)
    {
        if (text.StartsWith("odd: ", StringComparison.Ordinal))
        {
            var cell = OddCells.All[text[5..]]().Define(text, new Width(input, "I"), new Width(hidden, "H"));
            return new Stack(text, Catalog.All[0], [[new Scan("", cell, false)]], input, false, false, []);
        }
        var notation = Notation.Parse(text);
        return RnnBench.Language.Model.Build(Catalog.All, notation with { Settings = [.. notation.Settings, KeyValuePair.Create("hidden", (notation.Id.StartsWith("rev-") ? 2 * hidden : hidden).ToString(System.Globalization.CultureInfo.InvariantCulture))] }, input);
    }
}
