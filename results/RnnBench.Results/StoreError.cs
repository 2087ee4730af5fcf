namespace RnnBench.Results;

/// <summary>The store cannot be used: no database, read-only, made by a newer version, full disk. The message says what to do.</summary>
public sealed class StoreError : Exception
{
    /// <param name="message">What is wrong, which file, what to do.</param>
    /// <param name="cause">What was caught.</param>
    public StoreError(string message, Exception? cause = null) : base(message, cause) { }
}
