using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Lofizone.Testing.Nfs;

/// <summary>
/// Procedure NULL of NFSv4 (RFC 8881, section 17.1). The call is spelled out byte by byte, so that the client under test does not judge a
/// test's server.
/// </summary>
public static class NfsNullCall
{
    private const int ReplyBytes = 4 + 24;

    /// <summary>
    /// True when the server answers the call with success. False when the server can't be reached or gives another answer.
    /// </summary>
    public static async Task<bool> AnswersAsync(IPEndPoint server, CancellationToken cancellation)
    {
        // Record mark, xid, CALL, RPC version 2, program 100003, version 4, procedure 0, AUTH_NONE twice (RFC 5531, sections 9 and 11).
        uint[] call = [0x80000000 | 40, 0x4c6f6669, 0, 2, 100003, 4, 0, 0, 0, 0, 0];
        byte[] bytes = new byte[call.Length * 4];
        for (int i = 0; i < call.Length; i++)
            BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(i * 4), call[i]);
        try
        {
            using Socket socket = new(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(server, cancellation);
            await using NetworkStream stream = new(socket);
            await stream.WriteAsync(bytes, cancellation);
            byte[] reply = new byte[ReplyBytes];
            await stream.ReadExactlyAsync(reply, cancellation);
            bool accepted = BinaryPrimitives.ReadUInt32BigEndian(reply.AsSpan(12)) == 0;
            bool success = BinaryPrimitives.ReadUInt32BigEndian(reply.AsSpan(24)) == 0;
            return accepted && success;
        }
        catch (Exception error) when (error is SocketException or IOException)
        {
            return false;
        }
    }
}
