namespace RnnBench.Reports.Statistics;

/// <summary>The difference of two shares of successes.</summary>
/// <param name="Difference">The first minus the second; NaN without trials.</param>
/// <param name="Low">The lower end.</param>
/// <param name="High">The upper end.</param>
public readonly record struct ShareDifference(double Difference, double Low, double High)
{
    /// <summary>Newcombe 1998, Statistics in Medicine 17:873-890, method 10: from the two Wilson intervals, by square and add.</summary>
    /// <param name="one">The first.</param>
    /// <param name="other">The second.</param>
    public static ShareDifference Of(WilsonInterval one, WilsonInterval other)
    {
        var difference = one.Share - other.Share;
        return new(difference, difference - Distance(one.Share - one.Low, other.High - other.Share), difference + Distance(one.High - one.Share, other.Share - other.Low));

        static double Distance(double a, double b) => Math.Sqrt(a * a + b * b);
    }
}
