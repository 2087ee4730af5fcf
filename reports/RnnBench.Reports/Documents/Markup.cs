using System.Globalization;
using System.Text;

namespace RnnBench.Reports.Documents;

/// <summary>Writes markup that is HTML and well-formed XML at once: every element is closed, every character escaped.</summary>
sealed class Markup
{
    readonly StringBuilder text = new();
    readonly Stack<string> open = new();

    /// <summary>Opens an element; attributes whose value is null are left out.</summary>
    public Markup Open(string tag, params (string Name, object? Value)[] attributes)
    {
        Tag(tag, attributes);
        text.Append('>');
        open.Push(tag);
        return this;
    }

    /// <summary>Closes the innermost element.</summary>
    public Markup Close()
    {
        text.Append("</").Append(open.Pop()).Append('>');
        return this;
    }

    /// <summary>An element without content, closed at once: for SVG and for HTML's void elements.</summary>
    public Markup Empty(string tag, params (string Name, object? Value)[] attributes)
    {
        Tag(tag, attributes);
        text.Append("/>");
        return this;
    }

    /// <summary>An element that holds text only.</summary>
    public Markup Element(string tag, string content, params (string Name, object? Value)[] attributes) => Open(tag, attributes).Text(content).Close();

    /// <summary>Text, escaped.</summary>
    public Markup Text(string content)
    {
        text.Append(Escape(content));
        return this;
    }

    /// <summary>Markup that another writer made.</summary>
    public Markup Raw(string markup)
    {
        text.Append(markup);
        return this;
    }

    /// <summary>A line break in the source, for those who read it.</summary>
    public Markup Line() => Raw("\n");

    /// <inheritdoc/>
    public override string ToString() => open.Count == 0 ? text.ToString() : throw new InvalidOperationException($"<{open.Peek()}> was not closed");

    void Tag(string tag, (string Name, object? Value)[] attributes)
    {
        text.Append('<').Append(tag);
        foreach (var (name, value) in attributes)
            if (value is not null) text.Append(' ').Append(name).Append("=\"").Append(Escape(Value(value))).Append('"');
    }

    static string Value(object value) => value switch
    {
        double x => Math.Round(x, 2).ToString("0.##", CultureInfo.InvariantCulture),
        IFormattable x => x.ToString(null, CultureInfo.InvariantCulture),
        _ => (string)value,
    };

    /// <summary>Escapes for text and attributes; characters that XML cannot carry become U+FFFD.</summary>
    internal static string Escape(string content)
    {
        var escaped = new StringBuilder(content.Length);
        foreach (var rune in content.EnumerateRunes())
            escaped.Append(rune.Value switch
            {
                '&' => "&amp;",
                '<' => "&lt;",
                '>' => "&gt;",
                '"' => "&quot;",
                '\n' or '\t' => rune.ToString(),
                < 0x20 or (>= 0x7f and <= 0x9f) or 0xfffe or 0xffff => "\ufffd",
                _ => rune.ToString(),
            });
        return escaped.ToString();
    }
}
