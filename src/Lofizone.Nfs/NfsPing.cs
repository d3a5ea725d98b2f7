using System.Buffers.Binary;
using System.Net.Sockets;
using Lofizone.Nfs.Options;
using Lofizone.Nfs.Rpc;

namespace Lofizone.Nfs;

/// <summary>
/// Asks a server for a sign of life with a NULL call (RFC 7530 section 16.1), which the server answers without looking at any file. The
/// caller learns within a short limit that the server is dead; the wait for a first real request has a much longer limit.
/// </summary>
public static class NfsPing
{
    private const int ReplyBytes = 12;
    private const uint Reply = 1;

    /// <summary>
    /// Null when one of the addresses answers within the limit; otherwise the reason why the last address did not answer.
    /// </summary>
    /// <param name="addresses">Addresses of one server; all are asked at the same time.</param>
    /// <param name="limit">Limit for all addresses together.</param>
    /// <param name="cancellation">Ends the question.</param>
    public static async Task<string?> AskAsync(IReadOnlyList<NfsAddress> addresses, TimeSpan limit, CancellationToken cancellation)
    {
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        end.CancelAfter(limit);
        List<Task<string?>> asked = [.. addresses.Select(address => AskOneAsync(address, limit, end.Token))];
        string? why = null;
        while (asked.Count > 0)
        {
            Task<string?> first = await Task.WhenAny(asked);
            asked.Remove(first);
            why = await first;
            cancellation.ThrowIfCancellationRequested();
            if (why is null)
                break;
        }

        await end.CancelAsync();
        await Task.WhenAll(asked);
        return why;
    }

    private static async Task<string?> AskOneAsync(NfsAddress address, TimeSpan limit, CancellationToken end)
    {
        try
        {
            using TcpClient connection = new();
            await connection.ConnectAsync(address.Host, address.Port, end);
            NetworkStream stream = connection.GetStream();
            await stream.WriteAsync(RpcMessage.BuildNullCall(), end);
            byte[] reply = new byte[ReplyBytes];
            await stream.ReadExactlyAsync(reply, end);
            return BinaryPrimitives.ReadUInt32BigEndian(reply.AsSpan(8)) == Reply ? null : "something else than an RPC server answers";
        }
        catch (OperationCanceledException)
        {
            return $"no answer within {limit.TotalSeconds:0.#} s";
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            return e.Message;
        }
    }
}
