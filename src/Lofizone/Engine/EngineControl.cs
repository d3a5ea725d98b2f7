using System.Net.Sockets;
using System.Text;
using Lofizone.Interop;

namespace Lofizone.Engine;

/// <summary>
/// The engine's control socket. A request is one word (more for <see cref="Trace"/> and <see cref="Limit"/>) and a newline; the answer is
/// one line of JSON. The socket is reached through a descriptor of its directory: a socket's path is limited to 107 bytes (unix(7)), and a
/// host's root may have a longer path.
/// </summary>
internal static class EngineControl
{
    public const string Status = "status";
    /// <summary>
    /// Asks for all counters (<see cref="EngineStatistics"/>). An engine that does not know the word answers with a failed report.
    /// </summary>
    public const string Statistics = "statistics";

    /// <summary>
    /// Asks for the status after a question to the server for a sign of life. For commands that must not begin with a dead server.
    /// </summary>
    public const string Probe = "probe";
    public const string Stop = "stop";

    /// <summary>Followed by a blank and the layers to trace from now on, in the users' spelling.</summary>
    public const string Trace = "trace";

    /// <summary>
    /// Followed by two numbers, each after a blank: requests and bytes in a second, for reads and for writes each; 0 for no limit
    /// (<see cref="IoLimits"/>).
    /// </summary>
    public const string Limit = "limit";

    /// <summary>Time that the server has for its sign of life.</summary>
    public static readonly TimeSpan ProbeLimit = TimeSpan.FromMilliseconds(700);

    /// <summary>Time for a server that is known to be silent. A server that is back answers at its usual speed.</summary>
    public static readonly TimeSpan SilentProbeLimit = TimeSpan.FromMilliseconds(200);

    /// <summary>Longest request, bytes.</summary>
    public const int RequestLimitBytes = 4 << 10;

    /// <summary>Longest answer, bytes. All buckets of all operations at all layers with large numbers are some 500 KiB.</summary>
    public const int AnswerLimitBytes = 4 << 20;

    private const int FirstBufferBytes = 4 << 10;

    /// <summary>Opens the directory and names the socket in the directory by a short path, valid while the descriptor is open.</summary>
    public static (FileDescriptor Directory, UnixDomainSocketEndPoint EndPoint) Locate(EngineDirectory directory)
    {
        FileDescriptor open = Files.Open(directory.Path, OpenFlags.Path | OpenFlags.Directory);
        return (open, new UnixDomainSocketEndPoint($"/proc/self/fd/{open.Number}/{EngineDirectory.ControlName}"));
    }

    /// <summary>Sends one request and returns the line of the answer; null when no engine listens.</summary>
    /// <exception cref="OperationCanceledException">There was no answer before the cancellation.</exception>
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

    /// <summary>Reads up to a newline. Null when the other side closed before a newline, or sent more than the limit.</summary>
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
