namespace RnnBench.Cli;

/// <summary>What the program says to the shell.</summary>
static class ExitCode
{
    /// <summary>All went well.</summary>
    public const int Done = 0;
    /// <summary>A comparison or a verification failed, or <c>doctor</c> found a problem.</summary>
    public const int Failed = 1;
    /// <summary>Bad usage or bad input.</summary>
    public const int BadInput = 2;
    /// <summary>A run diverged or died.</summary>
    public const int Died = 3;
    /// <summary>Stopped by the user: 128 + SIGINT, as shells count.</summary>
    public const int Interrupted = 130;
}
