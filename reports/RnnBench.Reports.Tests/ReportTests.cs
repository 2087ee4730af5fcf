using System.Globalization;
using System.Xml.Linq;
using RnnBench.Reports.Documents;
using RnnBench.Reports.Formats;
using RnnBench.Results;

namespace RnnBench.Reports.Tests;

/// <summary>Whole reports from whole stores.</summary>
public sealed class ReportTests : IDisposable
{
    readonly TestFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Every_culture_writes_the_same_bytes()
    {
        using var store = Samples.Full(folder["x.db"]);
        var expected = Files(store, "invariant");
        Assert.All(Cultures.Names, culture => Assert.Equal(expected, Cultures.Under(culture, () => Files(store, culture))));
    }

    [Fact]
    public void The_page_is_well_formed_and_fetches_nothing()
    {
        using var store = Samples.Full(folder["x.db"]);
        var html = Files(store, "out")["report.html"];
        var page = XDocument.Parse(html);
        Assert.All(page.Descendants().Attributes("href"), href => Assert.StartsWith("#", href.Value, StringComparison.Ordinal));
        Assert.Empty(page.Descendants().Attributes("src"));
        foreach (var outside in new[] { "http:", "https:", "url(", "@import", "NaN" }) Assert.DoesNotContain(outside, html.Replace("loss was NaN", "", StringComparison.Ordinal), StringComparison.Ordinal);
        var ids = page.Descendants().Attributes("id").Select(id => id.Value).ToArray();
        Assert.Equal(ids.Length, ids.Distinct().Count());
        Assert.All(page.Descendants("a"), a => Assert.Contains(a.Attribute("href")!.Value[1..], ids));
        Assert.All(page.Descendants("svg").Where(svg => svg.Attribute("aria-hidden") is null), svg =>
            Assert.True(svg.Attribute("role")?.Value == "img" && svg.Attribute("aria-label")?.Value.Length > 10));
    }

    [Fact]
    public void Every_section_and_figure_is_there_and_has_its_data()
    {
        using var store = Samples.Full(folder["x.db"]);
        var document = ReportWriter.Build(store, new RunFilter { Study = "smoke" }, Options("out"));
        Assert.Equal(["summary", "results", "curves", "solving", "across", "speed", "memory", "gates", "gradients", "ledger", "made"], document.Sections.Select(section => section.Id));
        var files = Files(store, "out");
        var figures = document.Blocks.OfType<Figure>().ToArray();
        Assert.Equal(["learning-curves", "solving", "profiles", "step-time", "gate-ends", "gates-adding-t-50", "gates-copy-t-20", "gates-ptb", "gradient-lag"], figures.Select(figure => figure.Id));
        Assert.All(figures, figure =>
        {
            Assert.NotEmpty(figure.Data.Rows);
            Assert.True(files.ContainsKey($"tables/{figure.Data.Id}.csv"));
            Assert.Equal("svg", XDocument.Parse(files[$"figures/{figure.Id}.svg"]).Root!.Name.LocalName);
            Assert.DoesNotContain("var(", files[$"figures/{figure.Id}.svg"], StringComparison.Ordinal);
        });
    }

    [Fact]
    public void All_formats_give_the_same_numbers()
    {
        using var store = Samples.Full(folder["x.db"]);
        var document = ReportWriter.Build(store, new RunFilter(), Options("out"));
        var page = XDocument.Parse(Html.Write(document));
        var markdown = Markdown.Write(document);
        var latex = LatexDocument.Write(document).Replace(@"\allowbreak{}", "", StringComparison.Ordinal);
        foreach (var table in document.Blocks.OfType<Table>())
        {
            var expected = table.Shown.Rows.Select(row => row.Select(cell => cell.Text).ToArray()).ToArray();
            var html = page.Descendants("table").Single(t => t.Attribute("id")!.Value == $"table-{table.Id}").Element("tbody")!.Elements("tr");
            Assert.Equal(expected, html.Select(row => row.Elements().Select(cell => Plain(cell.Value)).ToArray()));
            foreach (var row in table.Shown.Rows.Where(row => row.Any(cell => cell is Number or Interval)))
            {
                Assert.Contains("| " + string.Join(" | ", row.Select(cell => Markdown.Escape(cell.ForReaders))) + " |", markdown, StringComparison.Ordinal);
                Assert.Contains(string.Join(" & ", row.Select(cell => LatexDocument.Escape(cell.ForReaders))) + @" \\", latex, StringComparison.Ordinal);
                Assert.All(row, cell => Assert.Equal(cell.Text, Plain(cell.ForReaders)));
            }
            var csv = CsvTable.Write(table).Split('\n');
            for (var k = 0; k < table.Rows.Count; k++)
                Assert.All(table.Rows[k].OfType<Interval>(), cell => Assert.Contains($",{cell.Mean.Plain},{cell.Low?.Plain},{cell.High?.Plain}", csv[k + 1], StringComparison.Ordinal));
        }
    }

    [Fact]
    public void A_study_has_its_own_sections_in_every_format()
    {
        using var store = StudySamples.Study(folder["s.db"], 8);
        var document = ReportWriter.Build(store, new RunFilter { Study = "gates" }, Options("out"));
        Assert.Equal(["summary", "verdicts", "results", "curves", "solving", "across", "tuning", "importance", "speed", "scaling", "memory", "gates", "saturation", "gradients", "made"], document.Sections.Select(s => s.Id));
        XDocument.Parse(Html.Write(document));
        var (markdown, latex) = (Markdown.Write(document), LatexDocument.Write(document));
        foreach (var row in document.Tables.Single(t => t.Id == "verdicts").Rows)
        {
            Assert.Contains(Markdown.Escape(row[2].Text), markdown, StringComparison.Ordinal);
            Assert.Contains(LatexDocument.Escape(row[2].Text), latex, StringComparison.Ordinal);
        }
        Assert.Contains(@"\newcommand{\verdictOutputIdle}{holds}", latex, StringComparison.Ordinal);
        Assert.Contains(@"\newcommand{\resultLstmAddingTFiveZero}{", latex, StringComparison.Ordinal);
        Assert.Contains("**holds**", markdown, StringComparison.Ordinal);
        Assert.Contains(@"\textbf{holds}", latex, StringComparison.Ordinal);
        foreach (var figure in document.Blocks.OfType<Figure>())
        {
            var svg = Plots.Drawing.File(figure);
            Assert.DoesNotContain("NaN", svg, StringComparison.Ordinal);
            Assert.DoesNotContain("var(", svg, StringComparison.Ordinal);
            XDocument.Parse(svg);
        }
        var ids = document.Tables.Select(t => t.Id).ToArray();
        Assert.Equal(ids.Length, ids.Distinct().Count());
    }

    [Fact]
    public void Results_say_what_the_store_says()
    {
        using var store = Samples.Full(folder["x.db"]);
        var document = ReportWriter.Build(store, new RunFilter(), Options("out"));
        var adding = document.Tables.Single(table => table.Id == "results-adding-t-50");
        var rnn = adding.Columns.Zip(adding.Rows.Single(row => row[0].Text == "rnn")).ToDictionary(c => c.First, c => c.Second.Text);
        Assert.Equal(("0 of 3", "0 [0, 56]", "2", "1 diverged", "> 4000", "17792"),
            (rnn["solved"], rnn["solved, %"], rnn["seeds"], rnn["other runs"], rnn["steps to solve, median"], rnn["parameters"]));
        var finals = store.Query("SELECT value FROM metrics JOIN runs ON run = key WHERE task = 'ptb' AND model LIKE 'lstm%' AND split = 'test' AND metric = 'loss'")["value"];
        var mean = Enumerable.Range(0, 3).Average(k => (double)finals[k]);
        var ptb = document.Tables.Single(table => table.Id == "results-ptb");
        var lstm = ptb.Rows.Single(row => row[0].Text == "lstm");
        Assert.Equal(mean, lstm[1].Order!.Value, 1e-12);
        Assert.Equal("perplexity", ptb.Columns[2]);
        Assert.Contains(document.Blocks.OfType<Note>(), note => note.Text.Contains("Too few seeds", StringComparison.Ordinal) && note.Text.Contains("needs 7", StringComparison.Ordinal));
    }

    [Fact]
    public void Speed_is_drawn_against_what_changes_and_as_a_share_of_the_limit()
    {
        using var store = Samples.Shapes(folder["x.db"]);
        var document = ReportWriter.Build(store, new RunFilter(), Options("out") with { Limit = (cpu, dtype, threads) => (cpu, dtype) == ("AMD EPYC 9555", "float32") ? 100.0 * threads : null });
        var section = document.Sections.Single(s => s.Id == "scaling");
        Assert.Equal(["adding, length 50, hidden size 32", "adding, batch 8, hidden size 32", "adding, batch 8, length 50"], section.Blocks.OfType<Figure>().First().Panels.Select(panel => panel.Title));
        var row = document.Tables.Single(t => t.Id == "scaling").Rows.Single(r => r[2].Text == "32");
        // 1000 tokens in 0.1 s, 3 passes of 2,000,000 FLOPs each; the limit of two threads is 200 GFLOP/s
        Assert.Equal(["adding", "gru", "32", "50", "32", "10000", "10000", "10000", "60.0", "30", "eager"], row.Select(cell => cell.Text));
        Assert.DoesNotContain(ReportWriter.Build(store, new RunFilter(), Options("out") with { Limit = (_, _, _) => null }).Blocks.OfType<Figure>(), figure => figure.Id == "limit");
        Assert.Equal(["42.0", "42.0", "42.0"], document.Tables.Single(t => t.Id == "memory").Rows.Single(r => r[1].Text == "gru(hidden=64)").Skip(2).Take(3).Select(cell => cell.Text));
    }

    [Fact]
    public void One_seed_has_no_interval_anywhere()
    {
        using var store = Samples.Full(folder["x.db"], seeds: 1);
        var document = ReportWriter.Build(store, new RunFilter(), Options("out"));
        var tables = document.Tables.Where(table => table.Id is "overview" or "results-ptb").ToArray();
        Assert.Equal(2, tables.Length);
        Assert.All(tables.SelectMany(table => table.Rows).SelectMany(row => row), cell => Assert.DoesNotContain("[", cell.Text, StringComparison.Ordinal));
        XDocument.Parse(Html.Write(document));
    }

    [Fact]
    public void An_empty_store_says_so()
    {
        using var store = ResultStore.Open(folder["empty.db"]);
        var files = Files(store, "out");
        Assert.Equal(["report.html", "report.md", "report.tex"], files.Keys);
        Assert.All(files.Values, text => Assert.Contains("No run in the store", text, StringComparison.Ordinal));
        XDocument.Parse(files["report.html"]);
    }

    [Fact]
    public void Hostile_names_stay_text_in_every_format()
    {
        using var store = Samples.Hostile(folder["x.db"]);
        var files = Files(store, "out");
        var page = XDocument.Parse(files["report.html"]);
        Assert.Single(page.Descendants("script"));
        Assert.Contains(page.Descendants("th"), th => th.Value.StartsWith("<script>alert(\"x\")</script>", StringComparison.Ordinal));
        Assert.All(files.Where(file => file.Key.EndsWith(".svg", StringComparison.Ordinal)), file => XDocument.Parse(file.Value));
        Assert.All(files.Where(file => file.Key.EndsWith(".csv", StringComparison.Ordinal)), file => Assert.DoesNotMatch(@"(^|,|\n)""?[=+@]", file.Value));
        Assert.DoesNotContain("<script>", files["report.md"], StringComparison.Ordinal);
        Assert.Single(files["report.tex"].Split(@"\end{document}").Skip(1));
        Assert.DoesNotContain('中', files["report.tex"]);
        foreach (var table in files["report.md"].Split("\n\n").Where(part => part.StartsWith("| ", StringComparison.Ordinal)))
            Assert.Single(table.TrimEnd().Split('\n').Select(row => row.Replace("\\|", "", StringComparison.Ordinal).Count(c => c == '|')).Distinct());
    }

    [Fact]
    public void A_folder_that_cannot_be_made_is_named()
    {
        File.WriteAllText(folder["taken"], "");
        using var store = ResultStore.Open(folder["empty.db"]);
        var error = Assert.Throws<Language.UserError>(() => ReportWriter.Write(store, new RunFilter(), Options("taken")));
        Assert.Contains("taken", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Equations_are_those_of_the_language_in_each_format()
    {
        using var store = Samples.Full(folder["x.db"]);
        var document = ReportWriter.Build(store, new RunFilter(), Options("out") with { Architectures = [Leaky.Entry("rnn"), Leaky.Entry("lstm")] });
        var folds = document.Sections.Single(section => section.Id == "equations").Blocks.OfType<Details>().ToArray();
        Assert.Equal("rnn, lstm: A leaky unit (nobody, <2026>)", Assert.Single(folds).Title);       // the same equations once; gru is unknown here
        var equations = Assert.IsType<Equations>(Assert.Single(folds[0].Blocks));
        Assert.Contains("a_t = σ(W_a x_t + b_a)", equations.Plain);
        Assert.Contains("a_t = σ(W_a x_t + b_a)", XDocument.Parse(Html.Write(document)).Descendants("pre").First().Value, StringComparison.Ordinal);
        Assert.Contains("a_t = σ(W_a x_t + b_a)", Markdown.Write(document), StringComparison.Ordinal);
        Assert.Contains($"\\[\n{equations.Latex}\n\\]", LatexDocument.Write(document), StringComparison.Ordinal);
    }

    sealed class Leaky : Language.Cell
    {
        readonly Language.State h = new();

        public static Language.Architecture Entry(string id) => new(id, _ => new Leaky()) { Title = "A leaky unit", Source = "nobody, <2026>", Family = "gated" };

        protected override void Equations(Language.Input x)
        {
            var a = Gate("a", σ(W * x[t] + b));
            h[t] = a * h[t - 1];
        }
    }

    ReportOptions Options(string name) => new() { Title = "A report", Folder = folder[name], Command = "rnnbench report --study smoke" };

    /// <summary>The files of a report by name, with their text.</summary>
    SortedDictionary<string, string> Files(ResultStore store, string name) => new(ReportWriter.Write(store, new RunFilter(), Options(name))
        .ToDictionary(file => Path.GetRelativePath(folder[name], file).Replace('\\', '/'), File.ReadAllText), StringComparer.Ordinal);

    static string Plain(string shown) => shown.Replace("\u202f", "", StringComparison.Ordinal).Replace('−', '-');
}
