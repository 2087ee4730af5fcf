namespace RnnBench.Language;

/// <summary>A place in a text that is read from left to right; spaces between signs do not count.</summary>
abstract class TextCursor(string text)
{
    /// <summary>The whole text.</summary>
    protected string Text { get; } = text;
    /// <summary>The place of the next character.</summary>
    protected int At { get; set; }
    /// <summary>Whether all has been read.</summary>
    protected bool AtEnd => At == Text.Length;
    /// <summary>The next character; '\0' at the end.</summary>
    protected char Next => AtEnd ? '\0' : Text[At];

    /// <summary>Takes a sign, if it is the next one.</summary>
    protected bool Take(char sign)
    {
        Space();
        if (AtEnd || Next != sign) return false;
        At++;
        Space();
        return true;
    }

    /// <summary>The longest run of characters that belong, and the spaces after it.</summary>
    protected string TakeWhile(Func<char, bool> belongs)
    {
        var start = At;
        while (!AtEnd && belongs(Next)) At++;
        var run = Text[start..At];
        Space();
        return run;
    }

    /// <summary>Steps over spaces.</summary>
    protected void Space()
    {
        while (Next == ' ') At++;
    }
}
