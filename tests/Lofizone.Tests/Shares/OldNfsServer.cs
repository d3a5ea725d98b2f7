using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Lofizone.Tests;

/// <summary>Answers every call like a server without NFSv4: PROG_MISMATCH with the server's versions (RFC 5531 section 9).</summary>
internal sealed class OldNfsServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly uint _lowest, _highest;

    public OldNfsServer(uint lowest, uint highest)
    {
        (_lowest, _highest) = (lowest, highest);
        _listener.Start();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public void Dispose() => _listener.Dispose();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = AnswerAsync(await _listener.AcceptTcpClientAsync());
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task AnswerAsync(TcpClient client)
    {
        using TcpClient connection = client;
        try
        {
            NetworkStream stream = connection.GetStream();
            byte[] mark = new byte[4];
            while (true)
            {
                await stream.ReadExactlyAsync(mark);
                byte[] call = new byte[BinaryPrimitives.ReadUInt32BigEndian(mark) & 0x7FFFFFFF];
                await stream.ReadExactlyAsync(call);
                uint xid = BinaryPrimitives.ReadUInt32BigEndian(call);
                uint[] reply = [0x80000000 | 32, xid, 1, 0, 0, 0, 2, _lowest, _highest];
                byte[] bytes = new byte[reply.Length * 4];
                for (int i = 0; i < reply.Length; i++)
                    BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(i * 4), reply[i]);
                await stream.WriteAsync(bytes);
            }
        }
        catch (IOException)
        {
            // The client has gone.
        }
    }
}
