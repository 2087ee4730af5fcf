using RnnBench.Backends.Native;
using RnnBench.Language;
using TorchSharp;

namespace RnnBench.Backends.Tests.Native;

public class LoadTests
{
    [Fact]
    public void A_tensor_can_be_made_and_differentiated()
    {
        var status = Libtorch.Load();
        Assert.Null(status.Problem);
        Assert.True(File.Exists(status.TorchSharpLibrary));
        Assert.True(File.Exists(Path.Combine(status.Folder!, "libtorch_cpu.so")));
        using var scope = torch.NewDisposeScope();
        var w = torch.tensor(new[] { 3.0 }, requires_grad: true);
        (w * w).sum().backward();
        Assert.Equal(6, w.grad!.item<double>());
    }

    [Fact]
    public void Later_calls_and_other_threads_get_what_the_first_found()
    {
        var found = new LibtorchStatus[8];
        Parallel.For(0, found.Length, k => found[k] = Libtorch.Load());
        Assert.All(found, status => Assert.Same(Libtorch.Load(), status));
    }

    [Fact]
    public void The_versions_are_those_of_the_build()
    {
        var status = Libtorch.Describe();
        Assert.Matches(@"^\d+\.\d+\.\d+$", status.ExpectedVersion);
        Assert.Equal(typeof(torch).Assembly.GetName().Version!.ToString(3), status.TorchSharpVersion);
        if (status.Source == "NuGet packages") Assert.Equal(status.ExpectedVersion, status.Version);
    }

    [Fact]
    public void Without_a_cuda_build_it_says_so()
    {
        var status = Libtorch.Describe();
        if (!File.Exists(Path.Combine(status.Folder!, "libtorch_cuda.so"))) Assert.Contains("without CUDA", status.WhyNoCuda);
        Assert.Equal(torch.cuda.is_available(), status.CudaAvailable);
    }

    [Fact]
    public void The_output_folder_holds_no_copy_of_libtorch()
    {
        var files = new DirectoryInfo(AppContext.BaseDirectory).GetFiles("*", SearchOption.AllDirectories);
        Assert.DoesNotContain(files, file => file.Name.StartsWith("libtorch", StringComparison.Ordinal));
        Assert.InRange(files.Sum(file => file.Length), 1, 15_000_000);   // TorchSharp, xunit and the project itself: about 9 MB
    }
}

public sealed class BrokenLibtorchTests : IDisposable
{
    readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("rnnbench-native-");
    static readonly Surroundings real = Surroundings.Here;

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public void A_chosen_folder_without_libtorch_is_named() =>
        AssertTwoLines(Fails(real with { Chosen = "/no/such/folder" }), "RNNBENCH_LIBTORCH", "/no/such/folder", "libtorch_cpu.so");

    [Fact]
    public void A_machine_without_any_libtorch_hears_where_it_was_sought()
    {
        File.WriteAllText(Path.Combine(folder.FullName, "libLibTorchSharp.so"), "");
        AssertTwoLines(Fails(new(null, folder.FullName, folder.FullName, folder.FullName)), folder.FullName, "dotnet restore", "RNNBENCH_LIBTORCH");
    }

    [Fact]
    public void Missing_bindings_are_named() =>
        AssertTwoLines(Fails(new(null, folder.FullName, folder.FullName, folder.FullName)), "libLibTorchSharp.so", folder.FullName);

    [Theory]
    [InlineData("")]
    [InlineData("this is no library, but it is long enough to have a header of sixty-four bytes")]
    public void A_file_that_is_no_library_is_named(string content)
    {
        File.WriteAllText(Path.Combine(folder.FullName, "libtorch_cpu.so"), content);
        AssertTwoLines(Fails(real with { Chosen = folder.FullName }), Path.Combine(folder.FullName, "libtorch_cpu.so"));
    }

    [Fact]
    public void A_truncated_library_is_refused_before_it_is_mapped()
    {
        var whole = File.ReadAllBytes(LibtorchFiles.Locate(real).TorchSharp);
        File.WriteAllBytes(Path.Combine(folder.FullName, "libtorch_cpu.so"), whole[..(whole.Length / 2)]);
        AssertTwoLines(Fails(real with { Chosen = folder.FullName }), "truncated");
    }

    [Fact]
    public void A_link_is_followed()
    {
        var link = Path.Combine(folder.FullName, "link.so");
        File.CreateSymbolicLink(link, LibtorchFiles.Locate(real).TorchSharp);
        using var elf = new Elf(link);
        Assert.Contains("libtorch_cpu.so", elf.Needed);
    }

    [Fact]
    public void A_folder_beside_the_program_is_found_and_its_version_read()
    {
        var lib = folder.CreateSubdirectory("libtorch/lib");
        File.WriteAllText(Path.Combine(lib.FullName, "libtorch_cpu.so"), "");
        File.WriteAllText(Path.Combine(folder.FullName, "libLibTorchSharp.so"), "");
        File.WriteAllText(Path.Combine(folder.FullName, "libtorch", "version.py"), "debug = False\n__version__ = '2.10.0+cu128'\n");
        var files = LibtorchFiles.Locate(new(null, Path.Combine(folder.FullName, "none"), folder.FullName, folder.FullName));
        Assert.Equal(("beside the program", lib.FullName, "2.10.0+cu128"), (files.Source, Path.GetFullPath(files.Folders[0]), files.Version));
    }

    [Fact]
    public void The_surroundings_follow_the_environment()
    {
        var variables = new Dictionary<string, string> { ["NUGET_PACKAGES"] = "/p", ["XDG_CACHE_HOME"] = "relative", ["RNNBENCH_LIBTORCH"] = " " };
        Assert.Equal(new(null, "/p", "/program", "/home/me/.cache/rnnbench"), Surroundings.From(variables.GetValueOrDefault, "/home/me", "/program"));
        variables = new() { ["XDG_CACHE_HOME"] = "/cache", ["RNNBENCH_LIBTORCH"] = "/torch/lib" };
        Assert.Equal(new("/torch/lib", "/home/me/.nuget/packages", "/program", "/cache/rnnbench"),
            Surroundings.From(variables.GetValueOrDefault, "/home/me", "/program"));
    }

    static string Fails(Surroundings here) => Assert.Throws<UserError>(() => Libtorch.Load(here)).Message;

    static void AssertTwoLines(string message, params string[] parts)
    {
        Assert.Equal(2, message.Split('\n').Length);
        Assert.All(parts, part => Assert.Contains(part, message));
        Assert.DoesNotContain("   at ", message);
    }
}
