using System.Runtime.CompilerServices;
using RnnBench.Backends.Native;
using TorchSharp;

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
