namespace RnnBench.Reports.Plots;

/// <summary>
/// The colours of figures. A figure says only classes; a report page gives them colours by CSS variables that follow the reader's light or
/// dark setting, and a figure file carries the light ones.
/// </summary>
static class Theme
{
    /// <summary>
    /// The palette of Okabe and Ito 2008, which readers with any kind of colour vision can tell apart, for light and dark ground: orange and
    /// yellow are darkened for white paper, blue is lightened for black.
    /// </summary>
    public static IReadOnlyList<(string Light, string Dark)> Palette { get; } =
    [
        ("#0072b2", "#56a8e0"),
        ("#d55e00", "#ff8a3d"),
        ("#009e73", "#2ccb9c"),
        ("#a8489a", "#e39bd2"),
        ("#b07d00", "#e6b73a"),
        ("#2b9fd9", "#8ed2f7"),
        ("#5f5f5f", "#b8b8b8"),
    ];

    /// <summary>Line patterns, so that a line is known without its colour too.</summary>
    public static IReadOnlyList<string> Dashes { get; } = ["", "7 2.5", "2 2", "8 2 2 2", "12 3", "5 2 2 2 2 2"];

    /// <summary>Names of the colours that are no series, light and dark.</summary>
    static readonly (string Name, string Light, string Dark)[] Ground =
    [
        ("paper", "#ffffff", "#14171b"), ("ink", "#1d2126", "#e8e9ea"), ("soft", "#5a626c", "#a3abb5"), ("rule", "#d5d9de", "#343a42"),
        ("faint", "#eceef1", "#23282e"), ("panel", "#f7f8f9", "#1a1e23"), ("link", "#00568a", "#7cc0f2"),
    ];

    /// <summary>The CSS variables of a page, for light or dark.</summary>
    public static string Variables(bool dark) => string.Concat(
        Ground.Select(g => $"--{g.Name}:{(dark ? g.Dark : g.Light)};").Concat(Palette.Select((p, k) => $"--c{k}:{(dark ? p.Dark : p.Light)};")));

    /// <summary>The style sheet of figures, its colours as variables.</summary>
    public static string FigureStyle { get; } = """
        .plot text{font:11px system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;fill:var(--soft)}
        .plot .title{font-size:12.5px;font-weight:600;fill:var(--ink)}
        .plot .tick{font-variant-numeric:tabular-nums}
        .plot .grid{stroke:var(--rule);stroke-width:1}
        .plot .minor{stroke:var(--faint);stroke-width:1}
        .plot .axis{stroke:var(--soft);stroke-width:1}
        .plot .reference{stroke:var(--soft);stroke-width:1;stroke-dasharray:3 3}
        .plot .halo{paint-order:stroke;stroke:var(--paper);stroke-width:3px;stroke-linejoin:round}
        .plot .line{fill:none;stroke-width:1.8;stroke-linejoin:round;stroke-linecap:butt}
        .plot .thin{stroke-width:1;opacity:.75}
        .plot .band{stroke:none;opacity:.17}
        .plot .dot{opacity:0;stroke:none}
        .plot .dot:hover{opacity:1}
        .plot .bar{stroke:none;opacity:.62}
        .plot .end{stroke-width:1.8;fill:none}
        .plot .mark{stroke:none}
        .plot .open{fill:var(--paper);stroke-width:1.8}
        .plot .margin{fill:var(--rule);opacity:.45}
        .plot .cell{fill:var(--faint)}
        .plot .value{fill:var(--ink);font-variant-numeric:tabular-nums}
        .plot .point{stroke:none;opacity:.5}
        .plot .point:hover{opacity:1}

        """ + string.Concat(Palette.Select((_, k) => $".plot .s{k}{{stroke:var(--c{k})}}.plot .f{k}{{fill:var(--c{k})}}\n"));

    /// <summary>The style sheet of a figure file: the same with the light colours in place of the variables, for programs that know none.</summary>
    public static string FileStyle { get; } = Ground.Select(g => (g.Name, g.Light)).Concat(Palette.Select((p, k) => (Name: $"c{k}", p.Light)))
        .Aggregate(FigureStyle, (style, colour) => style.Replace($"var(--{colour.Name})", colour.Light, StringComparison.Ordinal));

    /// <summary>The class of a series' stroke.</summary>
    public static string Stroke(int series) => $"s{series % Palette.Count}";
    /// <summary>The class of a series' area.</summary>
    public static string Fill(int series) => $"f{series % Palette.Count}";
    /// <summary>The dash pattern of a series, or null for a full line.</summary>
    public static string? Dash(int series) => Dashes[series % Dashes.Count] is { Length: > 0 } dash ? dash : null;
}
