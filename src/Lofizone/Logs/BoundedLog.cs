using System.Text;
using Lofizone.Hosts;
using Lofizone.Interop;

namespace Lofizone.Logs;

/// <summary>
/// A log file that several processes write, each line with its time in UTC. The file's size is bounded, whether logrotate runs or not: a
/// file that has grown beyond the bound becomes NAME.1 and replaces the former NAME.1.
/// </summary>
/// <param name="file">Path of the file, which is opened for each line, so that all writers follow when the file is put aside.</param>
/// <param name="zone">The zone that the lines are about; null when there is none.</param>
/// <param name="time">The clock.</param>
public sealed class BoundedLog(string file, string? zone, TimeProvider time) : HostLogWriter(zone)
{
    /// <summary>Size in bytes after which the file is put aside. One line may exceed it.</summary>
    public const long LimitBytes = 1 << 20;

    private const uint Mode = 0x180; // 0600

    private readonly Lock _gate = new();

    protected override bool Store(string text, LogPriority priority)
    {
        string warning = priority < LogPriority.Information ? "warning: " : "";
        string line = $"{time.GetUtcNow():yyyy-MM-ddTHH:mm:ss.fffZ} {warning}{text.ReplaceLineEndings(" ")}\n";
        try
        {
            lock (_gate)
            {
                HostFile.MakeDirectory(Path.GetDirectoryName(file)!);
                using FileDescriptor log = Files.Open(
                    file, OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Append | OpenFlags.NoFollow | OpenFlags.NonBlocking, Mode);
                Polling.WriteAll(log.Number, Encoding.UTF8.GetBytes(line));
                if (FileStatus.Of(log).Size > LimitBytes)
                    PutAside(log);
            }

            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>
    /// Puts the file aside under a lock on the file, and only while the file has its name. Otherwise another process has put the file aside
    /// already.
    /// </summary>
    private void PutAside(FileDescriptor log)
    {
        if (FileLock.TryExclusive(log, TimeSpan.Zero, TimeSpan.Zero) && FileStatus.At(file)?.Inode == FileStatus.Of(log).Inode)
            File.Move(file, file + ".1", overwrite: true);
    }
}
