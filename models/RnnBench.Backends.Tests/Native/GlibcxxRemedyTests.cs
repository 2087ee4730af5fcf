using System.Security.Cryptography;
using System.Text;
using RnnBench.Backends.Native;
using RnnBench.Language;

namespace RnnBench.Backends.Tests.Native;

/// <summary>On the real library of TorchSharp, and on a copy of the system's libstdc++ that lacks GLIBCXX_3.4.32 whatever the system.</summary>
public sealed class GlibcxxRemedyTests : IDisposable
{
    const string Newest = "GLIBCXX_3.4.32";
    static readonly string original = LibtorchFiles.Locate(Surroundings.Here).TorchSharp;
    static readonly string libstdcxx = Libtorch.Load().Libstdcxx!;
    readonly DirectoryInfo cache = Directory.CreateTempSubdirectory("rnnbench-cache-"), system = Directory.CreateTempSubdirectory("rnnbench-system-");
    readonly string old;

    public GlibcxxRemedyTests()
    {
        old = Path.Combine(system.FullName, "libstdc++.so.6");
        var bytes = File.ReadAllBytes(libstdcxx);
        if (bytes.AsSpan().IndexOf(Encoding.ASCII.GetBytes(Newest + "\0")) is >= 0 and var at) bytes[at] = (byte)'X';
        File.WriteAllBytes(old, bytes);
    }

    public void Dispose()
    {
        cache.Delete(recursive: true);
        system.Delete(recursive: true);
    }

    [Fact]
    public void Needed_libraries_and_versions_are_read()
    {
        using var elf = new Elf(original);
        Assert.Contains("libtorch_cpu.so", elf.Needed);
        Assert.Contains(elf.NeededVersions, need => need is { Library: "libstdc++.so.6", Version: Newest });
        Assert.Contains(elf.NeededVersions, need => need is { Library: "libc.so.6", Version: "GLIBC_2.34" });
        Assert.Equal(["_ZSt21ios_base_library_initv"], elf.SymbolsOf(elf.NeededVersions.Single(need => need.Version == Newest)));
        using var defining = new Elf(libstdcxx);
        Assert.Contains("GLIBCXX_3.4.21", defining.DefinedVersions);
    }

    [Fact]
    public void The_copy_differs_from_the_original_in_the_weak_flag_only_and_is_named_for_its_hash()
    {
        var remedy = Remedy();
        Assert.Equal([Newest], remedy.Missing);
        var (before, after) = (File.ReadAllBytes(original), File.ReadAllBytes(remedy.Library));
        Assert.Equal(cache.FullName, Path.GetDirectoryName(remedy.Library));
        Assert.Contains(Convert.ToHexStringLower(SHA256.HashData(before))[..16], remedy.Library);
        var changed = Enumerable.Range(0, before.Length).Where(k => before[k] != after[k]).ToArray();
        Assert.Equal((before.Length, 1), (after.Length, changed.Length));
        Assert.Equal(before[changed[0]] | 2, after[changed[0]]);
        using var elf = new Elf(original);
        Assert.Equal(elf.NeededVersions.Single(need => need.Version == Newest).FlagsOffset, changed[0]);
    }

    [Fact]
    public void A_damaged_copy_is_written_again()
    {
        var remedy = Remedy();
        var whole = File.ReadAllBytes(remedy.Library);
        File.WriteAllBytes(remedy.Library, [.. whole[..1000], .. new byte[whole.Length - 1000]]);
        Assert.Equal(remedy.Library, Remedy().Library);
        Assert.Equal(whole, File.ReadAllBytes(remedy.Library));
        File.WriteAllBytes(remedy.Library, whole[..100]);
        Remedy();
        Assert.Equal(whole, File.ReadAllBytes(remedy.Library));
    }

    [Fact]
    public void Many_at_once_end_with_one_whole_copy()
    {
        Parallel.For(0, 8, _ => Remedy());
        using var elf = new Elf(Assert.Single(cache.GetFiles()).FullName);
        Assert.Contains("libtorch_cpu.so", elf.Needed);
    }

    [Fact]
    public void Where_nothing_is_missing_the_original_is_loaded()
    {
        // libtorch's own core needs nothing newer than what the loaded libstdc++ has, or it would not be loaded.
        var core = Path.Combine(Libtorch.Load().Folder!, "libc10.so");
        var remedy = GlibcxxRemedy.For(core, libstdcxx, cache.FullName);
        Assert.False(remedy.InUse);
        Assert.Equal(core, remedy.Library);
        Assert.Empty(cache.GetFiles());
    }

    [Fact]
    public void A_system_that_lacks_more_than_the_marker_is_refused()
    {
        // libc10 stands in for a libstdc++ that defines no version.
        var bare = Path.Combine(Libtorch.Load().Folder!, "libc10.so");
        var message = Assert.Throws<UserError>(() => GlibcxxRemedy.For(original, bare, cache.FullName)).Message;
        Assert.Equal(2, message.Split('\n').Length);
        Assert.Contains("too old", message);
        Assert.Contains("GLIBCXX_3.4.30", message);
    }

    [Fact]
    public void A_cache_folder_that_cannot_be_written_is_named()
    {
        var file = Path.Combine(cache.FullName, "file");
        File.WriteAllText(file, "");
        var message = Assert.Throws<UserError>(() => GlibcxxRemedy.For(original, old, Path.Combine(file, "below"))).Message;
        Assert.Equal(2, message.Split('\n').Length);
        Assert.Contains("XDG_CACHE_HOME", message);
    }

    GlibcxxRemedy Remedy() => GlibcxxRemedy.For(original, old, cache.FullName);
}
