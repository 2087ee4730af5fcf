using System.CommandLine;
using System.Globalization;
using RnnBench.Backends;
using RnnBench.Backends.Native;
using RnnBench.Harness;

namespace RnnBench.Cli.Commands;

/// <summary><c>verify</c>: forward and backward against reference cases.</summary>
sealed class VerifyCommand : CliCommand
{
    readonly Argument<FileInfo[]> files = new("FILE") { Arity = ArgumentArity.OneOrMore, Description = "Reference cases in the safetensors format: input, parameters, output, gradients." };
    readonly Option<string> backend = CommonOptions.Backend([Verification.Interpreter, .. Backend.Names]);
    readonly Option<string> dtype = CommonOptions.DType("float64");
    readonly Option<string> device = CommonOptions.Device("cpu");
    readonly Option<double?> tolerance = new("--tolerance") { HelpName = "X", Description = "The largest error that passes; else 1e-10 in float64 and 1e-4 in float32." };
    readonly Option<DirectoryInfo?> save = new("--save") { HelpName = "DIR", Description = "Write what was computed there, as CASE.out.safetensors." };
    readonly Option<bool> json = CommonOptions.Json();

    public VerifyCommand() : base("verify", "Run reference cases forward and backward and compare. An error is the largest difference over the largest element expected.")
    {
        Add(files);
        foreach (var option in new Option[] { backend, dtype, device, tolerance, save, json }) Add(option);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "rnnbench verify golden/lstm.safetensors                                  # float64, 1e-10",
        "rnnbench verify golden/rnn.safetensors golden/gru.safetensors --backend eager --dtype float32",
        "rnnbench verify golden/lstm.safetensors --save out                       # keep what was computed",
    ];

    protected override int Run(ParseResult parsed, Session session)
    {
        var catalogs = Wiring.Catalogs(session.Models);
        var request = new VerificationRequest
        {
            Backend = parsed.GetValue(backend)!,
            DType = parsed.GetValue(dtype)!,
            Device = CommonOptions.Resolved(parsed.GetValue(device)!),
            Tolerance = parsed.GetValue(tolerance),
            SaveFolder = parsed.GetValue(save)?.FullName,
        };
        Libtorch.Load();   // the interpreter leaves modules to eager
        VerificationResult[] results = [.. parsed.GetValue(files)!.Select(file => Verification.Run(catalogs, file.FullName, request))];
        if (parsed.GetValue(json)) JsonOut.Write(session.Output, results.Select(r => new { r.Case, r.Model, r.Path, dtype = r.DType, r.Tolerance, r.Passed, worst = r.Worst, errors = r.Errors }));
        else Print(session.Output, results);
        return results.All(r => r.Passed) ? ExitCode.Done : ExitCode.Failed;
    }

    static void Print(TextWriter output, VerificationResult[] results)
    {
        foreach (var result in results) Print(output, result);
        var worst = results.MaxBy(r => r.Worst.Error)!;
        output.WriteLine($"{results.Count(r => r.Passed)} of {results.Length} passed; worst {Number(worst.Worst.Error)} ({worst.Case}, {worst.Worst.Name})");
    }

    static void Print(TextWriter output, VerificationResult result)
    {
        output.WriteLine($"{(result.Passed ? "ok    " : "FAILED")}  {result.Case}: {result.Model}, {result.Path}, {result.DType}; worst {Number(result.Worst.Error)} ({result.Worst.Name}), tolerance {Number(result.Tolerance)}");
        foreach (var error in result.Errors)
            output.WriteLine($"        {Number(error.Error),9}  {error.Name}{(error.Error <= result.Tolerance ? "" : "  beyond the tolerance")}");
    }

    static string Number(double value) => value.ToString(value == 0 ? "0" : "0.0e+0", CultureInfo.InvariantCulture);
}
