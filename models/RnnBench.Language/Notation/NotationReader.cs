namespace RnnBench.Language;

/// <summary>Reads <c>id(key=value,...)[ablation]...</c> from left to right.</summary>
sealed class NotationReader(string text) : TextCursor(text)
{
    public Notation Read()
    {
        var id = Name("an id");
        var settings = new List<KeyValuePair<string, string>>();
        if (Take('(') && !Take(')'))
            do settings.Add(Setting()); while (!End(')', "\",\" or \")\""));
        var ablations = new List<string>();
        while (Take('[')) ablations.Add(Bracket());
        if (!AtEnd) throw Expected(settings.Count == 0 && ablations.Count == 0 ? "\"(\" or \"[\"" : "\"[\" or the end");
        return new Notation(id, settings, ablations);
    }

    /// <summary>A text as a message shows it: not too long, on one line.</summary>
    public static string Short(string text) => string.Concat((text.Length <= 80 ? text : text[..80] + "…").Select(c => char.IsControl(c) ? ' ' : c));

    KeyValuePair<string, string> Setting()
    {
        var key = Name("the name of a setting");
        if (!Take('=')) throw Expected($"\"=\" and the value of {key}");
        return KeyValuePair.Create(key, Take('[') ? $"[{List(key)}]" : Value(key));
    }

    string List(string key)
    {
        if (Take(']')) return "";
        var values = new List<string>();
        do values.Add(Value(key)); while (!End(']', "\",\" or \"]\""));
        return string.Join(",", values);
    }

    string Name(string what) => Run(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.', what);

    string Value(string key) => Run(c => c is not (',' or '(' or ')' or '[' or ']') && !char.IsControl(c), $"a value of {key}");

    string Run(Func<char, bool> belongs, string what)
    {
        Space();
        var run = TakeWhile(belongs).Trim();
        return run.Length > 0 ? run : throw Expected(what);
    }

    /// <summary>A rewriting up to its closing bracket; brackets inside it, as in <c>h[t-1]</c>, come in pairs.</summary>
    string Bracket()
    {
        var start = At;
        for (var depth = 1; !AtEnd; At++)
        {
            if (Next == '[') depth++;
            if (Next == ']' && --depth == 0) break;
        }
        if (AtEnd) throw Expected("\"]\"");
        var inside = Text[start..At++].Trim();
        if (inside.Length == 0) throw new UserError($"{Short(Text)}: at position {start + 1} stands an empty ablation; write one, such as [o=1].");
        Space();
        return inside;
    }

    bool End(char close, string what) => Take(close) || (Take(',') ? false : throw Expected(what));

    UserError Expected(string what) =>
        new($"{Short(Text)}: at position {At + 1} there should be {what}. It is written id(key=value,...)[ablation]..., as in lstm(hidden=128)[o=1].");
}
