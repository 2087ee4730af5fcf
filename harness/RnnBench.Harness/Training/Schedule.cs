using RnnBench.Language;

namespace RnnBench.Harness;

/// <summary>The learning rate of each epoch.</summary>
static class Schedule
{
    /// <summary>Full for <c>decay_after</c> epochs, then multiplied by <c>decay</c> for each further one (Zaremba et al. 2014).</summary>
    /// <param name="training">The training settings.</param>
    /// <param name="epoch">Whole epochs done before this step.</param>
    public static double Rate(Settings training, long epoch) =>
        training.Real("learning_rate") * Math.Pow(training.Real("decay"), Math.Max(0, epoch + 1 - training.Integer("decay_after")));
}
