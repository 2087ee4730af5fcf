using System.Runtime.CompilerServices;
using RnnBench.Backends.Native;

namespace RnnBench.Architectures.Tests;

static class Start
{
    [ModuleInitializer]
    internal static void Load() => Libtorch.Load();
}
