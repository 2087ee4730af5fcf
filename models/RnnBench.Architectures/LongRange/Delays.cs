using RnnBench.Language;

namespace RnnBench.Architectures;

/// <summary>Lists of delays and periods, as the catalogue allows them.</summary>
static class Delays
{
    /// <summary>A list that was written, or the usual one where none was.</summary>
    /// <exception cref="UserError">The list does not increase.</exception>
    public static IReadOnlyList<int> Of(Settings settings, string id, string name, Func<IEnumerable<int>> usual)
    {
        var written = settings.Integers(name);
        if (written.Zip(written.Skip(1)).Any(pair => pair.Second <= pair.First))
            throw new UserError($"{id}: setting {name}=[{string.Join(",", written)}]: give whole numbers that increase, such as [1,2,4].");
        return written.Count > 0 ? written : [.. usual()];
    }
}
