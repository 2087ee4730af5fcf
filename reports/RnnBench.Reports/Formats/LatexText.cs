using System.Globalization;
using System.Text;

namespace RnnBench.Reports.Formats;

/// <summary>Any text as LaTeX that pdflatex accepts: what it has no letter for is written as its code point.</summary>
static class LatexText
{
    /// <summary>Letters that the T1 encoding has beyond those of Latin-1.</summary>
    const string Letters = "ĂăĄąĆćČčĎďĐđĘęĚěĞğİıĹĺĽľŁłŃńŇňŐőŔŕŘřŚśŞşŠšŢţŤťŮůŰűŸŹźŻżŽž–—‘’“”…";

    const int LongWord = 12;

    static readonly Dictionary<int, string> Commands = new()
    {
        ['\\'] = @"\textbackslash{}", ['{'] = @"\{", ['}'] = @"\}", ['$'] = @"\$", ['&'] = @"\&", ['#'] = @"\#", ['%'] = @"\%", ['_'] = @"\_",
        ['^'] = @"\textasciicircum{}", ['~'] = @"\textasciitilde{}", ['<'] = @"\textless{}", ['>'] = @"\textgreater{}", ['|'] = @"\textbar{}",
        ['"'] = @"\textquotedbl{}", ['\''] = @"\textquotesingle{}", ['`'] = @"\textasciigrave{}", ['-'] = "-{}",
        ['\n'] = " ", ['\r'] = " ", ['\t'] = " ", ['\u00a0'] = "~", ['\u202f'] = @"\,", ['\u2009'] = @"\,", ['−'] = "$-$", ['×'] = @"$\times$", ['·'] = @"$\cdot$",
        ['±'] = @"$\pm$", ['≤'] = @"$\leq$", ['≥'] = @"$\geq$", ['≠'] = @"$\neq$", ['≈'] = @"$\approx$", ['→'] = @"$\rightarrow$", ['∞'] = @"$\infty$", ['⊙'] = @"$\odot$",
        ['½'] = @"$\tfrac12$", ['µ'] = @"\textmu{}", ['²'] = "$^2$", ['³'] = "$^3$",
        ['α'] = @"$\alpha$", ['β'] = @"$\beta$", ['γ'] = @"$\gamma$", ['δ'] = @"$\delta$", ['ε'] = @"$\varepsilon$", ['θ'] = @"$\theta$", ['λ'] = @"$\lambda$",
        ['μ'] = @"$\mu$", ['ρ'] = @"$\rho$", ['σ'] = @"$\sigma$", ['τ'] = @"$\tau$", ['φ'] = @"$\varphi$", ['ω'] = @"$\omega$",
    };

    /// <summary>The same with places at which a line may be broken: after the joints of a notation, and in what is long without any.</summary>
    public static string Breakable(string content)
    {
        var (broken, since) = (new StringBuilder(content.Length), 0);
        foreach (var rune in content.EnumerateRunes())
        {
            if (rune.Value == '[' && broken.Length > 0) broken.Append("\\allowbreak{}");
            broken.Append(Escape(rune.ToString()));
            since = Rune.IsLetterOrDigit(rune) ? since + 1 : 0;
            if (rune.Value is '(' or ',' or '_' or '=' or '.' or '/' or ':' || since == LongWord) broken.Append("\\allowbreak{}");
            if (since == LongWord) since = 0;
        }
        return broken.ToString();
    }

    public static string Escape(string content)
    {
        var escaped = new StringBuilder(content.Length);
        foreach (var rune in content.EnumerateRunes())
            escaped.Append(Commands.TryGetValue(rune.Value, out var command) ? command
                : rune.Value is >= 0x20 and < 0x7f or >= 0xc0 and <= 0xff || Letters.Contains(rune.ToString(), StringComparison.Ordinal) ? rune.ToString()
                : string.Create(CultureInfo.InvariantCulture, $"[U+{rune.Value:X4}]"));
        return escaped.ToString();
    }
}
