using System.Net;
using System.Net.Sockets;
using Lofizone.Interop;

namespace Lofizone.Nfs.Rpc;

/// <summary>
/// Connects over TCP, from a port below 1024 if this process has the right (exports(5): "secure", knfsd's default, refuses other ports).
/// </summary>
internal sealed class TcpConnector(string host, int port, TimeProvider time) : IRpcConnector
{
    private const int HighestPrivilegedPort = 1023;
    private const int LowestPrivilegedPort = 665;
    private const int PrivilegedPorts = HighestPrivilegedPort - LowestPrivilegedPort + 1;
    private const int SocketBufferBytes = 4 << 20;
    private const int UnacknowledgedLimitMilliseconds = 20_000;
    private const int KeepAliveIdleSeconds = 10;
    private const int KeepAliveIntervalSeconds = 5;
    private const int KeepAliveProbes = 3;

    public string Server { get; } = $"{host}:{port}";

    public IRpcChannel Connect(TimeSpan deadline)
    {
        IPAddress[] addresses = IPAddress.TryParse(host, out IPAddress? literal) ? [literal] : Dns.GetHostAddresses(host);
        SocketException? failure = null;
        foreach (IPAddress address in addresses)
        {
            try
            {
                return ConnectTo(new IPEndPoint(address, port), deadline);
            }
            catch (SocketException error)
            {
                failure = error;
            }
        }
        throw failure ?? new SocketException((int)SocketError.HostNotFound);
    }

    private TcpChannel ConnectTo(IPEndPoint server, TimeSpan deadline)
    {
        if (Environment.IsPrivilegedProcess)
        {
            // The first ports would be taken by the connections of the host's other zones.
            int first = Random.Shared.Next(PrivilegedPorts);
            for (int attempt = 0; attempt < PrivilegedPorts; attempt++)
            {
                try
                {
                    return ConnectFrom(LowestPrivilegedPort + (first + attempt) % PrivilegedPorts, server, deadline);
                }
                catch (SocketException error) when (IsPortTaken(error.SocketErrorCode))
                {
                    // This port is taken, so the next port is tried.
                }
            }
        }
        return ConnectFrom(0, server, deadline);
    }

    private TcpChannel ConnectFrom(int source, IPEndPoint server, TimeSpan deadline)
    {
        Socket socket = new(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            IPAddress any = server.AddressFamily == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Any : IPAddress.Any;
            if (source != 0)
                socket.Bind(new IPEndPoint(any, source));
            socket.NoDelay = true;
            socket.SendBufferSize = SocketBufferBytes;
            socket.ReceiveBufferSize = SocketBufferBytes;
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, KeepAliveIdleSeconds);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, KeepAliveIntervalSeconds);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, KeepAliveProbes);
            socket.SetRawSocketOption(Sockets.TcpLevel, Sockets.TcpUserTimeout, BitConverter.GetBytes(UnacknowledgedLimitMilliseconds));
            // A blocking connect has no deadline. The timer closes the socket, which ends the connect.
            using (time.CreateTimer(state => ((Socket)state!).Dispose(), socket, deadline, Timeout.InfiniteTimeSpan))
                socket.Connect(server);
            return new TcpChannel(socket);
        }
        catch (Exception error)
        {
            socket.Dispose();
            if (error is ObjectDisposedException
                or SocketException { SocketErrorCode: SocketError.OperationAborted or SocketError.Interrupted })
                throw new SocketException((int)SocketError.TimedOut);
            throw;
        }
    }

    private static bool IsPortTaken(SocketError error) =>
        error is SocketError.AddressAlreadyInUse or SocketError.AddressNotAvailable or SocketError.AccessDenied;

    private sealed class TcpChannel : IRpcChannel
    {
        private readonly Socket _socket;
        private readonly SafeSocketHandle _handle;

        public TcpChannel(Socket socket)
        {
            _socket = socket;
            _handle = socket.SafeHandle;
        }

        public int Receive(Span<byte> buffer)
        {
            try
            {
                return _socket.Receive(buffer);
            }
            catch (Exception error) when (error is SocketException or ObjectDisposedException)
            {
                throw new IOException("connection lost: " + error.Message, error);
            }
        }

        public int Send(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, ReadOnlySpan<byte> third, bool wait)
        {
            try
            {
                return Sockets.Send(_handle, first, second, third, wait);
            }
            catch (ObjectDisposedException error)
            {
                throw new IOException("connection closed", error);
            }
        }

        public int LostTransmissions
        {
            get
            {
                Span<byte> info = stackalloc byte[Sockets.TcpInfoBytes];
                try
                {
                    return Sockets.LostTransmissions(info[.._socket.GetRawSocketOption(Sockets.TcpLevel, Sockets.TcpInfo, info)]);
                }
                catch (Exception error) when (error is SocketException or ObjectDisposedException)
                {
                    // The connection has ended.
                    return 0;
                }
            }
        }

        public TimeSpan? RoundTrip
        {
            get
            {
                Span<byte> info = stackalloc byte[Sockets.TcpInfoBytes];
                try
                {
                    return Sockets.MinRoundTrip(info[.._socket.GetRawSocketOption(Sockets.TcpLevel, Sockets.TcpInfo, info)]);
                }
                catch (Exception error) when (error is SocketException or ObjectDisposedException)
                {
                    // The connection has ended.
                    return null;
                }
            }
        }

        public void Shutdown()
        {
            if (_handle.IsClosed)
                return;
            try
            {
                _socket.Shutdown(SocketShutdown.Both);
            }
            catch (Exception error) when (error is SocketException or ObjectDisposedException)
            {
                // The peer has ended the connection earlier. The connection is down, as wanted.
            }
        }

        public void Dispose() => _socket.Dispose();
    }
}
