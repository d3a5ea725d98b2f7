using System.Net.Sockets;
using Lofizone.Hosts;

namespace Lofizone.Logs;

/// <summary>
/// Where this host's log lines go: to journald where it runs, with the zone as the field ZONE, elsewhere to a file below
/// <see cref="HostPaths.Log"/>. A host below LOFIZONE_ROOT has a journal only if a socket lies there.
/// </summary>
public static class HostLog
{
    /// <summary>The file that takes what became of zones where there is no journal.</summary>
    public const string ZonesFile = "zones.log";

    /// <summary>Where systemd has this process's output go to the journal (systemd.exec(5)).</summary>
    private const string JournalStream = "JOURNAL_STREAM";

    /// <summary>True when journald takes this host's lines.</summary>
    public static bool HasJournal(HostPaths paths) => File.Exists(paths.Journal);

    /// <summary>True when what this process prints gets into the journal as well, without the zone's name as a field.</summary>
    public static bool IsOutputInJournal(HostPaths paths) => HasJournal(paths)
        && Environment.GetEnvironmentVariable(JournalStream) is { Length: > 0 };

    /// <summary>The writer of one log.</summary>
    /// <param name="paths">The host.</param>
    /// <param name="zone">The zone whose lines these are, or null.</param>
    /// <param name="file">The file that takes the lines where there is no journal.</param>
    public static HostLogWriter Open(HostPaths paths, string? zone, string file)
    {
        BoundedLog log = new(file, zone, TimeProvider.System);
        return HasJournal(paths) ? new JournalWriter(paths.Journal, zone, log) : log;
    }

    /// <summary>The log of one piece of work on a zone: what an earlier one has left is put aside.</summary>
    public static HostLogWriter Fresh(string file, TimeProvider time)
    {
        if (File.Exists(file))
            File.Move(file, file + ".1", overwrite: true);
        return new BoundedLog(file, zone: null, time);
    }

    /// <summary>One line; false when nothing takes it.</summary>
    public static bool Write(HostPaths paths, string? zone, string file, string line, LogPriority priority = LogPriority.Information)
    {
        using HostLogWriter log = Open(paths, zone, file);
        return log.Add(line, priority);
    }

    /// <summary>
    /// Makes entries of lines. A journal that is gone (journald is being restarted, or was stopped) is followed by the file.
    /// </summary>
    private sealed class JournalWriter(string socket, string? zone, BoundedLog instead) : HostLogWriter(zone)
    {
        private readonly string? _zone = zone;

        protected override bool Store(string text, LogPriority priority)
        {
            try
            {
                using Socket journal = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { Blocking = false };
                journal.SendTo(JournalMessage.Encode(_zone, text, priority), new UnixDomainSocketEndPoint(socket));
                return true;
            }
            catch (SocketException)
            {
                // Also when its queue is full: nothing of ours waits for a log.
                return instead.Add(text, priority);
            }
        }

        protected override void Dispose(bool disposing)
        {
            base.Dispose(disposing);
            if (disposing)
                instead.Dispose();
        }
    }
}
