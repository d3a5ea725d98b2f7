using System.Buffers.Binary;
using Lofizone.Observation;
using Lofizone.Tracing;

namespace Lofizone.Tests.Tracing;

/// <summary>The file of a trace, and the cost of a trace for the traced process.</summary>
public sealed class MessageTraceTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("lofizone-trace-").FullName;
    private readonly List<string> _log = [];

    private string TracePath => Path.Combine(_directory, "lofi-1.trace");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void A_reply_is_told_with_the_time_since_its_call_and_a_repeated_call_as_such()
    {
        using (MessageTrace trace = New())
        {
            trace.Layers = TraceLayers.Nfs;
            Take(trace.Nfs, MessageKind.Call, NullCall(7));
            Take(trace.Nfs, MessageKind.Call, NullCall(7));
            Take(trace.Nfs, MessageKind.Reply, NullReply(7));
            Take(trace.Nfs, MessageKind.Reply, [0, 0, 0, 9]);
        }

        string[] lines = File.ReadAllLines(TracePath);
        Assert.Equal(4, lines.Length);
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z nfs nas:2049/1 call  24 bytes xid 00000007 NULL program 100003 version 4$", lines[0]);
        Assert.Contains("call  24 bytes sent again: xid 00000007", lines[1], StringComparison.Ordinal);
        Assert.Matches(@"reply 24 bytes after \d+ us xid 00000007 NULL$", lines[2]);
        Assert.EndsWith("xid 00000009 nobody waits for it, or it is malformed", lines[3], StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(TracePath));
    }

    [Fact]
    public void A_FUSE_reply_is_told_by_the_request_it_answers()
    {
        byte[] request = new byte[80];
        BinaryPrimitives.WriteUInt32LittleEndian(request, 80);
        BinaryPrimitives.WriteUInt32LittleEndian(request.AsSpan(4), 15);
        BinaryPrimitives.WriteUInt64LittleEndian(request.AsSpan(8), 42);
        byte[] reply = new byte[16];
        BinaryPrimitives.WriteUInt32LittleEndian(reply, 16 + 4096);
        BinaryPrimitives.WriteUInt64LittleEndian(reply.AsSpan(8), 42);
        using (MessageTrace trace = New())
        {
            trace.Layers = TraceLayers.Fuse;
            Take(trace.Fuse, MessageKind.Call, request);
            Take(trace.Fuse, MessageKind.Reply, reply);
            Assert.False(trace.Nfs.IsOn);
        }

        string[] lines = File.ReadAllLines(TracePath);
        Assert.Contains("fuse nas:2049/1 call  80 bytes READ unique 42 offset 0 size 0", lines[0], StringComparison.Ordinal);
        Assert.Matches(@"after \d+ us READ unique 42 4096 bytes$", lines[1]);
    }

    [Fact]
    public void A_trace_that_is_off_makes_no_file()
    {
        using (MessageTrace trace = New())
            Assert.Equal((false, false), (trace.Nfs.IsOn, trace.Fuse.IsOn));
        Assert.Empty(Directory.EnumerateFiles(_directory));
    }

    [Fact]
    public void A_full_trace_is_put_aside_and_only_one_is_kept()
    {
        const int Limit = 4096;
        for (int round = 0; round < 100; round++)
        {
            using MessageTrace trace = New(Limit);
            trace.Layers = TraceLayers.Nfs;
            Take(trace.Nfs, MessageKind.Call, NullCall((uint)round));
            trace.Dispose();
            using TraceFile file = new(TracePath, Limit);
            file.Append(new byte[600]);
            file.Append(new byte[600]);
        }

        Assert.Equal([TracePath, TracePath + ".1"], Directory.EnumerateFiles(_directory).Order());
        Assert.All(Directory.EnumerateFiles(_directory), f => Assert.InRange(new FileInfo(f).Length, 1, Limit + 600));
    }

    [Fact]
    public void What_comes_faster_than_it_is_written_is_counted_and_told()
    {
        const int Messages = 20_000;
        byte[] message = [.. NullCall(1), .. new byte[1000]];
        using (MessageTrace trace = New())
        {
            trace.Layers = TraceLayers.Nfs;
            for (int i = 0; i < Messages; i++)
                Take(trace.Nfs, MessageKind.Call, message);
            trace.Dispose();
            int written = File.ReadLines(TracePath).Count(l => l.Contains(" call ", StringComparison.Ordinal));
            Assert.Equal(Messages, written + trace.Dropped);
            Assert.Equal(trace.Dropped, File.ReadLines(TracePath).Where(l => l.Contains("came faster", StringComparison.Ordinal)).Sum(l => long.Parse(l.Split(' ')[2])));
        }
    }

    [Fact]
    public void A_trace_that_cannot_be_written_says_so_once_and_disturbs_nobody()
    {
        using MessageTrace trace = new(Path.Combine(_directory, "missing", "x.trace"), _log.Add, TimeProvider.System);
        trace.Layers = TraceLayers.Nfs;
        for (int i = 0; i < 10; i++)
            Take(trace.Nfs, MessageKind.Call, NullCall(1));
        trace.Dispose();
        Assert.Equal(10, trace.Dropped);
        Assert.Contains("can't be written", Assert.Single(_log), StringComparison.Ordinal);
    }

    [Fact]
    public void Layers_are_named_as_users_do()
    {
        Assert.Equal(TraceLayers.Nfs | TraceLayers.Fuse, TraceLayersText.TryParse("fuse,nfs"));
        Assert.Equal(TraceLayers.None, TraceLayersText.TryParse("off"));
        foreach (TraceLayers layers in (TraceLayers[])[TraceLayers.None, TraceLayers.Nfs, TraceLayers.Fuse, TraceLayers.Nfs | TraceLayers.Fuse])
            Assert.Equal(layers, TraceLayersText.TryParse(layers.Text()));
        Assert.All(["", "NFS", "nfs,", "all", "nfs fuse", "off,nfs"], text => Assert.Null(TraceLayersText.TryParse(text)));
    }

    private MessageTrace New(long limitBytes = TraceFile.DefaultLimitBytes) => new(TracePath, _log.Add, TimeProvider.System, limitBytes);

    private static void Take(IMessageTap tap, MessageKind kind, byte[] bytes) =>
        tap.Take(new TappedMessage { Kind = kind, Bytes = bytes, TotalBytes = bytes.Length, Route = "nas:2049/1" });

    private static byte[] NullCall(uint xid) => Words(xid, 0, 2, 100003, 4, 0);

    private static byte[] NullReply(uint xid) => Words(xid, 1, 0, 0, 0, 0);

    private static byte[] Words(params uint[] words)
    {
        byte[] bytes = new byte[words.Length * 4];
        for (int i = 0; i < words.Length; i++)
            BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(i * 4), words[i]);
        return bytes;
    }
}
