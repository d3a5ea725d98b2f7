using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Lofizone.Testing.Nfs;

/// <summary>
/// A relay between clients and an NFS server on this machine. It counts connections, and the COMPOUNDs of each, and changes nothing.
/// </summary>
public sealed class CountingRelay : IAsyncDisposable
{
    private const int BufferBytes = 1 << 20;

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly List<RelayedConnection> _connections = [];
    private readonly IPEndPoint _server;
    private readonly Task _accepting;

    /// <summary>Relays to a port of 127.0.0.1.</summary>
    public CountingRelay(int port)
    {
        _server = new IPEndPoint(IPAddress.Loopback, port);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>All connections in the order in which they came.</summary>
    public IReadOnlyList<RelayedConnection> Connections
    {
        get
        {
            lock (_connections)
                return [.. _connections];
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Dispose();
        await _accepting;
        await Task.WhenAll(Connections.Select(c => c.Ended));
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                Socket client = await _listener.AcceptSocketAsync(_end.Token);
                RelayedConnection connection = new();
                connection.Ended = RelayAsync(client, connection);
                lock (_connections)
                    _connections.Add(connection);
            }
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The relay has ended and accepts no connection.
        }
    }

    private async Task RelayAsync(Socket client, RelayedConnection connection)
    {
        using Socket server = new(SocketType.Stream, ProtocolType.Tcp);
        using (client)
        {
            try
            {
                await server.ConnectAsync(_server, _end.Token);
                client.NoDelay = server.NoDelay = true;
                await Task.WhenAny(PumpAsync(client, server, connection.Count), PumpAsync(server, client, _ => { }));
            }
            catch (Exception error) when (error is SocketException or OperationCanceledException)
            {
                // The server is away, so the client's connection ends, too.
            }
        }
    }

    private async Task PumpAsync(Socket from, Socket to, Action<ReadOnlySpan<byte>> look)
    {
        byte[] buffer = new byte[BufferBytes];
        try
        {
            int count;
            while ((count = await from.ReceiveAsync(buffer, _end.Token)) > 0)
            {
                look(buffer.AsSpan(0, count));
                for (int sent = 0; sent < count;)
                    sent += await to.SendAsync(buffer.AsMemory(sent, count - sent), _end.Token);
            }
        }
        catch (Exception error) when (error is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // One end of the connection is closed. The other end is closed, too.
        }
    }
}

/// <summary>The requests of one connection.</summary>
public sealed class RelayedConnection
{
    /// <summary>Record mark, transaction ID, kind, RPC version, program, version, procedure (RFC 5531 sections 9 and 11).</summary>
    private const int HeadBytes = 28;

    private const int ProcedureAt = 24;

    private readonly byte[] _head = new byte[HeadBytes];
    private int _headLength;
    private long _rest;
    private int _compounds;

    /// <summary>Number of calls of the procedure COMPOUND. Each is a round trip.</summary>
    public int Compounds => Volatile.Read(ref _compounds);

    /// <summary>Completes when one end has closed the connection.</summary>
    public Task Ended { get; internal set; } = Task.CompletedTask;

    /// <summary>Takes bytes in pieces of any size. A record is one fragment, as our client sends it.</summary>
    internal void Count(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            if (_rest > 0)
            {
                int skipped = (int)Math.Min(_rest, bytes.Length);
                _rest -= skipped;
                bytes = bytes[skipped..];
                continue;
            }

            int taken = Math.Min(HeadBytes - _headLength, bytes.Length);
            bytes[..taken].CopyTo(_head.AsSpan(_headLength));
            _headLength += taken;
            bytes = bytes[taken..];
            if (_headLength < HeadBytes)
                return;
            _rest = (BinaryPrimitives.ReadUInt32BigEndian(_head) & 0x7FFFFFFF) + sizeof(uint) - HeadBytes;
            _headLength = 0;
            if (BinaryPrimitives.ReadUInt32BigEndian(_head.AsSpan(ProcedureAt)) == 1)
                Interlocked.Increment(ref _compounds);
        }
    }
}
