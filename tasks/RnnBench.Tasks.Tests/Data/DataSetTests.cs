using RnnBench.Tasks.Data;

namespace RnnBench.Tasks.Tests.Data;

public class DataSetTests
{
    [Fact]
    public void The_table_is_complete()
    {
        Assert.Equal(DataSets.All.Count, DataSets.All.DistinctBy(s => s.Id).Count());
        Assert.All(DataSets.All, set =>
        {
            Assert.All(set.Addresses, a => Assert.StartsWith("http", a));
            Assert.NotEmpty(set.Mirrors);
            Assert.All(set.Mirrors, m => Assert.True(m.Sha256 is null or { Length: 64 } && (m.Convert is null || set.Files.Count == 1)));
            Assert.All(set.Files, f => Assert.True(f.HasHash || set.Mirrors.All(m => m.Sha256 is not null), $"{f.Name} can be checked by nothing but its counts"));
            Assert.All(set.Files.Where(f => f.Sha256 is not null), f => Assert.Matches("^[0-9a-f]{64}$", f.Sha256!));
        });
    }

    [Fact]
    public void The_state_names_what_is_missing()
    {
        var set = DataSets.PennTreebank;
        using var folder = new TemporaryFolder();
        Assert.Equal("missing", set.State(folder.Path).ToString());
        Assert.Equal("missing", set.State(Path.Combine(folder.Path, "nowhere")).ToString());

        folder.Write("ptb/ptb.train.txt.gz", [1]).Write("ptb/ptb.test.txt", [1]);
        Directory.CreateDirectory(Path.Combine(folder.Path, "ptb", "ptb.valid.txt"));
        Assert.Equal("incomplete: ptb.valid.txt missing", set.State(folder.Path).ToString());
        Assert.False(set.State(folder.Path).Complete);

        folder.Write("ptb/ptb.valid.txt.gz", [1]);
        Directory.Delete(Path.Combine(folder.Path, "ptb", "ptb.valid.txt"));
        Assert.Equal("found", set.State(folder.Path).ToString());
    }

    [Fact]
    public void Real_files_are_the_canonical_ones()
    {
        var folder = Support.RealData();
        foreach (var set in DataSets.All.Where(s => s.State(folder).Complete))
        {
            foreach (var file in set.Files)
                Assert.Equal((file.Name, file.Sha256), (file.Name, TextFile.Read(set.FolderIn(folder), file.Name).Sha256));
            Assert.InRange(set.Files.Sum(f => FileBytes.Read(set.FolderIn(folder), f.Name, FileBytes.ByteAfter).Content.Length) / 1e6, set.Megabytes - 0.06, set.Megabytes + 0.06);
        }
    }

    [Theory]
    [InlineData("/given", "/named", "/xdg", "/given")]
    [InlineData(null, "/named", "/xdg", "/named")]
    [InlineData(null, null, "/xdg", "/xdg/rnnbench/data")]
    [InlineData(null, "", "relative", "/home/me/.local/share/rnnbench/data")]
    [InlineData("", null, null, "/home/me/.local/share/rnnbench/data")]
    public void The_folder_is_what_was_given_then_named_then_the_users(string? given, string? named, string? xdg, string expected) =>
        Assert.Equal(expected, DataFolder.Resolve(given, name => name == "RNNBENCH_DATA" ? named : name == "XDG_DATA_HOME" ? xdg : null, "/home/me"));
}
