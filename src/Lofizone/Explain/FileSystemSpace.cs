using Lofizone.Interop;

namespace Lofizone.Explain;

/// <summary>Space of a mounted file system, bytes.</summary>
internal sealed record FileSystemSpace(long Total, long Free, long Available, string Type)
{
    /// <summary>Limit for statfs(2) on a mounted file system. A file system on a dead server can take forever.</summary>
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(0.5);

    /// <exception cref="TimeoutException">The file system does not answer; the message says so.</exception>
    /// <exception cref="LinuxException">statfs(2) fails.</exception>
    public static async Task<FileSystemSpace> OfAsync(string mountPoint, CancellationToken cancellation)
    {
        try
        {
            return await Task.Run(() => Of(mountPoint), cancellation).WaitAsync(_limit, cancellation);
        }
        catch (TimeoutException error)
        {
            throw new TimeoutException($"does not tell its space within {_limit.TotalSeconds} s: it waits for its server", error);
        }
    }

    private static FileSystemSpace Of(string mountPoint)
    {
        using FileDescriptor directory = Files.Open(mountPoint, OpenFlags.Path | OpenFlags.Directory);
        FileSystemStatus status = FileSystemStatus.Of(directory);
        return new FileSystemSpace(
            status.TotalBytes, status.FreeBytes, status.AvailableBytes, MountTable.Read().At(mountPoint)?.FileSystemType ?? "unknown");
    }
}
