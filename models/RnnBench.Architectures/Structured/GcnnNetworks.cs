using System.Globalization;

namespace RnnBench.Architectures;

/// <summary>The networks that Dauphin et al. 2017 trained, without their embeddings and softmax: taps and channels of each convolution, block by block.</summary>
/// <remarks>
/// As the paper's table writes them: [taps,channels], several in one bracket for one residual block, and how often. GBW is the Google Billion Word
/// set, WT103 is WikiText-103. gcnn-13, -14 and -14b as the group's code has them.
/// </remarks>
static class GcnnNetworks
{
    /// <summary>The blocks of each network.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<(int Taps, int Channels)[]>> All { get; } = new Dictionary<string, string>
    {
        ["gcnn-13"]  = "[4,1268]x1 [4,1268]x12",                                                                                                    // GBW
        ["gcnn-14b"] = "[5,512]x1 [1,128;5,128;1,512]x3 [1,512;5,512;1,1024]x3 [1,1024;5,1024;1,2048]x6 [1,1024;5,1024;1,4096]x1",                  // GBW
        ["gcnn-9"]   = "[4,807]x1 [4,807;4,807]x4",                                                                                                 // GBW
        ["gcnn-8b"]  = "[1,512]x1 [1,128;5,128;1,512]x3 [1,256;5,256;1,512]x3 [1,1024;1,1024;1,2048]x1",                                            // GBW
        ["gcnn-8"]   = "[4,900]x1 [4,900]x7",                                                                                                       // WT103
        ["gcnn-14"]  = "[6,850]x3 [1,850]x1 [5,850]x4 [1,850]x1 [4,850]x3 [4,1024]x1 [4,2048]x1",                                                   // WT103
    }.ToDictionary(network => network.Key, network => Read(network.Value));

    static IReadOnlyList<(int, int)[]> Read(string table) => [.. table.Split(' ').SelectMany(group =>
    {
        var (block, times) = (group[1..group.IndexOf(']')], int.Parse(group[(group.IndexOf('x') + 1)..], CultureInfo.InvariantCulture));
        return Enumerable.Repeat(block.Split(';').Select(piece => piece.Split(',')).Select(p => (Number(p[0]), Number(p[1]))).ToArray(), times);
    })];

    static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
