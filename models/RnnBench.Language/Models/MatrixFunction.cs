namespace RnnBench.Language;

/// <summary>
/// A function of tensors that the catalogue defines beside the architectures and that has golden cases of its own: a matrix's initialisation,
/// its clipping, an update on a manifold, an arithmetic.
/// </summary>
/// <param name="Id">As a golden case names it: its <c>model</c>, or its setting <c>kind</c> where it has one.</param>
/// <param name="Settings">The settings that it takes; those of a golden case that it does not know are an error.</param>
/// <param name="Apply">From the tensors of the file to the results, by their names in the file: <c>x</c> to <c>y</c>.</param>
public sealed record MatrixFunction(string Id, IReadOnlyList<Setting> Settings,
    Func<Settings, IReadOnlyDictionary<string, StoredTensor>, IReadOnlyDictionary<string, StoredTensor>> Apply);
