using System.Diagnostics.CodeAnalysis;
using System.Text;
using Lofizone.Interop;

namespace Lofizone.Hosts;

/// <summary>
/// Lets one command at a time work on a zone of this host. The lock is an advisory lock on a file, so that a killed command leaves no lock
/// behind. The file names the command that holds the lock.
/// </summary>
public sealed class HostLock : IDisposable
{
    private static readonly TimeSpan _retry = TimeSpan.FromMilliseconds(50);

    private readonly FileDescriptor _file;

    private HostLock(FileDescriptor file) => _file = file;

    /// <summary>Takes the lock, and waits up to <paramref name="patience"/> for another command to end.</summary>
    /// <param name="paths">This host.</param>
    /// <param name="zone">The zone.</param>
    /// <param name="command">Name of this command, for commands that find the lock taken, for example "boot".</param>
    /// <param name="patience">Longest wait.</param>
    /// <exception cref="LofizoneException">Another command still holds the lock; the message names the command.</exception>
    public static HostLock Take(HostPaths paths, string zone, string command, TimeSpan patience)
    {
        string path = Path.Combine(paths.Run, "locks", zone);
        HostFile.MakeDirectory(Path.GetDirectoryName(path)!);
        FileDescriptor file = FileLock.Open(path);
        try
        {
            if (!FileLock.TryExclusive(file, patience, _retry))
                throw new LofizoneException($"{zone}: busy: {Holder(file)}", "wait for it to end, and try again");
            FileLock.Replace(
                file, Encoding.UTF8.GetBytes($"{command} (pid {Environment.ProcessId})"));
            return new HostLock(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Tells whether a living command holds the zone's lock now. The check leaves no trace.</summary>
    public static bool IsHeld(HostPaths paths, string zone, [NotNullWhen(true)] out string? by)
    {
        by = null;
        string path = Path.Combine(paths.Run, "locks", zone);
        if (!File.Exists(path))
            return false;
        using FileDescriptor file = FileLock.Open(path);
        if (FileLock.TryExclusive(file, TimeSpan.Zero, _retry))
            return false;
        by = Holder(file);
        return true;
    }

    public void Dispose() => _file.Dispose();

    private static string Holder(FileDescriptor file) =>
        FileLock.ReadText(file) is { Length: > 0 } text ? $"another command works on it: {text}" : "another command works on it";
}
