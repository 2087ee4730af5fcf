using RnnBench.Language;

namespace RnnBench.Reports.Data;

/// <summary>Names of models and tasks as the store has them; one from elsewhere need be no notation.</summary>
static class Names
{
    /// <summary>The notation of a name; null where it is none.</summary>
    public static Notation? Read(string name)
    {
        try
        {
            return Notation.Parse(name);
        }
        catch (UserError)
        {
            return null;
        }
    }

    /// <summary>The same without some settings; a name that is no notation stays as it is.</summary>
    public static string Without(string name, Func<string, bool> left) =>
        Read(name) is { } notation ? (notation with { Settings = [.. notation.Settings.Where(s => !left(s.Key))] }).ToString() : name;
}
