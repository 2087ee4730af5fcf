using System.Runtime.CompilerServices;
using RnnBench.Backends.Native;
using TorchSharp;

// Tensors are counted for the whole process, and so are torch's threads.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]

namespace RnnBench.Harness.Tests;

static class Start
{
    [ModuleInitializer]
    internal static void Load()
    {
        Libtorch.Load();
        torch.set_num_threads(1);
    }
}
