using System.Net.Sockets;
using Lofizone.Hosts;

namespace Lofizone.Logs;

/// <summary>
/// The destination of this host's log lines: journald where it runs, with the zone in the field ZONE; elsewhere a file below
/// <see cref="HostPaths.Log"/>. A host below LOFIZONE_ROOT has a journal only if a journald socket lies there.
/// </summary>
public static class HostLog
{
    /// <summary>The file for the lines about zones on a host without a journal.</summary>
    public const string ZonesFile = "zones.log";

    /// <summary>Environment variable that systemd sets when this process's output goes to the journal (systemd.exec(5)).</summary>
    private const string JournalStream = "JOURNAL_STREAM";

    /// <summary>True when journald takes this host's lines.</summary>
    public static bool HasJournal(HostPaths paths) => File.Exists(paths.Journal);

    /// <summary>True when this process's output gets into the journal as well, without the field ZONE.</summary>
    public static bool IsOutputInJournal(HostPaths paths) => HasJournal(paths)
        && Environment.GetEnvironmentVariable(JournalStream) is { Length: > 0 };

    /// <summary>The writer of one log.</summary>
    /// <param name="paths">The host.</param>
    /// <param name="zone">The zone that the lines are about; null when there is none.</param>
    /// <param name="file">The file for the lines on a host without a journal.</param>
    public static HostLogWriter Open(HostPaths paths, string? zone, string file)
    {
        BoundedLog log = new(file, zone, TimeProvider.System);
        return HasJournal(paths) ? new JournalWriter(paths.Journal, zone, log) : log;
    }

    /// <summary>The log of one piece of work on a zone. The log of earlier work is put aside.</summary>
    public static HostLogWriter Fresh(string file, TimeProvider time)
    {
        if (File.Exists(file))
            File.Move(file, file + ".1", overwrite: true);
        return new BoundedLog(file, zone: null, time);
    }

    /// <summary>Writes one line. False when the line could not be stored.</summary>
    public static bool Write(HostPaths paths, string? zone, string file, string line, LogPriority priority = LogPriority.Information)
    {
        using HostLogWriter log = Open(paths, zone, file);
        return log.Add(line, priority);
    }

    /// <summary>Makes entries of lines. When journald is being restarted or was stopped, the file takes the lines.</summary>
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
                // The exception also comes when journald's queue is full. This program never waits for a log.
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
