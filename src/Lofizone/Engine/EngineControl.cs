using System.Net.Sockets;
using System.Text;
using Lofizone.Interop;

namespace Lofizone.Engine;

/// <summary>
/// The engine's control socket: a request is one word (<see cref="Trace"/>: two) and a newline, the answer one line of JSON. The socket is
/// reached through a descriptor of its directory, since a socket's path may have 107 bytes only (unix(7)) and a host's root may be longer.
/// </summary>
internal static class EngineControl
{
    public const string Status = "status";
    /// <summary>
    /// Everything that was counted (<see cref="EngineStatistics"/>); an engine that does not know the word answers with a failed report.
    /// </summary>
    public const string Statistics = "statistics";

    /// <summary>The status, after the server was asked for a sign of life; for what must not begin with a dead server.</summary>
    public const string Probe = "probe";
    public const string Stop = "stop";

    /// <summary>Followed by a blank and the layers to trace from now on, as users name them.</summary>
    public const string Trace = "trace";

    /// <summary>How long the server may take for its sign of life.</summary>
    public static readonly TimeSpan ProbeLimit = TimeSpan.FromMilliseconds(700);

    /// <summary>The same for a server that is known to be silent: one that is back again answers as fast as ever.</summary>
    public static readonly TimeSpan SilentProbeLimit = TimeSpan.FromMilliseconds(200);

    /// <summary>Longest request, bytes.</summary>
    public const int RequestLimitBytes = 4 << 10;

    /// <summary>Longest answer, bytes: all buckets of all operations at all layers with large numbers are some 500 KiB.</summary>
    public const int AnswerLimitBytes = 4 << 20;

    private const int FirstBufferBytes = 4 << 10;

    /// <summary>Opens the directory and names the socket in it by a short path, valid while the descriptor is open.</summary>
    public static (FileDescriptor Directory, UnixDomainSocketEndPoint EndPoint) Locate(EngineDirectory directory)
    {
        FileDescriptor open = Files.Open(directory.Path, OpenFlags.Path | OpenFlags.Directory);
        return (open, new UnixDomainSocketEndPoint($"/proc/self/fd/{open.Number}/{EngineDirectory.ControlName}"));
    }

    /// <summary>Sends one request; returns the answer's line, or null when the engine isn't there.</summary>
    /// <exception cref="OperationCanceledException">No answer before the cancellation.</exception>
    public static async Task<string?> AskAsync(EngineDirectory directory, string request, CancellationToken cancellation)
    {
        try
        {
            (FileDescriptor open, UnixDomainSocketEndPoint endPoint) = Locate(directory);
            using (open)
            {
                using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(endPoint, cancellation);
                await socket.SendAsync(Encoding.ASCII.GetBytes(request + "\n"), cancellation);
                return await ReadLineAsync(socket, AnswerLimitBytes, cancellation);
            }
        }
        catch (Exception e) when (e is SocketException or LinuxException { Errno: Errno.ENOENT or Errno.ENOTDIR })
        {
            return null;
        }
    }

    /// <summary>Reads up to a newline; null when the other side closed before one, or said too much.</summary>
    public static async Task<string?> ReadLineAsync(Socket socket, int limitBytes, CancellationToken cancellation)
    {
        byte[] buffer = new byte[Math.Min(FirstBufferBytes, limitBytes)];
        int filled = 0;
        while (filled < limitBytes)
        {
            if (filled == buffer.Length)
                Array.Resize(ref buffer, Math.Min(2 * buffer.Length, limitBytes));
            int count = await socket.ReceiveAsync(buffer.AsMemory(filled), cancellation);
            if (count == 0)
                return null;
            int end = buffer.AsSpan(filled, count).IndexOf((byte)'\n');
            if (end >= 0)
                return Encoding.UTF8.GetString(buffer, 0, filled + end);
            filled += count;
        }

        return null;
    }
}
