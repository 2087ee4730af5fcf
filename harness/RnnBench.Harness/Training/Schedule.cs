using RnnBench.Language;

namespace RnnBench.Harness;

/// <summary>The learning rate of each step.</summary>
static class Schedule
{
    /// <summary>
    /// Full for <c>decay_after</c> epochs, then multiplied by <c>decay</c> for each further one (Zaremba et al. 2014), or once for each of the rule that
    /// was chosen: every so many steps, after certain epochs, on a plateau. A warm-up and a cosine (Loshchilov and Hutter 2017, eq. 5) lie over it.
    /// </summary>
    /// <param name="training">The training settings.</param>
    /// <param name="epoch">Whole epochs done before this step.</param>
    /// <param name="step">Steps done before this one.</param>
    /// <param name="steps">The steps of the whole run, for what goes by shares of it.</param>
    /// <param name="plateaus">How often validation has stopped to improve.</param>
    public static double Rate(Settings training, long epoch, long step, long steps = 0, int plateaus = 0)
    {
        var (full, floor) = (training.Real("learning_rate") * Math.Pow(training.Real("decay"), Decays(training, epoch, step, plateaus)), training.Real("rate_floor"));
        var rising = (long)Math.Round(training.Real("warmup") * steps);
        if (step < rising) return floor + (full - floor) * step / rising;
        return training.Choice("anneal") == "none" ? full : floor + (full - floor) * (1 + Math.Cos(Math.PI * (step - rising) / (steps - rising))) / 2;
    }

    static long Decays(Settings training, long epoch, long step, int plateaus) =>
        training.Integer("plateau") > 0 ? plateaus
        : training.Integer("decay_every") is > 0 and var every ? step / every
        : training.Integers("decay_at") is { Count: > 0 } at ? at.Count(after => after <= epoch)
        : Math.Max(0, epoch + 1 - training.Integer("decay_after"));
}
