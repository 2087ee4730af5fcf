namespace RnnBench.Cli.Doctor;

/// <summary>How a check went.</summary>
enum State
{
    /// <summary>As it should be.</summary>
    Ok,
    /// <summary>Works, but worth knowing.</summary>
    Note,
    /// <summary>Something will not work.</summary>
    Problem,
}

/// <summary>What one check found.</summary>
/// <param name="State">How it went.</param>
/// <param name="Text">What there is.</param>
/// <param name="Advice">What to do, where there is something to do.</param>
sealed record Finding(State State, string Text, string? Advice = null)
{
    public static Finding Ok(string text) => new(State.Ok, text);
    public static Finding Note(string text, string? advice = null) => new(State.Note, text, advice);
    public static Finding Problem(string text, string advice) => new(State.Problem, text, advice);
}
