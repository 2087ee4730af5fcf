using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace RnnBench.Results.Tests;

/// <summary>
/// Permissions mean nothing to root. So a test about them runs on a thread of its own, whose file system user (setfsuid(2), which counts for
/// one thread) is nobody; an ordinary user's test runs as it is.
/// </summary>
static class Unprivileged
{
    const uint Nobody = 65534, Ask = uint.MaxValue;

    public static void Do(string folder, Action test)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "permissions are tested on Linux only.");
        if (!Environment.IsPrivilegedProcess)
        {
            test();
            return;
        }
        if (chown(folder, Nobody, Nobody) != 0) Assert.Skip("this root may not give files away.");
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                setfsuid(Nobody);
                Assert.SkipUnless(setfsuid(Ask) == Nobody, "this root may not act as nobody.");
                test();
            }
            catch (Exception e)
            {
                failure = e;
            }
        });
        thread.Start();
        thread.Join();
        if (failure is not null) ExceptionDispatchInfo.Throw(failure);
    }

    [DllImport("libc")]
    static extern int chown([MarshalAs(UnmanagedType.LPUTF8Str)] string path, uint owner, uint group);

    [DllImport("libc")]
    static extern uint setfsuid(uint user);
}
