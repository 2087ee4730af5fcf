namespace RnnBench.Language;

/// <summary>A way in which a backend ran a scan while it looked for the fastest; all ways give the same bits.</summary>
/// <param name="Scan">The scan's prefix, <c>layer1.</c>; empty for a single scan.</param>
/// <param name="Batch">The batch size that it was measured for.</param>
/// <param name="Way">What it is called.</param>
/// <param name="Seconds">The shortest time of one step of the recurrence.</param>
/// <param name="Chosen">Whether it is the one that was taken.</param>
public sealed record MeasuredChoice(string Scan, int Batch, string Way, double Seconds, bool Chosen);
