using RnnBench.Language;

namespace RnnBench.Tasks.Data;

/// <summary>A lock between processes, on a file; it is free as soon as its holder ends, in whatever way.</summary>
static class FileLock
{
    static readonly TimeSpan patience = TimeSpan.FromMinutes(30);

    /// <summary>Waits until nobody else has it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="variable">The variable that names another folder than the file's.</param>
    /// <exception cref="UserError">It cannot be made, or another process has it for half an hour.</exception>
    public static IDisposable Take(string path, string variable)
    {
        for (var waited = TimeSpan.Zero; ; waited += TimeSpan.FromMilliseconds(50))
        {
            try
            {
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (File.Exists(path) && waited < patience)
            {
                Thread.Sleep(50);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new UserError($"{path}: this lock cannot be taken ({e.Message}).\nIs the folder writable? {variable} names another.", e);
            }
        }
    }
}
