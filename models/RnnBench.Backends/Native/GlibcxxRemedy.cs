using System.Security.Cryptography;
using RnnBench.Language;

namespace RnnBench.Backends.Native;

/// <summary>
/// TorchSharp's library asks for GLIBCXX_3.4.32 (GCC 13), which Debian 12 and Ubuntu 22.04 lack, for the sake of one link marker that
/// is never called. Where a version is missing for that reason alone, a copy of the library in the user's cache folder has it marked
/// as weak, so that the loader accepts its absence.
/// </summary>
/// <param name="Library">What to load: the original, or the copy.</param>
/// <param name="Missing">The versions that the system's libstdc++ lacks.</param>
sealed record GlibcxxRemedy(string Library, IReadOnlyList<string> Missing)
{
    const string Marker = "_ZSt21ios_base_library_initv";   // std::ios_base_library_init(): pulls in the object that sets up cout
    const byte Weak = 2;                                    // VER_FLG_WEAK
    const string Libstdcxx = "libstdc++.so.6";

    /// <summary>Whether a copy stands in for the original.</summary>
    public bool InUse => Missing.Count > 0;

    /// <summary>Makes a library loadable on this system, by a copy if there is no other way.</summary>
    /// <param name="library">The original; never written to.</param>
    /// <param name="libstdcxx">The libstdc++ of this process, or null if there is none: then the loader decides.</param>
    /// <param name="cache">Where a copy is kept.</param>
    /// <exception cref="UserError">The system lacks more than the marker, or the cache folder cannot be written.</exception>
    public static GlibcxxRemedy For(string library, string? libstdcxx, string cache)
    {
        if (libstdcxx is null) return new(library, []);
        using var original = new Elf(library);
        using var system = new Elf(libstdcxx);
        var defined = system.DefinedVersions.ToHashSet();
        var missing = original.NeededVersions.Where(need => need.Library == Libstdcxx && !defined.Contains(need.Version)).ToArray();
        if (missing.SelectMany(original.SymbolsOf).FirstOrDefault(symbol => symbol != Marker) is { } symbol)
            throw new UserError($"{libstdcxx} is too old for TorchSharp: it lacks {string.Join(", ", missing.Select(m => m.Version))} ({symbol}).\n"
                + "Use a system with the libstdc++ of GCC 13 or newer (Debian 13, Ubuntu 24.04), or put a newer one first in LD_LIBRARY_PATH.");
        return new(missing is [] ? library : Copy(library, missing, cache), [.. missing.Select(m => m.Version)]);
    }

    /// <summary>
    /// The copy is named for the hash of its original and compared with it at each start, so that a newer original gets a copy of its own
    /// and a damaged one is written again. It appears by renaming: two processes at once both end with a whole file.
    /// </summary>
    static string Copy(string library, IEnumerable<Elf.VersionNeed> missing, string cache)
    {
        var bytes = File.ReadAllBytes(library);
        var path = Path.Combine(cache, $"{Path.GetFileNameWithoutExtension(library)}-{Convert.ToHexStringLower(SHA256.HashData(bytes))[..16]}.so");
        foreach (var need in missing) bytes[need.FlagsOffset] |= Weak;
        try
        {
            if (File.Exists(path) && File.ReadAllBytes(path).AsSpan().SequenceEqual(bytes)) return path;
            Directory.CreateDirectory(cache);
            var unfinished = $"{path}.{Guid.NewGuid():N}";
            File.WriteAllBytes(unfinished, bytes);
            File.Move(unfinished, path, overwrite: true);
            return path;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            var versions = string.Join(", ", missing.Select(m => m.Version));
            throw new UserError($"This system's libstdc++ lacks {versions}, and the copy of TorchSharp's library that does without cannot be kept "
                + $"in {cache}: {e.Message}\nSet XDG_CACHE_HOME to a folder that can be written.", e);
        }
    }
}
