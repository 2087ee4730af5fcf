using RnnBench.Language;

namespace RnnBench.Architectures;

/// <summary>Recurrent weights that stay on the chip from step to step: no model, but a way to run one.</summary>
/// <remarks>Diamos et al. 2016, ICML, PMLR 48:2024-2033. Each core keeps its share of the units, and all meet after each step.</remarks>
public static class Persistent
{
    /// <summary>Its line of the catalogue.</summary>
    public static Companion Entry { get; } = new(Model.Persistent, "Persistent RNN, a way to run a cell", "Diamos et al. 2016, ICML, PMLR 48:2024-2033", "fast", "of its cell",
        "cpu: compiled, persistent", "the interpreter", After: SkimRnn.Entry.Id, "a way to run rnn, lstm, gru, slstm and other cells, not a model: run with --backend persistent, or write lstm@persistent in a study");
}
