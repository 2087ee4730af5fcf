namespace RnnBench.Language;

/// <summary>
/// Something a user can mend: an unknown name, a wrong setting, a broken file. The message is one or two lines that say what is wrong,
/// where, and what to do; the program prints it without a stack trace and ends with exit code 2.
/// </summary>
public class UserError : Exception
{
    /// <param name="message">What is wrong, where (file, line, key), and what to do.</param>
    public UserError(string message) : base(message) { }

    /// <param name="message">What is wrong, where (file, line, key), and what to do.</param>
    /// <param name="cause">What was caught, for <c>--debug</c>.</param>
    public UserError(string message, Exception cause) : base(message, cause) { }
}
