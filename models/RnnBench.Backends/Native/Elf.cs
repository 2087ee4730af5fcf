using System.IO.MemoryMappedFiles;
using System.Text;

namespace RnnBench.Backends.Native;

/// <summary>
/// What the dynamic loader reads of a shared library: the libraries and symbol versions that it needs and defines. 64-bit little-endian
/// ELF (System V ABI; GNU symbol versioning, Drepper 2003). The file is mapped, not read: libtorch has half a gigabyte.
/// </summary>
sealed class Elf : IDisposable
{
    const uint StringTable = 3, Dynamic = 6, DynamicSymbols = 11;
    const uint VersionsDefined = 0x6ffffffd, VersionsNeeded = 0x6ffffffe, SymbolVersions = 0x6fffffff;
    const int NeededTag = 1;

    /// <summary>A symbol version that the library needs from another one.</summary>
    /// <param name="Library">The library that has to define it.</param>
    /// <param name="Version">Its name: <c>GLIBCXX_3.4.32</c>.</param>
    /// <param name="Index">Its number in the table of symbol versions.</param>
    /// <param name="FlagsOffset">Where in the file its flags stand, two bytes.</param>
    public sealed record VersionNeed(string Library, string Version, int Index, long FlagsOffset);

    readonly record struct Section(uint Type, long Offset, long Size, int Link);

    readonly MemoryMappedFile file;
    readonly MemoryMappedViewAccessor view;
    readonly Section[] sections;
    readonly string path;

    /// <exception cref="InvalidDataException">Not a whole ELF file of this kind. Mapping a truncated library would end the process.</exception>
    public Elf(string path)
    {
        this.path = path;
        var stream = File.OpenRead(path);                       // its length is that of the file itself, where the path is a link
        var length = stream.Length;
        if (length < 64)
        {
            stream.Dispose();
            throw Broken("it is too short for a library");
        }
        file = MemoryMappedFile.CreateFromFile(stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
        view = file.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read);
        if (view.ReadUInt32(0) != 0x464c457f || view.ReadByte(4) != 2 || view.ReadByte(5) != 1)
            throw Broken("it is no 64-bit little-endian ELF library");
        var (start, size, count) = (view.ReadInt64(0x28), view.ReadUInt16(0x3A), view.ReadUInt16(0x3C));
        if (start <= 0 || start + (long)size * count > length) throw Broken("it is truncated");
        sections = [.. Enumerable.Range(0, count).Select(k => start + (long)k * size)
            .Select(at => new Section(view.ReadUInt32(at + 4), view.ReadInt64(at + 24), view.ReadInt64(at + 32), view.ReadInt32(at + 40)))];
    }

    /// <summary>The names of the libraries that this one is linked against.</summary>
    public IEnumerable<string> Needed =>
        from section in Of(Dynamic)
        from entry in Entries(section, 16)
        where view.ReadInt64(entry) == NeededTag
        select Name(section, view.ReadInt64(entry + 8));

    /// <summary>The symbol versions that it needs from other libraries.</summary>
    public IEnumerable<VersionNeed> NeededVersions =>
        from section in Of(VersionsNeeded)
        from need in Chain(section.Offset, at => view.ReadUInt32(at + 12))              // Elf64_Verneed: version, count, file, aux, next
        let library = Name(section, view.ReadUInt32(need + 4))
        from entry in Chain(need + view.ReadUInt32(need + 8), at => view.ReadUInt32(at + 12)) // Elf64_Vernaux: hash, flags, other, name, next
        select new VersionNeed(library, Name(section, view.ReadUInt32(entry + 8)), view.ReadUInt16(entry + 6), entry + 4);

    /// <summary>The symbol versions that it defines.</summary>
    public IEnumerable<string> DefinedVersions =>
        from section in Of(VersionsDefined)
        from entry in Chain(section.Offset, at => view.ReadUInt32(at + 16))             // Elf64_Verdef: version, flags, index, count, hash, aux, next
        select Name(section, view.ReadUInt32(entry + view.ReadUInt32(entry + 12)));     // Elf64_Verdaux: name, next

    /// <summary>The symbols that have one of the needed versions.</summary>
    public IEnumerable<string> SymbolsOf(VersionNeed need) =>
        from symbols in Of(DynamicSymbols)
        from versions in Of(SymbolVersions)
        from entry in Entries(symbols, 24).Zip(Entries(versions, 2))
        where (view.ReadUInt16(entry.Second) & 0x7fff) == need.Index                    // the top bit says "hidden"
        select Name(symbols, view.ReadUInt32(entry.First));

    /// <inheritdoc/>
    public void Dispose()
    {
        view.Dispose();
        file.Dispose();
    }

    IEnumerable<Section> Of(uint type) => sections.Where(section => section.Type == type);

    static IEnumerable<long> Entries(Section section, int size)
    {
        for (var at = section.Offset; at + size <= section.Offset + section.Size; at += size) yield return at;
    }

    static IEnumerable<long> Chain(long at, Func<long, uint> next)
    {
        for (uint step = 1; step != 0; at += step)
        {
            yield return at;
            step = next(at);
        }
    }

    /// <summary>A string of the table that a section is linked to.</summary>
    string Name(Section section, long offset)
    {
        var strings = sections[section.Link];
        if (strings.Type != StringTable || offset >= strings.Size) throw Broken("its string table is damaged");
        var bytes = new List<byte>();
        for (var at = strings.Offset + offset; view.ReadByte(at) is not 0 and var letter; at++) bytes.Add(letter);
        return Encoding.UTF8.GetString([.. bytes]);
    }

    InvalidDataException Broken(string how) => new($"{path} cannot be loaded: {how}");
}
