using System.Globalization;

namespace RnnBench.Language;

/// <summary>Reads <c>target=expression</c>: numbers, names, <c>h[t-1]</c>, + - * / (also ⊙), brackets, functions, <c>arg(g)</c>.</summary>
sealed class FormulaReader(string text) : TextCursor(text)
{
    const int Longest = 500, Deepest = 50;
    int depth;

    /// <summary>The functions by the names that the canonical text uses.</summary>
    public static readonly IReadOnlyDictionary<string, Function> Functions = new Dictionary<string, Function>
    {
        ["sigmoid"] = Function.Sigmoid,
        ["tanh"] = Function.Tanh,
        ["relu"] = Function.Relu,
        ["exp"] = Function.Exp,
        ["softplus"] = Function.Softplus,
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
        return AtEnd ? new Rewriting(target, by) : throw Expected("an operator or the end");
    }

    Formula Sum()
    {
        if (++depth > Deepest) throw new UserError($"[{NotationReader.Short(Text)}]: brackets more than {Deepest} deep.");
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
        if (++depth > Deepest) throw new UserError($"[{NotationReader.Short(Text)}]: more than {Deepest} signs in a row.");
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
        if (char.IsAsciiDigit(Next) || Next == '.') return Number();
        var word = Word("a number, a name or \"(\"");
        if (Take('(')) return Call(word);
        return new Formula.Name(word, Take('[') ? Lag() : 0);
    }

    Formula.Call Call(string word)
    {
        var name = word == "σ" ? "sigmoid" : word;
        if (name != Argument && !Functions.ContainsKey(name))
            throw new UserError($"[{NotationReader.Short(Text)}]: no function {word}; there are {string.Join(", ", Functions.Keys)} and {Argument}.");
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

    string Digits() => TakeWhile(char.IsAsciiDigit);

    Formula.Number Number()
    {
        var start = At;
        while (char.IsAsciiDigit(Next) || Next == '.' || (Next is 'e' or 'E') && Exponent()) At++;
        if (!double.TryParse(Text.AsSpan(start, At - start), NumberStyles.Float, CultureInfo.InvariantCulture, out var value) || !double.IsFinite(value))
            throw Expected("a number");
        Space();
        return new Formula.Number(value);
    }

    /// <summary>Whether an exponent starts here; steps over its sign.</summary>
    bool Exponent()
    {
        var sign = At + 1 < Text.Length && Text[At + 1] is '-' or '+' ? 1 : 0;
        if (At + 1 + sign >= Text.Length || !char.IsAsciiDigit(Text[At + 1 + sign])) return false;
        At += sign;
        return true;
    }

    string Word(string what)
    {
        Space();
        return char.IsLetter(Next) ? TakeWhile(c => char.IsLetterOrDigit(c) || c is '_' or '.') : throw Expected(what);
    }

    void Demand(char c)
    {
        if (!Take(c)) throw Expected($"\"{c}\"");
    }

    UserError Expected(string what) => new($"[{NotationReader.Short(Text)}]: at position {At + 1} there should be {what}. It is written target=expression, as in f=1-i.");
}
