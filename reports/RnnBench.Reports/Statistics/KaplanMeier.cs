using MathNet.Numerics.Distributions;

namespace RnnBench.Reports.Statistics;

/// <summary>A step of the estimate: from <paramref name="Time"/> on a share <paramref name="Survival"/> has not had the event.</summary>
/// <param name="Time">When events happened.</param>
/// <param name="AtRisk">How many were watched up to then.</param>
/// <param name="Events">How many had it then.</param>
/// <param name="Survival">S(t).</param>
/// <param name="Low">The lower end of its 95 % interval.</param>
/// <param name="High">The upper end.</param>
public readonly record struct SurvivalStep(double Time, int AtRisk, int Events, double Survival, double Low, double High);

/// <summary>
/// How long until something happens, where some are watched too briefly to see it: here the training steps until a task is solved.
/// Kaplan and Meier 1958, "Nonparametric estimation from incomplete observations", JASA 53.
/// </summary>
/// <param name="Steps">One for each time at which events happened, by time.</param>
public sealed record KaplanMeier(IReadOnlyList<SurvivalStep> Steps)
{
    /// <summary>Estimates S(t) = Π (1 - d/n), with Greenwood's variance and the interval on the scale log(-log S), which stays inside of 0 to 1.</summary>
    /// <param name="observed">For each run when it happened, or when the watching ended (censored, at the end of that time).</param>
    public static KaplanMeier Of(IReadOnlyCollection<(double Time, bool Happened)> observed)
    {
        var z = Normal.InvCDF(0, 1, 0.975);
        var (survival, greenwood, steps) = (1.0, 0.0, new List<SurvivalStep>());
        foreach (var time in observed.Where(o => o.Happened).Select(o => o.Time).Distinct().Order())
        {
            var (atRisk, events) = (observed.Count(o => o.Time >= time), observed.Count(o => o.Happened && o.Time == time));
            survival *= 1 - (double)events / atRisk;
            greenwood += events / ((double)atRisk * (atRisk - events));
            var spread = z * Math.Sqrt(greenwood) / Math.Log(survival);
            steps.Add(survival is <= 0 ? new(time, atRisk, events, 0, double.NaN, double.NaN)
                : new(time, atRisk, events, survival, Math.Pow(survival, Math.Exp(-spread)), Math.Pow(survival, Math.Exp(spread))));
        }
        return new(steps);
    }

    /// <summary>S(t): the share without the event after some time.</summary>
    public double At(double time) => Steps.LastOrDefault(step => step.Time <= time) is { AtRisk: > 0 } last ? last.Survival : 1;

    /// <summary>The first time at which half or fewer are left; null where more than half never had it while they were watched.</summary>
    public double? Median => Steps.FirstOrDefault(step => step.Survival <= 0.5) is { AtRisk: > 0 } first ? first.Time : null;
}
