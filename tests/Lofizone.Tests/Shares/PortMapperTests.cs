using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using CsCheck;
using Lofizone.Nfs;
using Lofizone.Shares;

namespace Lofizone.Tests.Shares;

/// <summary>No program listens at the port of NFSv4. The tests show the server's other offers.</summary>
public sealed class PortMapperTests
{
    private const uint Nfs = 100003, Mount = 100005, Mapper = 100000, Tcp = 6, Udp = 17, Last = 0x80000000;

    [Theory]
    [InlineData("3", "its portmapper offers NFS 3 only, 4.1 or 4.2 is needed", "switch NFSv4.1")]
    [InlineData("2,3", "its portmapper offers NFS 2 and 3 only, 4.1 or 4.2 is needed", "switch NFSv4.1")]
    public async Task A_server_without_NFSv4_is_told_apart_by_its_portmapper(string versions, string message, string advice)
    {
        using FakePortMapper mapper = new(Record(Dump([.. versions.Split(',').Select(uint.Parse)])));
        LofizoneException error = await OpenAsync(mapper.Port);
        Assert.Contains("can't be reached", error.Message, StringComparison.Ordinal);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.Contains(advice, error.Advice, StringComparison.Ordinal);
        Assert.True(ServerAway.IsReason(error), "it may be starting");
    }

    /// <summary>Some portmappers keep the registrations of a dead server.</summary>
    [Fact]
    public async Task Without_a_portmapper_or_with_one_that_knows_NFSv4_too_or_no_NFS_only_the_port_is_told()
    {
        LofizoneException error = await OpenAsync(FreePort());
        Assert.DoesNotContain("portmapper", error.Message, StringComparison.Ordinal);
        foreach (uint[] versions in (uint[][])[[], [3, 4]])
        {
            using FakePortMapper mapper = new(Record(Dump(versions)));
            Assert.Equal(error.Message, (await OpenAsync(mapper.Port)).Message);
        }
    }

    [Fact]
    public async Task An_answer_in_many_fragments_is_read_and_one_without_end_or_bounds_is_not()
    {
        byte[] dump = Dump([3]);
        Assert.Equal([3u], await AskAsync([.. Words(8u), .. dump[..8], .. Words(Last | (uint)(dump.Length - 8)), .. dump[8..]]));
        Assert.Empty(await AskAsync(Words(Last | 0x7FFFFFFF)));
        Assert.Empty(await AskAsync([.. Enumerable.Repeat(Words(16 << 10).Concat(new byte[16 << 10]), 8).SelectMany(f => f)]));
        Assert.Empty(await AskAsync(Words(Last)));
        Assert.Empty(await AskAsync("SSH-2.0-OpenSSH_9.2"u8.ToArray()));
        Assert.Empty(await AskAsync([], TimeSpan.FromMilliseconds(1)));
    }

    [Fact]
    public void Garbage_and_a_cut_answer_end_in_the_protocol_error_and_nothing_else()
    {
        Gen.Byte.Array[0, 300].Sample(Decode);
        byte[] dump = Dump([2, 3])[4..];
        for (int length = 0; length < dump.Length; length++)
            Assert.ThrowsAny<IOException>(() => PortMapper.DecodeDump(dump.AsSpan(0, length)));
        Assert.Equal([2u, 3u], PortMapper.DecodeDump(dump));
    }

    private static void Decode(byte[] answer)
    {
        try
        {
            PortMapper.DecodeDump(answer);
        }
        catch (IOException)
        {
            // This is the protocol's error.
        }
    }

    private static async Task<IReadOnlyList<uint>> AskAsync(byte[] answer, TimeSpan? limit = null)
    {
        using FakePortMapper mapper = new(answer);
        return await PortMapper.NfsVersionsAsync("127.0.0.1", mapper.Port, limit ?? TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
    }

    private static async Task<LofizoneException> OpenAsync(int mapper) => await Assert.ThrowsAsync<LofizoneException>(
        () => NfsShare.OpenAsync(ShareUri.Parse("nfs://127.0.0.1:1/export"), new NfsShareOptions { PortMapperPort = mapper, ConnectDeadline = TimeSpan.FromMilliseconds(200) }));

    /// <summary>Transaction ID, an accepted reply, and services of these versions among others.</summary>
    private static byte[] Dump(uint[] versions) => Words(
    [
        7, 1, 0, 0, 0, 0,
        1, Mapper, 2, Tcp, 111,
        .. versions.SelectMany(v => (uint[])[1, Nfs, v, Tcp, 2049, 1, Nfs, v, Udp, 2049]),
        1, Mount, 4, Tcp, 20048,
        0,
    ]);

    private static byte[] Record(byte[] content) => [.. Words(Last | (uint)content.Length), .. content];

    private static byte[] Words(params uint[] words)
    {
        byte[] bytes = new byte[words.Length * sizeof(uint)];
        for (int i = 0; i < words.Length; i++)
            BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(i * sizeof(uint)), words[i]);
        return bytes;
    }

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
