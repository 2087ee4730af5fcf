using RnnBench.Language;

namespace RnnBench.Harness;

/// <summary>The learning rate of each step.</summary>
static class Schedule
{
    /// <summary>
    /// Full for <c>decay_after</c> epochs, then multiplied by <c>decay</c> for each further one (Zaremba et al. 2014); with <c>decay_every</c> multiplied
    /// once for each so many steps done.
    /// </summary>
    /// <param name="training">The training settings.</param>
    /// <param name="epoch">Whole epochs done before this step.</param>
    /// <param name="step">Steps done before this one.</param>
    public static double Rate(Settings training, long epoch, long step) => training.Real("learning_rate") * Math.Pow(training.Real("decay"),
        training.Integer("decay_every") is > 0 and var every ? step / every : Math.Max(0, epoch + 1 - training.Integer("decay_after")));
}
