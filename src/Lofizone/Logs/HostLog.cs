using System.Net.Sockets;
using System.Text;
using Lofizone.Hosts;

namespace Lofizone.Logs;

/// <summary>
/// Where this host's log lines go: to journald where it runs, with the zone as the field ZONE, elsewhere to a file below
/// <see cref="HostPaths.Log"/>. A host below LOFIZONE_ROOT has a journal only if a socket lies there.
/// </summary>
public static class HostLog
{
    /// <summary>True when journald takes this host's lines.</summary>
    public static bool HasJournal(HostPaths paths) => File.Exists(paths.Journal);

    /// <summary>The writer of one log: each line of it is an entry.</summary>
    /// <param name="paths">The host.</param>
    /// <param name="zone">The zone whose lines these are, or null.</param>
    /// <param name="file">The file that takes the lines where there is no journal.</param>
    public static TextWriter Open(HostPaths paths, string? zone, string file)
    {
        if (HasJournal(paths))
            return new JournalWriter(paths.Journal, zone, () => Append(file));
        return Append(file);
    }

    /// <summary>One line.</summary>
    public static void Write(HostPaths paths, string? zone, string file, string line)
    {
        using TextWriter log = Open(paths, zone, file);
        log.WriteLine(line);
    }

    private static StreamWriter Append(string file)
    {
        HostFile.MakeDirectory(Path.GetDirectoryName(file)!);
        return new StreamWriter(file, append: true) { AutoFlush = true };
    }

    /// <summary>Makes entries of lines. A journal that is gone (journald is being restarted, or was stopped) is followed by the file.</summary>
    private sealed class JournalWriter(string socket, string? zone, Func<TextWriter> instead) : TextWriter
    {
        private readonly StringBuilder _line = new();

        public override Encoding Encoding => Encoding.UTF8;

        public override void Write(char value)
        {
            if (value != '\n')
                _line.Append(value);
            else
                Send();
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing && _line.Length > 0)
                Send();
            base.Dispose(disposing);
        }

        private void Send()
        {
            string line = _line.ToString();
            _line.Clear();
            if (line.Length == 0)
                return;
            try
            {
                using Socket journal = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { Blocking = false };
                journal.SendTo(JournalMessage.Encode(zone, line), new UnixDomainSocketEndPoint(socket));
            }
            catch (SocketException)
            {
                // Also when its queue is full: nothing of ours waits for a log.
                using TextWriter file = instead();
                file.WriteLine(line);
            }
        }
    }
}
