using Lofizone.Interop;
using Lofizone.Logs;

namespace Lofizone.Engine;

/// <summary>
/// The log file of a device as the standard error of its keeper, engines and watch. The file takes the output of a dying runtime. The
/// processes write their own lines with <see cref="EngineLog"/>.
/// </summary>
internal static class EngineLogFile
{
    private const uint Mode = 0x180; // 0600

    /// <summary>Makes the log this process's standard error.</summary>
    /// <param name="path">The log.</param>
    /// <param name="fresh">A device is being attached, so the log of the former device may be put aside.</param>
    public static void Open(string path, bool fresh)
    {
        if (fresh && new FileInfo(path) is { Exists: true, Length: > BoundedLog.LimitBytes })
            File.Move(path, path + ".1", overwrite: true);
        using FileDescriptor log = Files.Open(path, OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Append | OpenFlags.NoFollow, Mode);
        Files.Replace(2, log);
    }

    /// <summary>Sends standard input and output to /dev/null: a launcher that reads them must not wait for this process's end.</summary>
    public static void DropStandardStreams()
    {
        using FileDescriptor nowhere = Files.Open("/dev/null", OpenFlags.ReadWrite);
        Files.Replace(0, nowhere);
        Files.Replace(1, nowhere);
    }
}
