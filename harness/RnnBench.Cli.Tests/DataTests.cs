using System.Text.Json;
using RnnBench.Tasks.Data;

namespace RnnBench.Cli.Tests;

/// <summary>The command <c>data</c>, without a network.</summary>
public sealed class DataTests
{
    static string Data(params string[] args) => Call.Of(["data", .. args]).Ends(ExitCode.Done).Output;

    [Fact]
    public void The_list_says_what_there_is_how_large_under_which_terms_and_from_where()
    {
        using var folder = new Folder();
        var said = Data("list", "--data", folder["data"]);
        Assert.All(DataSets.All, set =>
        {
            Assert.Contains($"{set.Id}: {set.Title}\n  missing in {Path.Combine(folder["data"], set.Folder)}\n", said);
            Assert.Contains($"  terms: {set.Licence}\n", said);
            Assert.All(set.Addresses, address => Assert.Contains(address, said));
        });
        Assert.DoesNotContain("{0}", said);
        Assert.Equal(2, said.Split("no hashes of these files are published").Length - 1);          // of the two sets of word vectors
        Assert.False(Directory.Exists(folder["data"]));
    }

    [Fact]
    public void The_list_as_JSON_holds_the_same()
    {
        using var folder = new Folder();
        using var json = JsonDocument.Parse(Data("list", "--json", "--data", folder["data"]));
        Assert.Equal(folder["data"], json.RootElement.GetProperty("folder").GetString());
        Assert.Equal(DataSets.All.Select(s => s.Id), json.RootElement.GetProperty("sets").EnumerateArray().Select(s => s.GetProperty("id").GetString()));
    }

    [Fact]
    public void A_named_set_of_which_something_is_missing_fails_the_check()
    {
        using var folder = new Folder();
        Assert.Contains("nothing to check", Data("check", "--data", folder["data"]));
        var call = Call.Of("data", "check", "sst", "--data", folder["data"]);
        Assert.Contains("sst/dev.txt: MISSING", call.Ends(ExitCode.Failed).Output);
    }

    [Fact]
    public void A_check_says_why_a_file_is_another_and_what_else_of_its_set_is_missing()
    {
        using var folder = new Folder();
        Directory.CreateDirectory(folder["data/sst/test.txt"]);
        File.WriteAllText(folder["data/sst/dev.txt"], "(1 a)\n");
        var said = Call.Of("data", "check", "--data", folder["data"]).Ends(ExitCode.Failed).Output;
        Assert.Matches(@"^sst/dev.txt: WRONG: has the SHA-256 .*: has 1 trees, not 1,101 trees\nsst/test.txt: WRONG: .* is a directory .*\nsst/train.txt: missing\n$", said);
    }

    [Theory]
    [InlineData("get", "give the data set, such as: rnnbench data get wikitext-2.")]
    [InlineData("get nosuch", "there is no data set nosuch; there are ptb, ")]
    [InlineData("import", "give the file or folder to import, such as: rnnbench data import ~/downloads.")]
    [InlineData("import {dir}/nosuch", "{dir}/nosuch: there is no such file or folder.")]
    [InlineData("import {dir}/note.txt", "{dir}/note.txt: nothing here holds what a data set was published with.")]
    [InlineData("import {dir}/empty.zip", "{dir}/empty.zip is damaged or cannot be read")]
    [InlineData("check nosuch", "there is no data set nosuch")]
    public void What_cannot_be_done_is_said_in_a_line_or_two(string line, string says)
    {
        using var folder = new Folder();
        File.WriteAllText(folder["note.txt"], "a note\n");
        File.WriteAllBytes(folder["empty.zip"], []);
        folder.Refuses($"data {line} --data {{dir}}/data", says);
    }

    [Fact]
    public void A_damaged_form_of_a_set_is_named_with_its_byte_and_leaves_nothing_but_the_lock()
    {
        using var folder = new Folder();
        File.WriteAllText(folder["JSB_Chorales.mat"], "no matrix");
        var error = Call.Of("data", "import", folder["JSB_Chorales.mat"], "--data", folder["data"]).Ends(ExitCode.BadInput).Error;
        Assert.Contains("JSB_Chorales.mat: it is damaged or of another form: byte 126", error);
        Assert.Equal(["JSB_Chorales.mat", "data", "data/music", "data/music/.lock"], folder.Files);
    }
}
