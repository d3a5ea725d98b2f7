using Lofizone.Engine;
using Lofizone.Integration.Tests.Zones;
using Lofizone.Interop;
using Lofizone.Testing.Hosts;

namespace Lofizone.Integration.Tests.Commands;

/// <summary>A file with every message of a data path: from a device's start, over its engine's death, and during operation.</summary>
public sealed class TraceTests(NasHost nas) : IClassFixture<NasHost>
{
    private const string Secret = "nobody reads this in a trace";

    private TestHost Host => nas.Host;

    private string TraceFile => Path.Combine(Host.Paths.Log, "lofi-1.trace");

    [Fact]
    public async Task A_device_attached_with_the_variable_is_traced_over_its_engines_death_until_told_otherwise()
    {
        string image = $"{nas.Share}/traced.img";
        await Host.RunCheckedAsync("mkfile", "-n", "16m", image);
        CommandResult attach = await Host.RunAsync(null, ["env", "LOFIZONE_TRACE=nfs,fuse"], "lofiadm", "-a", image);
        Assert.True(attach.Succeeded, attach.ToString());
        string device = attach.Output.Trim();
        Write(device, offset: 4096);
        Assert.Contains($"tracing nfs,fuse to {TraceFile} (0 lines dropped)", await Host.RunCheckedAsync("lofiadm", "-v"), StringComparison.Ordinal);

        ProcessIdentity engine = new EngineDirectory(Path.Combine(Host.Paths.LofiRun, "1")).ReadProcess()!;
        Processes.Send(engine, Signal.Kill);
        Write(device, offset: 8192);
        Assert.Equal($"{device}: traced: off\n", await Host.RunCheckedAsync("trace", device, "off"));
        Write(device, offset: 12288);
        Assert.Equal($"{device}: traced: fuse to {TraceFile}\n", await Host.RunCheckedAsync("trace", device, "fuse"));
        Write(device, offset: 16384);
        await Host.RunCheckedAsync("lofiadm", "-d", device);

        string[] lines = await File.ReadAllLinesAsync(TraceFile, TestContext.Current.CancellationToken);
        // The messages are in order: the kernel's request, the call, the server's reply, the reply to the kernel.
        AssertInOrder(
            lines,
            @" nfs 127\.0\.0\.1:\d+/1 call  \d+ bytes xid \w{8} COMPOUND .* minorversion 2: EXCHANGE_ID co_verifier",
            @" nfs 127\.0\.0\.1:\d+/1 reply \d+ bytes after \d+ us xid \w{8} COMPOUND NFS4_OK .*: CREATE_SESSION NFS4_OK sessionid",
            @"; OPEN .* file ""traced\.img""",
            @" fuse reply \d+ bytes after \d+ us INIT unique \d+ version 7",
            @" fuse call  \d+ bytes WRITE unique \d+ offset 4096 size 4096",
            @" call  \d+ bytes xid .*: SEQUENCE sessionid \w{32} sequenceid \d+ slotid \d+ highest_slotid \d+ cachethis \w+; PUTFH object \d+ bytes #\w{8}; WRITE stateid \d+:\w{24} offset 4096 stable \w+ data 4096 bytes$",
            @" reply \d+ bytes after \d+ us xid .*: SEQUENCE NFS4_OK .* status_flags \S+; PUTFH NFS4_OK; WRITE NFS4_OK count 4096 committed \w+ writeverf \w{16}",
            @" fuse reply 24 bytes after \d+ us WRITE unique \d+ size 4096",
            @"WRITE unique \d+ .*offset 8192 size 4096",
            @"WRITE stateid \d+:\w{24} offset 8192 stable",
            @" fuse call  \d+ bytes WRITE unique \d+ offset 16384 size 4096");
        // This part is from the second engine.
        Assert.Contains(lines, l => l.Contains(": BIND_CONN_TO_SESSION sessid", StringComparison.Ordinal));
        Assert.DoesNotContain(lines, l => l.Contains("offset 12288", StringComparison.Ordinal) || l.Contains("WRITE stateid", StringComparison.Ordinal) && l.Contains("offset 16384", StringComparison.Ordinal));
        Assert.DoesNotContain(lines, l => l.Contains("nobody", StringComparison.Ordinal) && !l.Contains("waits for it", StringComparison.Ordinal));
        Assert.DoesNotContain(lines, l => l.Contains("can't be told apart", StringComparison.Ordinal) || l.Contains("malformed", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Layers_that_there_are_not_are_wrong_usage_and_nothing_is_done()
    {
        string image = $"{nas.Share}/untouched.img";
        CommandResult made = await Host.RunAsync(null, ["env", "LOFIZONE_TRACE=nsf"], "mkfile", "-n", "16m", image);
        Assert.Equal(2, made.ExitCode);
        Assert.Contains("mkfile: LOFIZONE_TRACE=nsf: no layers to trace\n  set it to nfs, fuse, nfs,fuse or off", made.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(nas.ShareDirectory, "untouched.img")));
        CommandResult trace = await Host.RunAsync("trace", "1", "everything");
        Assert.Equal(2, trace.ExitCode);
        Assert.Contains("'everything': trace nfs, fuse, nfs,fuse or off", trace.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_device_without_an_engine_says_that_there_is_nothing_to_trace()
    {
        string file = Path.Combine(Host.Root, "local.img");
        await Host.RunCheckedAsync("mkfile", "-n", "16m", file);
        string device = (await Host.RunCheckedAsync("lofiadm", "-a", file, "/dev/lofi/7")).Trim();
        CommandResult trace = await Host.RunAsync("trace", device, "nfs");
        Assert.Equal(1, trace.ExitCode);
        Assert.Contains("has no engine", trace.Error, StringComparison.Ordinal);
        await Host.RunCheckedAsync("lofiadm", "-d", device);
    }

    private static void Write(string device, long offset)
    {
        byte[] data = new byte[4096];
        System.Text.Encoding.ASCII.GetBytes(Secret, data);
        using FileDescriptor open = Files.Open(device, OpenFlags.ReadWrite);
        FileContent.Write(open, data, offset);
        FileContent.Sync(open);
    }

    private static void AssertInOrder(string[] lines, params string[] patterns)
    {
        int at = 0;
        foreach (string pattern in patterns)
        {
            int found = Array.FindIndex(lines, at, l => System.Text.RegularExpressions.Regex.IsMatch(l, pattern));
            Assert.True(found >= 0, $"{pattern} not behind line {at} of\n{string.Join('\n', lines)}");
            at = found + 1;
        }
    }
}
