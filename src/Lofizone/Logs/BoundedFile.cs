using Lofizone.Hosts;
using Lofizone.Interop;

namespace Lofizone.Logs;

/// <summary>
/// A file that several processes append to, with a bounded size, whether logrotate runs or not: a file that has grown beyond the bound
/// becomes NAME.1 and replaces the former NAME.1.
/// </summary>
/// <param name="file">Path of the file, which is opened for each append, so that all writers follow when the file is put aside.</param>
public sealed class BoundedFile(string file)
{
    /// <summary>Size in bytes after which the file is put aside. One append may exceed it.</summary>
    public const long LimitBytes = 1 << 20;

    /// <summary>Suffix of the file that was put aside.</summary>
    public const string Aside = ".1";

    private const uint Mode = 0x180; // 0600

    private readonly Lock _gate = new();

    /// <summary>Appends the bytes in one write, which the kernel does not mix with others'. False when that failed.</summary>
    public bool Append(ReadOnlySpan<byte> bytes)
    {
        try
        {
            lock (_gate)
            {
                MakeDirectory(Path.GetDirectoryName(file)!);
                using FileDescriptor log = Files.Open(
                    file, OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Append | OpenFlags.NoFollow | OpenFlags.NonBlocking, Mode);
                Polling.WriteAll(log.Number, bytes);
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

    /// <summary>Everybody may pass the directory of all logs. A zone's own directory in it is root's alone.</summary>
    private static void MakeDirectory(string directory)
    {
        if (directory.EndsWith(HostPaths.LogDirectory, StringComparison.Ordinal))
            Directory.CreateDirectory(directory);
        else
            HostFile.MakeDirectory(directory);
    }

    /// <summary>
    /// Puts the file aside under a lock on the file, and only while the file has its name. Otherwise another process has put the file aside
    /// already.
    /// </summary>
    private void PutAside(FileDescriptor log)
    {
        if (FileLock.TryExclusive(log, TimeSpan.Zero, TimeSpan.Zero) && FileStatus.At(file)?.Inode == FileStatus.Of(log).Inode)
            File.Move(file, file + Aside, overwrite: true);
    }
}
