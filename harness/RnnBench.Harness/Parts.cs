using RnnBench.Language;
using RnnBench.Tasks;
using static TorchSharp.torch;

namespace RnnBench.Harness;

/// <summary>What an experiment names, as objects.</summary>
sealed record Parts(BenchTask Task, Model Model, Settings Training, Seeds Seeds, Device Device, ScalarType DType)
{
    public static Parts Of(Catalogs catalogs, Experiment experiment)
    {
        var task = TaskEntry.Build(catalogs.Tasks, Notation.Parse(experiment.Task));
        var training = Settings.Read("training", TrainingSettings.Declared, experiment.Training);
        var model = BuildModel(catalogs, Notation.Parse(experiment.Model), task, training);
        return new Parts(task, model, training, new Seeds(experiment.Seed), DeviceOf(experiment.Device), DTypes.Read(experiment.DType)) { Softmax = catalogs.Softmax };
    }

    /// <summary>A fused softmax for the CPU, where there is one.</summary>
    public SoftmaxLoss? Softmax { get; init; }

    /// <summary>Words with an embedding; null where the input has none.</summary>
    public int? Vocabulary => Task.Input switch { InputKind.Tokens x => x.Vocabulary, InputKind.Trees x => x.Vocabulary, _ => null };

    /// <summary>Builds the model for what it will read: the embedding of tokens, one-hot symbols or real vectors.</summary>
    /// <exception cref="UserError">One is about trees and the other about sequences, or the model cannot be built.</exception>
    public static Model BuildModel(Catalogs catalogs, Notation notation, BenchTask task, Settings training)
    {
        var model = Model.Build(catalogs.Models, notation, task.Input switch
        {
            InputKind.Tokens or InputKind.Trees => training.Integer("embedding") is > 0 and var width ? width : HiddenOf(notation),
            InputKind.OneHot x => x.Symbols,
            InputKind.Real x => x.Width,
            _ => throw new NotSupportedException($"a model cannot read {task.Input.GetType().Name}"),
        });
        var trees = task.Input as InputKind.Trees;
        if (trees is null != model.Arity is null)
            throw new UserError($"{model.Text} reads {(trees is null ? "trees" : "sequences")}, and {task.Text} gives {(trees is null ? "sequences" : "trees")}; choose another model or task.");
        if (!model.EachStep && task.Readout != Readout.Final)
            throw new UserError($"{model.Text} gives its output after the whole sequence, and {task.Text} asks for one at each step; choose a task that is judged by the last output, such as imdb or sst-5.");
        if (trees?.Arity > model.Arity)
            throw new UserError(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{model.Text} reads nodes with at most {model.Arity} children, and {task.Text} has up to {trees.Arity}."));
        return model;
    }

    /// <summary>The data of the task, drawn from the stream <c>data</c> alone.</summary>
    /// <param name="batch">Sequences in a training batch.</param>
    /// <param name="stream">The name of the stream.</param>
    /// <param name="dataFolder">Where data sets lie.</param>
    public ITaskData Open(int batch, string stream, string? dataFolder) =>
        Task.Open(new TaskContext(batch, Training.Integer("bptt"), name => Seeds.Stream($"{stream}/{name}"), dataFolder));

    /// <summary>The hidden size as written; whether it is one is for the model to say.</summary>
    static int HiddenOf(Notation notation) =>
        notation.Settings.Where(s => s.Key == "hidden").Select(s => int.TryParse(s.Value, out var hidden) && hidden > 0 ? hidden : 1).FirstOrDefault(1);

    /// <summary>A device by name.</summary>
    /// <exception cref="UserError">There is none of that name.</exception>
    public static Device DeviceOf(string name)
    {
        var device = name.Split(':') switch
        {
            ["cpu"] => CPU,
            ["cuda"] => new Device(TorchSharp.DeviceType.CUDA, 0),
            ["cuda", var text] when int.TryParse(text, out var index) && index >= 0 => new Device(TorchSharp.DeviceType.CUDA, index),
            _ => throw new UserError($"device {name}: give cpu, cuda or cuda:N."),
        };
        if (device.type == TorchSharp.DeviceType.CUDA && !cuda.is_available())
            throw new UserError($"device {name}: this libtorch sees no CUDA device; use --device cpu, or run rnnbench doctor.");
        return device;
    }
}
