using System.CommandLine;
using RnnBench.Backends;
using RnnBench.Backends.Native;

namespace RnnBench.Cli;

/// <summary>Options that several commands have. Each command gets its own object.</summary>
static class CommonOptions
{
    /// <summary>Where results go unless the user says otherwise: beside the user's work, made on first use.</summary>
    public const string DefaultDatabase = "runs/rnnbench.db";

    /// <summary>To make runs again that have ended.</summary>
    public static Option<bool> Force() => new("--force") { Description = "Make runs again that have ended." };

    public static Option<FileInfo> Database() => new("--db")
    {
        Description = "The SQLite file with the results; made on first use.",
        HelpName = "FILE",
        DefaultValueFactory = _ => new FileInfo(DefaultDatabase),
    };

    public static Option<DirectoryInfo?> Data() => new("--data")
    {
        Description = "The folder with the data sets (ptb/ ...); else RNNBENCH_DATA, else ~/.local/share/rnnbench/data.",
        HelpName = "DIR",
    };

    public static Option<bool> Json() => new("--json") { Description = "Print JSON on standard output; progress goes to standard error." };

    public static Option<string> Device(string @default = "auto")
    {
        var option = new Option<string>("--device") { Description = "auto takes CUDA where it can be used.", HelpName = "cpu|cuda|auto", DefaultValueFactory = _ => @default };
        option.AcceptOnlyFromAmong([.. Devices.Names]);
        return option;
    }

    /// <summary>The device that a name means here.</summary>
    public static string Resolved(string device) => device != "auto" ? device : Libtorch.Describe().CudaAvailable ? "cuda" : "cpu";

    public static Option<string> Backend(IEnumerable<string> names)
    {
        var option = new Option<string>("--backend") { Description = "auto takes the fastest that is right.", HelpName = string.Join('|', names), DefaultValueFactory = _ => Backends.Backend.Auto };
        option.AcceptOnlyFromAmong([.. names]);
        return option;
    }

    public static Option<string> DType(string @default)
    {
        var option = new Option<string>("--dtype") { Description = "The type of numbers.", HelpName = "float32|float64", DefaultValueFactory = _ => @default };
        option.AcceptOnlyFromAmong("float32", "float64");
        return option;
    }

    /// <summary>What to show of a model beside the work itself.</summary>
    public static Option<string?> Explain()
    {
        var option = new Option<string?>("--explain") { Description = "Print the compiled backend's plan and its kernels.", HelpName = "kernels" };
        option.AcceptOnlyFromAmong("kernels");
        return option;
    }
}
