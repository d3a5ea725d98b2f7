using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using Lofizone.Interop;

namespace Lofizone.Runtime;

/// <summary>
/// The terminal of a login: a pseudoterminal that crun makes in the zone. crun passes its master through a socket. The user's terminal is
/// raw during the login, and its size is passed on to the zone's terminal.
/// </summary>
internal sealed class LoginTerminal : IDisposable
{
    private readonly string _path;
    private readonly FileDescriptor _directory;
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly LoginStreams _streams;
    private readonly LoginRequest _request;
    private readonly string _zone;
    private FileDescriptor? _master;
    private string? _connected;
    private IDisposable? _raw;
    private PosixSignalRegistration? _resized;

    public LoginTerminal(string zone, string directory, string name, LoginRequest request, LoginStreams streams)
    {
        (_zone, _request, _streams) = (zone, request, streams);
        _path = Path.Combine(directory, name);
        // The socket is reached through a descriptor of its directory: a socket's path is limited to 107 bytes (unix(7)), and the host's
        // paths may be longer.
        _directory = DescriptorPath.Open(directory, DescriptorPath.PathOnly);
        SocketPath = $"/proc/{Environment.ProcessId}/fd/{_directory.Number}/{name}";
        _listener.Bind(new UnixDomainSocketEndPoint(SocketPath));
        _listener.Listen();
    }

    /// <summary>The path at which crun finds the socket.</summary>
    public string SocketPath { get; }

    /// <summary>
    /// Waits for the master and starts the relay. Ends when the relay has started, or when <paramref name="ended"/> says that there will be
    /// no master.
    /// </summary>
    /// <exception cref="LofizoneException">The received descriptor is not a terminal.</exception>
    public async Task ConnectAsync(LoginRelay relay, CancellationToken ended)
    {
        using (Socket? connection = await AcceptAsync(ended))
        {
            if (connection is null)
                return;
            // Data that crun has sent before the shutdown is still received (unix(7)).
            using CancellationTokenRegistration stop = ended.Register(() => connection.Shutdown(SocketShutdown.Both));
            _master = await Task.Run(() => PassedDescriptor.Receive(connection.SafeHandle), CancellationToken.None);
        }

        if (_master is null || Terminal.NumberOf(_master.Number) is not { } number)
            throw new LofizoneException("the zone gave no terminal to the login", "look at /dev/ptmx and /dev/pts in the zone");
        if (_request.Announce)
        {
            _connected = $"zone '{_zone}' pts/{number}";
            Say($"[Connected to {_connected}]\n");
        }

        Resize();
        _resized = PosixSignalRegistration.Create(PosixSignal.SIGWINCH, _ => Resize());
        _raw = Terminal.EnterRawMode(_streams.Input);
        relay.Input(_streams.Input, _master, _request.EscapeKey);
        relay.Output(_master, _streams.Output);
    }

    public void Dispose()
    {
        _raw?.Dispose();
        if (_connected is not null)
            Say($"\n[Connection to {_connected} closed]\n");
        _resized?.Dispose();
        _listener.Dispose();
        _directory.Dispose();
        File.Delete(_path);
        _master?.Dispose();
    }

    /// <summary>
    /// The connection of crun; null when crun has ended without one. A command may end before this process runs again. Then the connection
    /// of the command's crun, with all of the command's output, waits in the socket's queue.
    /// </summary>
    private async Task<Socket?> AcceptAsync(CancellationToken ended)
    {
        try
        {
            return await _listener.AcceptAsync(ended);
        }
        catch (OperationCanceledException)
        {
            return _listener.Poll(TimeSpan.Zero, SelectMode.SelectRead) ? _listener.Accept() : null;
        }
    }

    private void Resize()
    {
        if (_master is { IsClosed: false } && Terminal.Size(_streams.Output) is { } size)
            Terminal.Resize(_master.Number, size);
    }

    private void Say(string text)
    {
        try
        {
            Polling.WriteAll(_streams.Output, Encoding.UTF8.GetBytes(text));
        }
        catch (LinuxException)
        {
            // The user's terminal is gone, and the login ends for that reason.
        }
    }
}
