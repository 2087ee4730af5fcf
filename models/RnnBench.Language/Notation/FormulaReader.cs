using System.Globalization;

namespace RnnBench.Language;

/// <summary>Reads <c>target=expression</c>: numbers, names, <c>h[t-1]</c>, + - * / (also ⊙), brackets, functions, <c>arg(g)</c>.</summary>
sealed class FormulaReader(string text)
{
    const int Longest = 500, Deepest = 50;
    int at, depth;

    /// <summary>The functions by the names that the canonical text uses.</summary>
    public static readonly IReadOnlyDictionary<string, Function> Functions = new Dictionary<string, Function>
    {
        ["sigmoid"] = Function.Sigmoid,
        ["tanh"] = Function.Tanh,
        ["relu"] = Function.Relu,
    };

    /// <summary>The function that stands for the operand of a node's outermost nonlinearity.</summary>
    public const string Argument = "arg";

    public static Rewriting Read(string text)
    {
        if (text.Length > Longest) throw new UserError($"[{NotationReader.Short(text)}]: a rewriting has at most {Longest} characters.");
        return new FormulaReader(text).Rewriting();
    }

    Rewriting Rewriting()
    {
        var target = Word("the name of a node or parameter");
        Demand('=');
        var by = Sum();
        return at == text.Length ? new Rewriting(target, by) : throw Expected("an operator or the end");
    }

    Formula Sum()
    {
        if (++depth > Deepest) throw new UserError($"[{NotationReader.Short(text)}]: brackets more than {Deepest} deep.");
        var sum = Term();
        while (true)
        {
            if (Take('+')) sum = new Formula.Binary(Operator.Add, sum, Term());
            else if (Take('-') || Take('−')) sum = new Formula.Binary(Operator.Subtract, sum, Term());
            else break;
        }
        depth--;
        return sum;
    }

    Formula Term()
    {
        if (Take('-') || Take('−')) return Negative();
        var term = Factor();
        while (true)
        {
            if (Take('*') || Take('⊙')) term = new Formula.Binary(Operator.Multiply, term, Factor());
            else if (Take('/')) term = new Formula.Binary(Operator.Divide, term, Factor());
            else return term;
        }
    }

    /// <summary>A minus before a term: part of a number, else the negative of the whole term, as in mathematics.</summary>
    Formula Negative()
    {
        if (++depth > Deepest) throw new UserError($"[{NotationReader.Short(text)}]: more than {Deepest} signs in a row.");
        var of = Term();
        depth--;
        return of is Formula.Number { Value: var value } ? new Formula.Number(0 - value) : new Formula.Minus(of);
    }

    Formula Factor()
    {
        if (Take('('))
        {
            var inside = Sum();
            Demand(')');
            return inside;
        }
        if (at < text.Length && (char.IsAsciiDigit(text[at]) || text[at] == '.')) return Number();
        var word = Word("a number, a name or \"(\"");
        if (Take('(')) return Call(word);
        return new Formula.Name(word, Take('[') ? Lag() : 0);
    }

    Formula.Call Call(string word)
    {
        var name = word == "σ" ? "sigmoid" : word;
        if (name != Argument && !Functions.ContainsKey(name))
            throw new UserError($"[{NotationReader.Short(text)}]: no function {word}; there are {string.Join(", ", Functions.Keys)} and {Argument}.");
        var of = Sum();
        Demand(')');
        return new Formula.Call(name, of);
    }

    int Lag()
    {
        if (Word("t, as in h[t-1]") != "t") throw Expected("t, as in h[t-1]");
        var lag = 0;
        if ((Take('-') || Take('−')) && (!int.TryParse(Digits(), NumberStyles.None, CultureInfo.InvariantCulture, out lag) || lag > 1000))
            throw Expected("a number of steps up to 1000, as in h[t-1]");
        Demand(']');
        return lag;
    }

    string Digits()
    {
        var start = at;
        while (at < text.Length && char.IsAsciiDigit(text[at])) at++;
        var digits = text[start..at];
        Space();
        return digits;
    }

    Formula.Number Number()
    {
        var start = at;
        while (at < text.Length && (char.IsAsciiDigit(text[at]) || text[at] == '.' || (text[at] is 'e' or 'E') && Exponent())) at++;
        if (!double.TryParse(text.AsSpan(start, at - start), NumberStyles.Float, CultureInfo.InvariantCulture, out var value) || !double.IsFinite(value))
            throw Expected("a number");
        Space();
        return new Formula.Number(value);
    }

    /// <summary>Whether an exponent starts here; steps over its sign.</summary>
    bool Exponent()
    {
        var sign = at + 1 < text.Length && text[at + 1] is '-' or '+' ? 1 : 0;
        if (at + 1 + sign >= text.Length || !char.IsAsciiDigit(text[at + 1 + sign])) return false;
        at += sign;
        return true;
    }

    string Word(string what)
    {
        Space();
        var start = at;
        if (at < text.Length && char.IsLetter(text[at]))
            while (at < text.Length && (char.IsLetterOrDigit(text[at]) || text[at] is '_' or '.')) at++;
        if (at == start) throw Expected(what);
        var word = text[start..at];
        Space();
        return word;
    }

    void Demand(char c)
    {
        if (!Take(c)) throw Expected($"\"{c}\"");
    }

    bool Take(char c)
    {
        Space();
        if (at == text.Length || text[at] != c) return false;
        at++;
        Space();
        return true;
    }

    void Space()
    {
        while (at < text.Length && text[at] == ' ') at++;
    }

    UserError Expected(string what) => new($"[{NotationReader.Short(text)}]: at position {at + 1} there should be {what}. It is written target=expression, as in f=1-i.");
}
