using System.Globalization;
using RnnBench.Reports.Documents;

namespace RnnBench.Reports.Plots;

/// <summary>A mark on an axis; a minor one has no label.</summary>
readonly record struct Tick(double Value, string Label)
{
    public bool Minor => Label.Length == 0;
}

/// <summary>One axis: from value to place, and where its marks stand.</summary>
sealed class Axis
{
    readonly bool log;

    Axis(double low, double high, bool log, IEnumerable<Tick> ticks)
    {
        (Low, High, this.log) = (low, high, log);
        Ticks = [.. ticks.Where(tick => At(tick.Value) is >= -1e-9 and <= 1 + 1e-9)];
    }

    /// <summary>The value at the start.</summary>
    public double Low { get; }
    /// <summary>The value at the end.</summary>
    public double High { get; }
    /// <summary>The marks, in order.</summary>
    public IReadOnlyList<Tick> Ticks { get; }

    /// <summary>Where a value stands: 0 at the start, 1 at the end. NaN for what the axis cannot show.</summary>
    public double At(double value) => log
        ? value > 0 ? (Math.Log10(value) - Math.Log10(Low)) / (Math.Log10(High) - Math.Log10(Low)) : double.NaN
        : (value - Low) / (High - Low);

    /// <summary>A linear axis with marks at round numbers: 1, 2 or 5 times a power of ten.</summary>
    /// <param name="low">The least value to show.</param>
    /// <param name="high">The largest.</param>
    /// <param name="count">About how many labelled marks.</param>
    /// <param name="round">Whether the ends move out to marks; otherwise they stay at the data.</param>
    /// <param name="whole">Whether only whole numbers are marked.</param>
    public static Axis Linear(double low, double high, int count = 5, bool round = true, bool whole = false)
    {
        if (high <= low) (low, high) = low == 0 ? (0, 1) : (low - Math.Abs(low) / 2, low + Math.Abs(low) / 2);
        var (step, parts) = whole && high - low <= count ? (1, 1) : Step((high - low) / count);
        if (round) (low, high) = (Math.Floor(low / step + 1e-9) * step, Math.Ceiling(high / step - 1e-9) * step);
        var minor = step / parts;
        var first = (long)Math.Ceiling(low / minor - 1e-9);
        var last = (long)Math.Floor(high / minor + 1e-9);
        return new(low, high, false, Range(first, last).Select(k => new Tick(k * minor, k % parts == 0 ? Label(k * minor, step) : "")));
    }

    /// <summary>A logarithmic axis; marks at powers of ten, or at 1, 2, 5 where it spans little.</summary>
    /// <param name="low">The least value to show, above 0.</param>
    /// <param name="high">The largest.</param>
    public static Axis Log(double low, double high)
    {
        if (high <= low) (low, high) = (low / 2, low * 2);
        if (high / low < 10) (low, high) = (RoundDown(low), RoundUp(high));
        var (from, to) = ((int)Math.Floor(Math.Log10(low) + 1e-9), (int)Math.Ceiling(Math.Log10(high) - 1e-9));
        var every = Math.Max(1, (to - from + 5) / 6);
        var fine = Math.Log10(high / low) < 1.5;
        return new(low, high, true, Range(from, to).SelectMany(decade => Enumerable.Range(1, 9).Select(digit =>
            new Tick(digit * Math.Pow(10, decade), digit == 1 && decade % every == 0 || fine && digit is 2 or 5 ? Decade(digit, decade) : "")))
            .Where(tick => every == 1 || !tick.Minor));
    }

    /// <summary>A logarithmic axis with marks at some values, for a quantity that takes few.</summary>
    /// <param name="values">Above 0, at least one.</param>
    public static Axis LogAt(IReadOnlyCollection<double> values)
    {
        var (low, high) = (values.Min(), values.Max());
        return new(low == high ? low / 2 : low, low == high ? high * 2 : high, true, values.Distinct().Order().Select(value => new Tick(value, Tidy(value))));
    }

    static IEnumerable<int> Range(long first, long last) => Enumerable.Range((int)first, (int)Math.Max(0, last - first + 1));

    static (double Step, int Parts) Step(double wanted)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(wanted)));
        return (wanted / power) switch
        {
            <= 1 => (power, 5),
            <= 2 => (2 * power, 4),
            <= 5 => (5 * power, 5),
            _ => (10 * power, 5),
        };
    }

    static double RoundDown(double value) => RoundTo(value, Math.Floor);
    static double RoundUp(double value) => RoundTo(value, Math.Ceiling);

    static double RoundTo(double value, Func<double, double> rounding)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(value)) - 1);
        return rounding(value / power / 5) * power * 5;
    }

    static string Label(double value, double step) =>
        Math.Abs(value) < step / 1e6 ? "0"
        : step >= 1e6 ? Tidy(value / 1e6) + "M"
        : step >= 1e3 ? Tidy(value / 1e3) + "k"
        : step < 1e-4 ? Format.Significant(value, 2)
        : Tidy(value);

    static string Tidy(double value) => Format.ForReaders(Math.Round(value, 10).ToString("0.##########", CultureInfo.InvariantCulture));

    static string Decade(int digit, int decade) =>
        decade is >= -2 and <= 3 ? Tidy(digit * Math.Pow(10, decade))
        : decade is > 3 and < 6 ? Tidy(digit * Math.Pow(10, decade - 3)) + "k"
        : decade is >= 6 and < 9 ? Tidy(digit * Math.Pow(10, decade - 6)) + "M"
        : (digit == 1 ? "10" : digit.ToString(CultureInfo.InvariantCulture) + "·10") + Superscript(decade);

    static string Superscript(int number) => string.Concat(number.ToString(CultureInfo.InvariantCulture)
        .Select(c => c == '-' ? '⁻' : "⁰¹²³⁴⁵⁶⁷⁸⁹"[c - '0']));
}
