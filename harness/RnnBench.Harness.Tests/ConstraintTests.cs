using RnnBench.Language;
using TorchSharp;
using static TorchSharp.torch;

namespace RnnBench.Harness.Tests;

/// <summary>What constraints promise, after every update, whatever the gradients are.</summary>
public sealed class ConstraintTests : IDisposable
{
    readonly DisposeScope scope = NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Theory]
    [InlineData("full-urnn(hidden=6)", "eager", "float32")]
    [InlineData("full-urnn(hidden=5,unitary_rms=true)", "cpu", "float32")]
    [InlineData("full-urnn(hidden=7,layers=2,unitary_rate=0.5)", "auto", "float64")]
    public void A_unitary_matrix_stays_one_for_a_thousand_updates(string notation, string backend, string dtype)
    {
        using var trained = new Trained(notation, "", backend, dtype);
        var first = trained.Unitary();
        for (var step = 1; step <= 1000; step++)
        {
            trained.Update(step);
            if (step % 50 == 0) Assert.InRange(Far(trained.Unitary()), 0, 1e-5);
        }
        Assert.InRange((trained.Unitary() - first).abs().max().item<double>(), 0.02, 2);
    }

    /// <summary>
    /// The recurrent matrix as a backend forms it from its parameters: without input, and with modReLU the identity, a step turns the unit vectors into
    /// its columns.
    /// </summary>
    [Theory]
    [InlineData("urnn(hidden=6)", "urnn(hidden=6,ablation=linear)", "eager")]
    [InlineData("urnn(hidden=5)", "urnn(hidden=5,ablation=linear)", "cpu")]
    [InlineData("exp-rnn(hidden=6)", "exp-rnn(hidden=6)", "eager")]
    [InlineData("exp-rnn(hidden=7,map=cayley)", "exp-rnn(hidden=7,map=cayley)", "cpu")]
    [InlineData("exp-rnn(hidden=5,dtriv=true,dtriv_k=10,dtriv_m=5)", "exp-rnn(hidden=5,dtriv=true)", "auto")]
    public void A_matrix_that_is_formed_from_parameters_is_unitary_after_a_thousand_updates(string notation, string linear, string backend)
    {
        using var trained = new Trained(notation, "learning_rate=0.01", backend, "float32");
        for (var step = 1; step <= 1000; step++) trained.Update(step);
        var model = Model.Build(Architectures.Catalog.All, Notation.Parse(linear), 2);
        using var runner = Lab.Catalogs.Runner(backend, model, CPU, ScalarType.Float32, false);
        runner.Write(model.Parameters.ToDictionary(q => q.Name, q => q.Name == "b_h" ? zeros(q.Shape[0]) : trained.Runner.Read()[q.Name]));
        var width = model.States[0].Width;
        var u = runner.Run(zeros(1, width, 2), new Dictionary<string, Tensor> { ["h"] = eye(width) }).Output[0].to(ScalarType.Float64);
        Assert.InRange(Far(u), 0, 1e-5);
        Assert.InRange((u - eye(width, dtype: ScalarType.Float64)).abs().max().item<double>(), 0.02, 2);
    }

    [Theory]
    [InlineData("rnn(hidden=5)", "svclip_mode=band", 1 / 1.05, 1.05)]
    [InlineData("lstm(hidden=4,layers=2)", "svclip_mode=margin svclip_margin=0.2", 0.8, 1.2)]
    [InlineData("irnn(hidden=5)", "svclip_mode=max svclip_s=0.9", 0, 0.9)]
    [InlineData("rin(hidden=5,transitions=2)", "svclip_mode=band svclip_eps=0.1", 1 / 1.1, 1.1)]
    [InlineData("narx-rnn(hidden=4,n_d=3)", "svclip_mode=band", 1 / 1.05, 1.05)]
    [InlineData("gru(hidden=4,svclip_mode=margin,svclip_margin=0.05)", "svclip_mode=max", 0.95, 1.05)]
    [InlineData("tkrnn(hidden=4,lambda_on=pair)", "svclip_mode=max", 0, 1)]
    [InlineData("grid-lstm(hidden=3,layers=2)", "svclip_mode=band", 1 / 1.05, 1.05)]
    public void Singular_values_stay_within_their_bounds(string notation, string settings, double low, double high)
    {
        foreach (var backend in new[] { "eager", "auto" })
        {
            using var trained = new Trained(notation, settings, backend, "float64");
            for (var step = 1; step <= 20; step++)
            {
                trained.Update(step);
                foreach (var (name, value) in trained.Runner.Read().Where(q => q.Key.Split('.')[^1].StartsWith('U')))
                    foreach (var matrix in value.dim() == 3 ? value.unbind(0) : [value])
                    {
                        var all = linalg.svdvals(notation.StartsWith("rin") ? matrix + eye(5, dtype: ScalarType.Float64) : matrix);
                        Assert.InRange(all.min().item<double>(), low - 1e-12, high);
                        Assert.InRange(all.max().item<double>(), low, high + 1e-12);
                    }
            }
        }
    }

    [Theory]
    [InlineData("indrnn(hidden=5,u_max_gain=0.25)", 0.5)]
    [InlineData("indrnn(hidden=4,layers=3,u_max_gain=0.04)", 0.2)]
    [InlineData("indrnn(hidden=4,activation=identity,u_max_gain=0.49)", 0.7)]
    [InlineData("indrnn(hidden=4,activation=tanh,u_max_gain=0.25)", 0.5053)]          // 0.5 / 0.9^(1/10)
    [InlineData("indrnn(hidden=4,net=residual,blocks=2,u_max_gain=0.25)", 0.5)]
    [InlineData("indrnn(hidden=4,bn=after,u_max_gain=0.25,layers=2)", 0.5)]
    public void Recurrent_weights_gain_no_more_than_they_may_over_a_sequence(string notation, double bound)
    {
        foreach (var backend in new[] { "eager", "auto" })
        {
            using var trained = new Trained(notation, "", backend, "float64");
            var largest = 0.0;
            for (var step = 1; step <= 20; step++)
            {
                trained.Update(step);
                foreach (var (_, u) in trained.Runner.Read().Where(q => q.Key.Split('.')[^1] == "u")) largest = Math.Max(largest, u.abs().max().item<double>());
                Assert.InRange(largest, 0, bound + 1e-4);
            }
            Assert.InRange(largest, bound - 1e-4, bound + 1e-4);                            // it starts on [0,1], so that the bound is reached
        }
    }

    [Fact]
    public void A_bound_of_nothing_bounds_nothing()
    {
        using var trained = new Trained("indrnn(hidden=5,u_max_gain=0)", "", "eager", "float64");
        Assert.All(trained.Runner.Model.Parameters, q => Assert.DoesNotContain(q.Constraints, rule => rule is Constraint.LastingGain));
        using var usual = new Trained("indrnn(hidden=5)", "", "eager", "float64");
        Assert.Equal([new Constraint.LastingGain(2), new Constraint.Undecayed()], usual.Runner.Model.Parameters.Single(q => q.Name == "u").Constraints);
        Assert.Equal(1.00088, new Constraint.LastingGain(2).Bound(784), 5);               // the catalogue's example
    }

    [Fact]
    public void Clipping_waits_for_its_turn_and_leaves_what_is_within_to_the_bit()
    {
        using var trained = new Trained("rnn(hidden=4)", "svclip_mode=max svclip_s=100 svclip_every=1", "eager", "float64");
        using var free = new Trained("rnn(hidden=4)", "", "eager", "float64");
        using var late = new Trained("rnn(hidden=4)", "svclip_mode=max svclip_s=0.5 svclip_every=3", "eager", "float64");
        for (var step = 1; step <= 2; step++) foreach (var one in new[] { trained, free, late }) one.Update(step);
        Assert.Equal(Elements(free, "U_h"), Elements(trained, "U_h"));
        Assert.Equal(Elements(free, "U_h"), Elements(late, "U_h"));
        late.Update(3);
        Assert.InRange(linalg.svdvals(late.Runner.Read()["U_h"]).max().item<double>(), 0, 0.5 + 1e-12);
    }

    [Fact]
    public void Outside_its_mask_a_clockwork_matrix_stays_as_it_was()
    {
        using var trained = new Trained("cw-rnn(hidden=4,periods=[1,2])", "svclip_mode=max svclip_s=0.1", "eager", "float64");
        trained.Update(1);
        var u = trained.Runner.Read()["U_h"];
        Assert.Equal(0, u.narrow(0, 2, 2).narrow(1, 0, 2).abs().max().item<double>());
        Assert.NotEqual(0, u.narrow(0, 0, 2).narrow(1, 2, 2).abs().max().item<double>());
    }

    /// <summary>The N-ary tree's matrices, [K,H,H] and [K,K,H,H], one by one; the kernels of a convolution are no recurrent matrices.</summary>
    [Fact]
    public void Matrices_in_several_axes_are_clipped_each_by_itself()
    {
        using var random = new Generator(3);
        using var many = randn([2, 3, 4, 4], generator: random).to(ScalarType.Float64);
        var clamped = MatrixProjections.ClampSingularValues(many, 0.5, 1.5);
        for (var k = 0; k < 2; k++) for (var l = 0; l < 3; l++)
            Assert.Equal(0, (clamped[k, l] - MatrixProjections.ClampSingularValues(many[k, l], 0.5, 1.5)).abs().max().item<double>());
        Assert.Contains("no recurrent matrix", Assert.Throws<UserError>(() => new Trained("trellisnet(hidden=3,kernel=3)", "svclip_mode=max", "eager", "float32")).Message);
    }

    [Fact]
    public void A_model_may_say_that_it_is_clipped()
    {
        var own = Lab.Plan("rnn(svclip_mode=band,hidden=4)", "adding(T=3)", "steps=1 svclip_mode=none");
        Assert.Equal(Lab.Plan("rnn(hidden=4)", "adding(T=3)", "steps=1 svclip_mode=band").Key, own.Key);
        Assert.Equal("rnn(hidden=4)", own.Model);
    }

    [Fact]
    public void There_must_be_a_matrix_to_clip() =>
        Assert.Equal("svclip_mode=max: sru(hidden=4) has no recurrent matrix U whose singular values could be clipped.",
            Assert.Throws<UserError>(() => new Trained("sru(hidden=4)", "svclip_mode=max", "eager", "float32")).Message);

    [Fact]
    public void A_unitary_matrix_may_go_without_projections()
    {
        using var trained = new Trained("full-urnn(hidden=4,unitary_every=0,init=identity)", "", "eager", "float64");
        Assert.Equal(0, (trained.Unitary() - eye(8, dtype: ScalarType.Float64)).abs().max().item<double>());
        for (var step = 1; step <= 100; step++) trained.Update(step);
        Assert.InRange(Far(trained.Unitary()), 0, 1e-10);
        Assert.InRange((trained.Unitary() - eye(8, dtype: ScalarType.Float64)).abs().max().item<double>(), 0.01, 2);
    }

    [Theory]
    [InlineData("exp")]
    [InlineData("cayley")]
    public void A_base_that_moves_leaves_the_matrix_where_it_is(string map)
    {
        using var trained = new Trained($"exp-rnn(hidden=5,map={map},dtriv=true,dtriv_k=4,dtriv_m=2)", "learning_rate=1", "eager", "float64");
        var start = trained.Runner.Read()["base"].clone();
        for (var step = 1; step <= 3; step++) trained.Update(step);
        Assert.Equal(0, (trained.Runner.Read()["base"] - start).abs().max().item<double>());
        trained.Update(4);
        Assert.Equal(0, trained.Runner.Read()["A"].abs().max().item<double>());
        for (var step = 5; step <= 200; step++) trained.Update(step);
        var moved = trained.Runner.Read()["base"];
        Assert.InRange((moved.mm(moved.t()) - eye(5, dtype: ScalarType.Float64)).abs().max().item<double>(), 0, 1e-12);
        Assert.InRange((moved - start).abs().max().item<double>(), 0.1, 2);
    }

    [Fact]
    public void A_learning_rate_of_its_own()
    {
        using var slow = new Trained("exp-rnn(hidden=4,orthogonal_rate=0.25)", "", "eager", "float64");
        using var fast = new Trained("exp-rnn(hidden=4,orthogonal_rate=1)", "", "eager", "float64");
        var start = Elements(slow, "A");
        slow.Update(1);
        fast.Update(1);
        foreach (var (a, b, c) in start.Zip(Elements(slow, "A"), Elements(fast, "A"))) Assert.Equal(0.25 * (c - a), b - a, 1e-15);
        Assert.Equal(Elements(fast, "W_h"), Elements(slow, "W_h"));
    }

    /// <summary>Masses of elements, constants and what constraints remember go through a checkpoint to the same bits.</summary>
    [Theory]
    [InlineData("full-urnn(hidden=4,unitary_rms=true,unitary_every=3)")]
    [InlineData("exp-rnn(hidden=4,dtriv=true,dtriv_k=3,dtriv_m=2)")]
    [InlineData("urnn(hidden=4)")]
    public void An_interrupted_run_goes_on_to_the_same_bits(string model)
    {
        var experiment = Lab.Plan(model, "adding(T=6)", "steps=12 batch=4 evaluate_every=4", backend: "auto");
        using var whole = new Lab();
        whole.Run(experiment);
        using var broken = new Lab();
        var stop = new StopAt(7);
        Assert.Equal(RnnBench.Results.RunStatus.Interrupted, broken.Run(experiment, o => o with { Progress = stop }, stop.Token).Status);
        broken.Run(experiment);
        Assert.Equal(whole.Rows(experiment), broken.Rows(experiment));
    }

    static double Far(Tensor u) => (u.mm(u.t()) - eye(u.shape[0], dtype: ScalarType.Float64)).abs().max().item<double>();

    static double[] Elements(Trained of, string name) => of.Runner.Read()[name].to(ScalarType.Float64).contiguous().data<double>().ToArray();

    /// <summary>A network whose losses are random: the gradients are large and have no pattern.</summary>
    sealed class Trained : IDisposable
    {
        readonly Network network;
        readonly Optimizer optimizer;
        readonly ConstrainedUpdate constraints;
        readonly Settings training;
        readonly Generator random = new(7);
        readonly Tensor x;
        const int Steps = 2;

        public Trained(string notation, string settings, string backend, string dtype)
        {
            var parts = Parts.Of(Lab.Catalogs, Lab.Plan(notation, "adding(T=3)", $"steps=1 {settings}", backend: backend, dtype: dtype));
            training = parts.Training;
            network = new Network(parts, Lab.Catalogs.Runner(backend, parts.Model, CPU, parts.DType, false));
            optimizer = Optimizer.Table["rmsprop"](training);
            x = randn([Steps, 2, 2], generator: random).to(parts.DType);
            try { constraints = new ConstrainedUpdate(Runner, training); }
            catch { network.Dispose(); throw; }
        }

        public ISequenceRunner<Tensor> Runner => network.Runner;

        public void Update(int step)
        {
            using var scope = NewDisposeScope();
            foreach (var tensor in Runner.Trainable) tensor.grad = null;
            var y = Runner.Run(x).Output;
            (y * randn(y.shape, generator: random).to(y.dtype)).sum().backward();
            constraints.Around(step, training.Real("learning_rate"), Steps, () => optimizer.Step(Runner.Trainable, training.Real("learning_rate"), step, _ => 0));
        }

        /// <summary>The real form of the unitary matrix of the last layer.</summary>
        public Tensor Unitary()
        {
            var all = Runner.Read();
            Tensor Part(string name) => all.Last(q => q.Key.EndsWith(name)).Value.to(ScalarType.Float64);
            return MatrixProjections.RealForm(Part("U_re"), Part("U_im"));
        }

        public void Dispose()
        {
            network.Dispose();
            optimizer.Dispose();
            constraints.Dispose();
        }
    }
}
