using RnnBench.Language;

namespace RnnBench.Architectures;

/// <summary>Every architecture, one line each. The ids are those of the catalogue.</summary>
public static class Catalog
{
    /// <summary>All of them, by family.</summary>
    public static IReadOnlyList<Architecture> All { get; } =
    [
        Rnn.Entry,
        Lstm.Entry,
        LstmPeephole.Entry,
        Mut1.Entry,
        Mut2.Entry,
        Mut3.Entry,
        Gru.Entry,
        Mgu.Entry,
        Ran.Entry,
        NestedLstm.Entry,
        Scrnn.Entry,
        PrototypeLstm.Entry,
        PseudoLstm.Entry,

        Sru.Entry,
        Qrnn.Entry,
        IndRnn.Entry,
        SlicedRnn.Entry,
        SkimRnn.Entry,
        RevGru.Entry,
        RevLstm.Entry,
        MinGru.Entry,
        MinLstm.Entry,
        Lru.Entry,
        Slstm.Entry,
        Mlstm.Entry,

        CwRnn.Entry,
        DilatedRnn.Entry,
        NarxRnn.Entry,
        MistRnn.Entry,
        TkRnn.Entry,
        Irnn.Entry,
        NpRnn.Entry,
        Rin.Entry,
        Urnn.Entry,
        FullUrnn.Entry,
        ExpRnn.Entry,
        StatisticalRu.Entry,
        Fru.Entry,

        .. Gcnn.Entries,
        Tcn.Entry,
        TrellisNet.Entry,
        ConvLstm.Entry,
        GridLstm.Entry,
        TreeLstmChildSum.Entry,
        TreeLstmNary.Entry,
        PunctuationSplit.Entry,
    ];

    /// <summary>Those that are cells, with the equations of a step.</summary>
    public static IReadOnlyList<Architecture> Cells { get; } = [.. All.Where(a => !a.IsModule)];

    /// <summary>The entries that are no architectures of their own.</summary>
    public static IReadOnlyList<Companion> Companions { get; } = [Stacked.Entry, Persistent.Entry, SvClip.Entry];

    /// <summary>The functions of tensors that the catalogue defines beside them.</summary>
    public static IReadOnlyList<MatrixFunction> Functions { get; } = [FixedMultiply.Function];
}
