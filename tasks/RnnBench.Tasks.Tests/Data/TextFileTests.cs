using System.Text;
using RnnBench.Tasks.Data;

namespace RnnBench.Tasks.Tests.Data;

public class TextFileTests
{
    static string FailsOn(byte[] bytes, string name = "a.txt")
    {
        using var folder = new TemporaryFolder().Write(name, bytes);
        var message = Support.Fails(() => TextFile.Read(folder.Path, "a.txt").Lines().ToList());
        Assert.Contains(Path.Combine(folder.Path, name), message);
        return message;
    }

    [Theory]
    [InlineData("one\ntwo\r\nthree\n", "line 2 holds a carriage return")]
    [InlineData("one\ntwo", "line 2 is cut off")]
    [InlineData("\uFEFFone\n", "line 1 begins with a byte order mark")]
    [InlineData("one\n\nt\0wo\n", "line 3 holds a zero byte")]
    [InlineData("", "empty: line 1 is missing")]
    public void A_wrong_text_is_refused_with_its_line(string text, string expected) =>
        Assert.Contains(expected, FailsOn(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void Bytes_that_are_no_utf8_are_refused_with_their_line()
    {
        Assert.Contains("line 3 is not valid UTF-8", FailsOn([.. "one\ntwo\ncaf"u8, 0xE9, .. "\nfour\n"u8]));
        Assert.Contains("line 1 holds a zero byte", FailsOn([0xFF, 0xFE, .. Encoding.Unicode.GetBytes("one\n")]));
        Assert.Contains("line 1 holds a zero byte", FailsOn(Encoding.BigEndianUnicode.GetBytes("one\n")));
        Assert.Contains("line 1 is not valid UTF-8", FailsOn([0xC0, 0xAF, (byte)'\n']));   // an overlong form
    }

    [Fact]
    public void A_packed_file_cut_off_anywhere_is_noticed()
    {
        var packed = Support.Packed(string.Concat(Enumerable.Range(0, 60).Select(i => $" line {i * 7919 % 1000}\n")));
        Assert.Contains("empty", FailsOn([], "a.txt.gz"));
        Assert.Contains("not a gzip file", FailsOn(packed[..1], "a.txt.gz"));
        for (var length = 2; length < packed.Length; length++)
            Assert.Matches("cut off or damaged.* line [0-9]+", FailsOn(packed[..length], "a.txt.gz"));
        Assert.Contains("cut off or damaged", FailsOn([.. packed, 1, 2, 3], "a.txt.gz"));
    }

    [Fact]
    public void A_packed_file_with_a_changed_byte_is_noticed_or_reads_the_same()
    {
        var text = string.Concat(Enumerable.Range(0, 60).Select(i => $" line {i * 7919 % 1000}\n"));
        var packed = Support.Packed(text);
        using var folder = new TemporaryFolder();
        var harmless = 0;
        for (var i = 0; i < packed.Length; i++)
        {
            var changed = packed.ToArray();
            changed[i] ^= 0x10;
            folder.Write("a.txt.gz", changed);
            try
            {
                Assert.Equal(text, string.Concat(TextFile.Read(folder.Path, "a.txt").Lines().Select(l => l.Text + "\n")));
                harmless++;
            }
            catch (Language.UserError)
            {
            }
        }
        Assert.Equal(6, harmless);   // the header's time, flags for the compressor and operating system
    }

    [Fact]
    public void A_text_named_gz_and_an_empty_packed_text_are_refused()
    {
        Assert.Contains("not a gzip file", FailsOn("one\n"u8.ToArray(), "a.txt.gz"));
        Assert.Contains("empty when unpacked", FailsOn(Convert.FromHexString("1F8B080000000000000303000000000000000000"), "a.txt.gz"));
    }

    [Fact]
    public void A_missing_file_and_a_directory_in_its_place_are_refused()
    {
        using var folder = new TemporaryFolder();
        var message = Support.Fails(() => TextFile.Read(folder.Path, "a.txt"));
        Assert.Contains(Path.Combine(folder.Path, "a.txt") + " is missing", message);
        Assert.Contains("--data", message);

        Directory.CreateDirectory(Path.Combine(folder.Path, "a.txt"));
        Assert.Contains("is a directory", Support.Fails(() => TextFile.Read(folder.Path, "a.txt")));
    }

    [Fact]
    public void A_file_that_may_not_be_read_is_refused()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows() || Environment.IsPrivilegedProcess, "a privileged user may read every file");
        using var folder = new TemporaryFolder().Write("a.txt", "one\n");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(Path.Combine(folder.Path, "a.txt"), UnixFileMode.None);
        Assert.Contains("cannot be read", Support.Fails(() => TextFile.Read(folder.Path, "a.txt")));
    }

    [Fact]
    public void Plain_and_packed_read_the_same_and_plain_comes_first()
    {
        const string text = " one é\n\n  two \n";
        using var folder = new TemporaryFolder().Write("a.txt.gz", Support.Packed(text));
        var packed = TextFile.Read(folder.Path, "a.txt");
        Assert.Equal([(1, " one é"), (2, ""), (3, "  two ")], packed.Lines());

        folder.Write("a.txt", text);
        var plain = TextFile.Read(folder.Path, "a.txt");
        Assert.Equal(packed.Lines(), plain.Lines());
        Assert.Equal(packed.Sha256, plain.Sha256);
        Assert.EndsWith("a.txt", plain.Path);
        // printf ' one é\n\n  two \n' | sha256sum
        Assert.Equal("f9e3bc722f55ed37f0cf460b871b54f5757a4d93ee0473052441c3a634471a23", plain.Sha256);
    }
}
