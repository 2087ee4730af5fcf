namespace RnnBench.Language;

/// <summary>An entry of the catalogue that is no architecture of its own but something done with others: a wrapper around any cell, a way to run some.</summary>
/// <param name="Id">As the catalogue spells it.</param>
/// <param name="Title">The name in words.</param>
/// <param name="Source">Authors, year, where.</param>
/// <param name="Family">The family.</param>
/// <param name="Gates">Its gates, in words.</param>
/// <param name="RunBy">What runs it, in words.</param>
/// <param name="Verified">What it was verified against, in words.</param>
/// <param name="After">The id that it stands behind in listings.</param>
/// <param name="Use">How it is asked for.</param>
public sealed record Companion(string Id, string Title, string Source, string Family, string Gates, string RunBy, string Verified, string After, string Use);
