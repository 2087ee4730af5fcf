using System.Runtime.CompilerServices;
using RnnBench.Backends.Native;

namespace RnnBench.Backends.Tests;

static class Start
{
    [ModuleInitializer]
    internal static void Load() => Libtorch.Load();
}
