using RnnBench.Backends;
using RnnBench.Language;
using static TorchSharp.torch;

namespace RnnBench.Architectures.Tests;

/// <summary>A module with random parameters and input, run on TorchSharp and seen as plain arrays.</summary>
sealed class ModuleCase : IDisposable
{
    readonly ISequenceRunner<Tensor> runner;
    readonly ScalarType dtype;

    public ModuleCase(Model model, ScalarType dtype = ScalarType.Float64, string backend = "eager") =>
        (Model, this.dtype, runner) = (model, dtype, Backend.Create(backend, model, CPU, dtype));

    public Model Model { get; }
    public string Path => runner.Path;
    public Dictionary<string, NdArray> Given { get; init; } = [];

    /// <summary>Models of sequences that a chunk's end and the future do not reach: all properties of a causal model with carried state hold.</summary>
    public static readonly string[] Causal =
    [
        "gcnn-glu(hidden=4,layers=2,kernel=3)", "gcnn-glu(hidden=3,layers=2,kernel=2,bottleneck=2)", "gcnn-gtu(hidden=3,kernel=4,weight_norm=false)",
        "gcnn-bilinear(hidden=4,layers=2,kernel=2,residual=false)", "gcnn-relu(hidden=3,kernel=1)", "gcnn-tanh(hidden=5,kernels=[2,3],channels=[4,5])",
        "tcn(hidden=4,layers=3,kernel=2)", "tcn(hidden=3,kernel=3,residual=false,weight_norm=false)",
        "conv-lstm(hidden=2,layers=2,kernel=3,state_kernel=3,width=4)", "conv-lstm(hidden=2,kernel=3,state_kernel=1,peephole=map,channels=1,height=3,width=2)",
        "conv-lstm(hidden=3,kernel=1,state_kernel=3,peephole=none,channels=2,width=3)", "conv-lstm(hidden=2,kernel=3,state_kernel=3,channels=1,width=3)[f=1-i]",
        "conv-lstm(hidden=2,layers=2,kernel=1,state_kernel=3,channels=1,height=2,width=2)[i=1][o=0.5]", "gcnn-glu(hidden=3,layers=2,kernel=2,bottleneck=2)[gate=1]", "gcnn-gtu(hidden=4,kernel=3)[gate=0.5]",
        "tcn(hidden=4,layers=3,kernel=2,dilate=false)", "tcn(hidden=3,layers=2,kernel=3,unit=glu,residual=false)", "grid-lstm(hidden=3,layers=2,depth=plain)", "grid-lstm(hidden=2,layers=2,tied=all,priority=time,depth=plain)",
        "grid-lstm(hidden=3,layers=2)", "grid-lstm(hidden=2,layers=3,tied=all,priority=none)", "grid-lstm(hidden=2,layers=2,tied=depth,priority=time,squash=outside)", "grid-lstm(hidden=3)",
        "qrnn(hidden=4)", "qrnn(hidden=3,layers=2,kernel=3,pooling=ifo,dense=true)", "qrnn(hidden=4,kernel=1,pooling=f,zoneout=0.3)",
        "qrnn(hidden=2,layers=2,kernel=4,zoneout=0.5,zoneout_mode=mask)", "lru(hidden=4,state_size=3,block=true)", "lru(hidden=3,state_size=2,block=true,lambda=polar)", "lru(hidden=3,state_size=2,layers=2,block=true,lambda=direct)", "skim-rnn(hidden=4,small=2,warm_start=3)", "lru(hidden=3,state_size=5,layers=2,block=true,normalize=false)",
        "indrnn(hidden=4,net=residual,blocks=2)", "indrnn(hidden=3,net=residual,activation=tanh)", "skim-rnn(hidden=4,small=2)", "skim-rnn(hidden=4,small=0)",
        "skim-rnn(hidden=5,small=2,small_input=slice)", "skim-rnn(hidden=4,small=3,mode=soft,threshold=0.4)",
        "qrnn(hidden=3,kernel=3,pooling=f,zoneout=0.2,zoneout_mode=mask)", "qrnn(hidden=2,layers=3,kernel=1,pooling=f,dense=true)", "qrnn(hidden=3,layers=2,kernel=2,pooling=ifo)",
        "indrnn(hidden=3,net=residual,blocks=3,activation=identity)", "indrnn(hidden=3,net=residual)[u=0]", "indrnn(hidden=3,net=residual,activation=tanh)[u=1]",
        "qrnn(hidden=4)[f=0.5]", "qrnn(hidden=3,pooling=ifo)[i=1-f]", "qrnn(hidden=3,layers=2)[o=1]", "skim-rnn(hidden=4,small=2)[o=1]", "skim-rnn(hidden=4,small=0)[f=1-i][U_g=0]",
        "lru(hidden=4,state_size=3,block=true)[D=0]",
        "mlstm(hidden=4,heads=2,form=parallel)", "mlstm(hidden=3,layers=2,form=parallel,forget=exp)", "mingru(hidden=8,block=true)", "minlstm(hidden=6,layers=2,block=true,expansion=3,conv=2,space=linear)",
        "mingru(hidden=4,layers=2,block=true,mlp=false,conv=0,space=linear)", "minlstm(hidden=4,block=true,expansion=1,conv=1,normalize=false)", "mingru(hidden=4,block=true)[z=0.5]",
        "indrnn(hidden=4,net=dense,dense_blocks=[2,1],growth=2)", "indrnn(hidden=6,net=dense,dense_blocks=[1],activation=tanh)", "indrnn(hidden=3,net=dense,dense_blocks=[1,1],activation=identity)[u=0.5]",
    ];

    /// <summary>Models that go on from their last state as from a start of its own, not as within a window.</summary>
    public static readonly string[] Windowed =
    [
        "trellisnet(hidden=4,layers=3,dilation=[1,2],nout=2)", "trellisnet(hidden=3,layers=2,kernel=3,weight_norm=false)", "trellisnet(hidden=2,kernel=1,dilation=[4])",
        "trellisnet(hidden=3,layers=3,dilation=[1,2],tied=false)", "trellisnet(hidden=3,layers=3,inject=false)", "trellisnet(hidden=3,layers=2,dilation=[2,1],gated=false,tied=false,inject=false,weight_norm=false)",
        "trellisnet(hidden=2,layers=2)[f=1-i][o=1]", "trellisnet(hidden=2,layers=2,tied=false)[i=1]",
    ];

    public static readonly string[] Trees =
    [
        "tree-lstm-childsum(hidden=4)", "tree-lstm-childsum(hidden=3,output_gate=false)", "tree-lstm-nary(hidden=4)", "tree-lstm-nary(hidden=3,leaf=linear)",
        "tree-lstm-nary(hidden=2,arity=3,forget=diagonal,output_gate=false)", "tree-lstm-nary(hidden=3,forget=diagonal,leaf=linear,output_gate=false)",
        "tree-lstm-childsum(hidden=3,forget=shared)", "tree-lstm-childsum(hidden=3,mean=true)", "tree-lstm-childsum(hidden=3,forget=shared,mean=true,output_gate=false)", "tree-lstm-childsum(hidden=3)[f=1]",
        "tree-lstm-childsum(hidden=2)[f=1-i]", "tree-lstm-childsum(hidden=2)[i=1][o=1]", "tree-lstm-nary(hidden=2)[f=0.5]", "tree-lstm-nary(hidden=2,arity=3)[f=1-i]", "tree-lstm-nary(hidden=2,leaf=linear)[o=1]",
        "tree-lstm-nary(hidden=2,leaf=linear,forget=diagonal)[i=0.3]",
    ];

    public static Model Build(string notation, params IReadOnlyList<int> input) => Model.Build(Catalog.All, Notation.Parse(notation), input);

    public void Write(IReadOnlyDictionary<string, NdArray> parameters) => runner.Write(parameters.ToDictionary(p => p.Key, p => Of(p.Value)));

    public SequenceResult<NdArray> Run(NdArray x, IReadOnlyDictionary<string, NdArray>? state = null, IReadOnlyList<int>? lengths = null, TrainingMoment? training = null, bool records = true)
    {
        using var scope = NewDisposeScope();
        var result = runner.Run(Of(x), state?.ToDictionary(s => s.Key, s => Of(s.Value)), new RunHooks<Tensor>
        {
            RecordGates = records, Lengths = lengths, Training = training, Given = Given.ToDictionary(g => g.Key, g => Of(g.Value)),
        });
        return new(Array(result.Output), Arrays(result.State), Arrays(result.Gates)) { Supervised = [.. result.Supervised.Select(s => (s.Weight, Array(s.Output)))], Figures = result.Figures, Penalties = [.. result.Penalties.Select(Array)] };
    }

    /// <summary>d sum(y dy) / d x, d states and d parameters: <c>x</c>, <c>state.h</c>, <c>param.W_i</c>. The last states count with dLast.</summary>
    public Dictionary<string, NdArray> Gradients(NdArray x, IReadOnlyDictionary<string, NdArray> state, NdArray dy, IReadOnlyDictionary<string, NdArray>? dLast = null, TrainingMoment? training = null)
    {
        using var scope = NewDisposeScope();
        var (input, start) = (Of(x).requires_grad_(), state.ToDictionary(s => s.Key, s => Of(s.Value).requires_grad_()));
        foreach (var weight in runner.Trainable) weight.grad = null;
        var result = runner.Run(input, start, new RunHooks<Tensor> { Training = training, Given = Given.ToDictionary(g => g.Key, g => Of(g.Value)) });
        var loss = (result.Output * Of(dy)).sum();
        foreach (var (name, value) in dLast ?? new Dictionary<string, NdArray>()) loss = loss + (result.State[name] * Of(value)).sum();
        loss.backward();
        return new([KeyValuePair.Create("x", Array(input.grad!)),
            .. start.Select(s => KeyValuePair.Create($"state.{s.Key}", Array(s.Value.grad ?? zeros_like(s.Value)))),
            .. Arrays(runner.ReadGradients()).Select(g => KeyValuePair.Create($"param.{g.Key}", g.Value))]);
    }

    /// <summary>A golden file's output, gates and gradients.</summary>
    public static (SequenceResult<NdArray> Result, Dictionary<string, NdArray> Gradients) Golden(Safetensors file, ScalarType dtype)
    {
        Dictionary<string, NdArray> Under(string prefix) => file.Tensors.Where(t => t.Key.StartsWith(prefix)).ToDictionary(t => t.Key[prefix.Length..], t => t.Value.ToArray());
        var x = file.Tensors["x"].ToArray();
        var notation = Notation.FromJson(file.Metadata["model"], file.Metadata.GetValueOrDefault("settings", "{}"));
        using var one = new ModuleCase(Model.Build(Catalog.All, notation, x.Shape.Count == 5 ? [.. x.Shape.Skip(2)] : [x.Shape[^1]]), dtype)
        {
            Given = file.Tensors.Where(t => t.Key == "children" || t.Key.StartsWith("noise.") || t.Key.StartsWith("const.")).ToDictionary(t => t.Key, t => t.Value.ToArray()),
        };
        one.Write(Under("param."));
        return (one.Run(x, Under("state.")), one.Gradients(x, Under("state."), file.Tensors["grad_y"].ToArray()));
    }

    public void Dispose() => runner.Dispose();

    Tensor Of(NdArray array) => tensor(array.Data, [.. array.Shape.Select(side => (long)side)]).to(dtype);

    static NdArray Array(Tensor tensor)
    {
        using var plain = tensor.detach().to(ScalarType.Float64).contiguous();
        return new([.. plain.shape.Select(side => (int)side)], plain.data<double>().ToArray());
    }

    static Dictionary<string, NdArray> Arrays(IReadOnlyDictionary<string, Tensor> tensors) => tensors.ToDictionary(t => t.Key, t => Array(t.Value));
}
