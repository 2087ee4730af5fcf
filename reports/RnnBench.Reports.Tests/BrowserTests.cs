using System.Diagnostics;
using RnnBench.Results;

namespace RnnBench.Reports.Tests;

/// <summary>The page in a headless Chromium: scripts run without errors, tables sort, plots are there with all of their letters, captions have room, nothing is wider than a phone.</summary>
public sealed class BrowserTests : IDisposable
{
    /// <summary>Runs after the page's own script and leaves what it finds as the page's title.</summary>
    const string Probe = """
        <script>
        const wrong = [];
        window.addEventListener("error", e => wrong.push(e.message));
        window.addEventListener("load", () => {
          const table = document.getElementById("table-verdicts");
          const names = () => Array.from(table.tBodies[0].rows).map(row => row.cells[0].textContent).join(",");
          const button = table.querySelector("thead button");
          button.click(); const up = names(); button.click(); const down = names();
          for (const details of document.querySelectorAll("details")) details.open = true;
          const cut = Array.from(document.querySelectorAll("figure svg.plot text")).filter(text => {
            const [inner, outer] = [text.getBoundingClientRect(), text.closest("svg").getBoundingClientRect()];
            return inner.width > 0 && (inner.right > outer.right + 1 || inner.left < outer.left - 1);
          }).map(text => text.textContent);
          const narrow = Array.from(document.querySelectorAll("caption")).filter(caption => caption.getBoundingClientRect().width < 250).length;
          document.title = JSON.stringify({ wrong, up, down, cut, narrow, plots: document.querySelectorAll("figure svg.plot[role=img]").length,
            empty: Array.from(document.querySelectorAll("figure svg.plot[role=img]")).filter(svg => svg.getBoundingClientRect().width < 100).length,
            tips: document.querySelectorAll("figure svg title").length, width: document.documentElement.scrollWidth, view: document.documentElement.clientWidth });
        });
        </script>
        """;

    readonly TestFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(1200)]
    [InlineData(360)]
    public void The_page_works_in_a_browser(int width)
    {
        var browser = new[] { Environment.GetEnvironmentVariable("CHROMIUM"), "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome" }.FirstOrDefault(File.Exists);
        Assert.SkipWhen(browser is null, "no Chromium on this machine; name one in CHROMIUM");
        using var store = StudySamples.Study(folder["x.db"], 3);
        var page = ReportWriter.Write(store, new RunFilter { Study = "gates" }, new ReportOptions { Title = "t", Folder = folder["out"], Formats = [ReportFormat.Html] })[0];
        var html = File.ReadAllText(page);
        File.WriteAllText(page, html.Insert(html.IndexOf("<title>", StringComparison.Ordinal), Probe));
        // A headless window is never narrower than 500; a frame of any width is.
        File.WriteAllText(folder["out/frame.html"], string.Create(System.Globalization.CultureInfo.InvariantCulture, $"""
            <!DOCTYPE html><iframe id="f" src="report.html" width="{width}" height="800" style="border:0"></iframe>
            <script>addEventListener("load", () => setTimeout(() => document.title = document.getElementById("f").contentDocument.title, 300))</script>
            """));
        var dom = Run(browser!, "--headless", "--no-sandbox", "--disable-gpu", "--allow-file-access-from-files", $"--user-data-dir={folder["profile"]}", "--virtual-time-budget=5000", "--dump-dom", $"file://{folder["out/frame.html"]}");
        var title = System.Net.WebUtility.HtmlDecode(System.Text.RegularExpressions.Regex.Match(dom, "<title>(.*?)</title>").Groups[1].Value);
        using var found = System.Text.Json.JsonDocument.Parse(title);
        var seen = found.RootElement;
        Assert.Equal(0, seen.GetProperty("wrong").GetArrayLength());
        var up = seen.GetProperty("up").GetString()!.Split(',');
        Assert.Equal(up.Order(StringComparer.Ordinal), up);
        Assert.Equal(up.Reverse(), seen.GetProperty("down").GetString()!.Split(','));
        Assert.InRange(seen.GetProperty("plots").GetInt32(), 10, 1000);
        Assert.Equal(0, seen.GetProperty("empty").GetInt32());
        Assert.Equal("", string.Join(", ", seen.GetProperty("cut").EnumerateArray().Select(text => text.GetString())));
        Assert.Equal(0, seen.GetProperty("narrow").GetInt32());
        Assert.InRange(seen.GetProperty("tips").GetInt32(), 100, 1_000_000);
        Assert.InRange(seen.GetProperty("width").GetInt32(), 1, width);
    }

    static string Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        var text = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.Equal((0, ""), (process.ExitCode, process.ExitCode == 0 ? "" : errors.Result));
        return text;
    }
}
