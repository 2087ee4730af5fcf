using RnnBench.Language;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace RnnBench.Backends.Library;

/// <summary>A recurrent layer of the library and the equations that it computes.</summary>
/// <param name="Path">Its name, for the record.</param>
/// <param name="Equations">Makes the cell with its equations.</param>
/// <param name="Blocks">The equations whose weights it stacks, in its order.</param>
/// <param name="Negated">The block whose weights it has with the other sign than the equations, or null.</param>
/// <param name="Make">Makes a layer: input width, hidden size.</param>
/// <param name="Call">Runs it: x [T,B,I] and states [1,B,H] to y [T,B,H] and states, the states in the order of the equations.</param>
sealed record LibraryModule(string Path, Func<Cell> Equations, string[] Blocks, string? Negated,
    Func<int, int, Device, ScalarType, nn.Module> Make, Func<nn.Module, Tensor, Tensor[], Tensor[]> Call)
{
    /// <summary>
    /// All of them. σ(-a) = 1 - σ(a): where z = 1 writes, the weights of z change their sign on the way into the library, for which
    /// z = 1 keeps.
    /// </summary>
    public static IReadOnlyList<LibraryModule> All { get; } =
    [
        new("nn.RNN(tanh)", () => new LibraryRnn(Function.Tanh), ["h"], null,
            (i, h, d, s) => nn.RNN(i, h, 1, nn.NonLinearities.Tanh, device: d, dtype: s), Rnn),
        new("nn.RNN(relu)", () => new LibraryRnn(Function.Relu), ["h"], null,
            (i, h, d, s) => nn.RNN(i, h, 1, nn.NonLinearities.ReLU, device: d, dtype: s), Rnn),
        new("nn.LSTM", () => new LibraryLstm(), ["i", "f", "g", "o"], null, (i, h, d, s) => nn.LSTM(i, h, device: d, dtype: s), Lstm),
        new("nn.GRU", () => new LibraryGru(writes: true), ["r", "z", "n"], "z", (i, h, d, s) => nn.GRU(i, h, device: d, dtype: s), Gru),
        new("nn.GRU", () => new LibraryGru(writes: false), ["r", "z", "n"], null, (i, h, d, s) => nn.GRU(i, h, device: d, dtype: s), Gru),
    ];

    /// <summary>The layer that computes a cell's equations and how their names correspond, or null if none does.</summary>
    public static (LibraryModule Module, Recurrence Pattern, Matching Matching)? For(Recurrence cell)
    {
        if (cell.States.Count == 0) return null;
        foreach (var module in All)
        {
            var pattern = module.Equations().Define(module.Path, cell.Input, cell.WidthOf(cell.States[0]));
            if (Matching.Find(pattern, cell) is { } matching) return (module, pattern, matching);
        }
        return null;
    }

    static Tensor[] Rnn(nn.Module layer, Tensor x, Tensor[] states)
    {
        var (y, h) = ((RNN)layer).call(x, states[0]);
        return [y, h];
    }

    static Tensor[] Lstm(nn.Module layer, Tensor x, Tensor[] states)
    {
        var (y, h, c) = ((LSTM)layer).call(x, (states[0], states[1]));
        return [y, h, c];
    }

    static Tensor[] Gru(nn.Module layer, Tensor x, Tensor[] states)
    {
        var (y, h) = ((GRU)layer).call(x, states[0]);
        return [y, h];
    }
}
