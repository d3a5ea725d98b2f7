using Lofizone.Interop;

namespace Lofizone.Lofi;

/// <summary>The log that a device's keeper and its engines share: their standard error.</summary>
internal static class EngineLogFile
{
    private const uint Mode = 0x180; // 0600

    /// <summary>A log beyond this size, bytes, is put aside when a device is attached (one old one is kept).</summary>
    private const long LimitBytes = 1 << 20;

    /// <summary>Makes the log this process's standard error.</summary>
    /// <param name="path">The log.</param>
    /// <param name="fresh">A device is being attached: the log of the one before may be put aside.</param>
    public static void Open(string path, bool fresh)
    {
        if (fresh && new FileInfo(path) is { Exists: true, Length: > LimitBytes })
            File.Move(path, path + ".1", overwrite: true);
        using FileDescriptor log = Files.Open(path, OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Append | OpenFlags.NoFollow, Mode);
        Files.Replace(2, log);
    }

    /// <summary>Input and output go nowhere: a launcher that reads them must not wait for this process's end.</summary>
    public static void DropStandardStreams()
    {
        using FileDescriptor nowhere = Files.Open("/dev/null", OpenFlags.ReadWrite);
        Files.Replace(0, nowhere);
        Files.Replace(1, nowhere);
    }
}
