using System.Net.Sockets;
using Lofizone.Nfs.Rpc;
using Lofizone.Nfs.Xdr;

namespace Lofizone.Nfs;

/// <summary>
/// Asks the portmapper of a host (RFC 1833 section 3) which versions of NFS the host offers. The answer explains why no process listens at
/// the port of NFSv4: a server of older versions does not need that port. A server of NFSv4 alone is not registered with the portmapper.
/// </summary>
public static class PortMapper
{
    /// <summary>The portmapper's TCP port.</summary>
    public const int Port = 111;

    private const uint Program = 100000;
    private const uint Version = 2;
    private const uint DumpProcedure = 4;
    private const uint NfsProgram = 100003;

    /// <summary>Limit for the size of an answer: hosts register some dozens of services of 20 bytes each.</summary>
    private const int LimitBytes = 64 << 10;

    private const int TransactionBytes = sizeof(uint);

    /// <summary>
    /// Versions of NFS that the host's portmapper knows, in ascending order. Empty when the portmapper knows none, or does not give a valid
    /// answer within the limit.
    /// </summary>
    /// <param name="host">Name or address of the host.</param>
    /// <param name="port">The portmapper's port.</param>
    /// <param name="limit">Limit for connection, question and answer together.</param>
    /// <param name="cancellation">Ends the question.</param>
    public static async Task<IReadOnlyList<uint>> NfsVersionsAsync(string host, int port, TimeSpan limit, CancellationToken cancellation)
    {
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        end.CancelAfter(limit);
        try
        {
            using TcpClient connection = new();
            await connection.ConnectAsync(host, port, end.Token);
            NetworkStream stream = connection.GetStream();
            await stream.WriteAsync(RpcMessage.BuildEmptyCall(Program, Version, DumpProcedure), end.Token);
            return DecodeDump(await ReadRecordAsync(stream, end.Token));
        }
        catch (Exception e) when (e is SocketException or IOException or XdrException or OperationCanceledException)
        {
            cancellation.ThrowIfCancellationRequested();
            return [];
        }
    }

    /// <summary>Decodes the reply of PMAPPROC_DUMP behind the transaction ID: a list of (program, version, protocol, port).</summary>
    public static IReadOnlyList<uint> DecodeDump(ReadOnlySpan<byte> reply)
    {
        XdrReader reader = new(reply);
        if (RpcMessage.DecodeReplyHead(ref reader) is not null)
            return [];
        SortedSet<uint> versions = [];
        while (reader.ReadBool())
        {
            (uint program, uint version) = (reader.ReadUInt32(), reader.ReadUInt32());
            reader.ReadUInt32();
            reader.ReadUInt32();
            if (program == NfsProgram)
                versions.Add(version);
        }

        return [.. versions];
    }

    /// <summary>
    /// Reads a record of any number of fragments (RFC 5531 section 11), and returns the record without its transaction ID.
    /// </summary>
    private static async Task<byte[]> ReadRecordAsync(NetworkStream stream, CancellationToken cancellation)
    {
        byte[] record = [];
        uint mark = 0;
        while ((mark & RpcMessage.LastFragment) == 0)
        {
            byte[] head = new byte[RpcMessage.RecordMarkBytes];
            await stream.ReadExactlyAsync(head, cancellation);
            mark = new XdrReader(head).ReadUInt32();
            uint length = mark & ~RpcMessage.LastFragment;
            if (length is 0 || length > LimitBytes - record.Length)
                throw new XdrException($"a fragment of {length} bytes in an answer of the portmapper");
            byte[] fragment = new byte[length];
            await stream.ReadExactlyAsync(fragment, cancellation);
            record = [.. record, .. fragment];
        }

        return record.Length >= TransactionBytes
            ? record[TransactionBytes..]
            : throw new XdrException("an answer of the portmapper without a header");
    }
}
