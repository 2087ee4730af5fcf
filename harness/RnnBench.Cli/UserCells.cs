using System.Reflection;
using RnnBench.Language;

namespace RnnBench.Cli;

/// <summary>
/// Cells of the user's own, from a library that references RnnBench.Language: every public static property of type
/// <see cref="Architecture"/> is one more line of the catalogue.
/// </summary>
static class UserCells
{
    /// <summary>The catalogue with the cells of some libraries at its end.</summary>
    /// <exception cref="UserError">No library, none of its cells is public, or an id is taken.</exception>
    public static IReadOnlyList<Architecture> AddTo(IReadOnlyList<Architecture> catalog, IEnumerable<FileInfo> libraries)
    {
        var all = catalog.ToList();
        foreach (var cell in libraries.SelectMany(Load))
            all.Add(all.All(known => known.Id != cell.Id) ? cell : throw new UserError($"--cells: there is a model {cell.Id} already; give yours another id."));
        return all;
    }

    static IEnumerable<Architecture> Load(FileInfo library)
    {
        try
        {
            var cells = Assembly.LoadFrom(library.FullName).GetExportedTypes()
                .SelectMany(type => type.GetProperties(BindingFlags.Public | BindingFlags.Static | BindingFlags.DeclaredOnly))
                .Where(property => property.PropertyType == typeof(Architecture))
                .Select(property => (Architecture)property.GetValue(null)!).ToArray();
            return cells.Length > 0 ? cells
                : throw new UserError($"--cells {library}: no public class in it has a public static property of type Architecture.");
        }
        catch (Exception e) when (e is IOException or BadImageFormatException or TypeLoadException)
        {
            throw new UserError($"--cells {library} cannot be loaded: {e.Message.ReplaceLineEndings(" ")}\nBuild it against this program's RnnBench.Language.", e);
        }
    }
}
