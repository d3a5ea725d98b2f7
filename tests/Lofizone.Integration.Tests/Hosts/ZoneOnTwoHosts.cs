using System.Globalization;
using Lofizone.Devices;
using Lofizone.Interop;
using Lofizone.Programs;
using Lofizone.Runtime;
using Lofizone.Testing;
using Lofizone.Testing.Hosts;

namespace Lofizone.Integration.Tests.Hosts;

/// <summary>
/// A zone that is installed on host A, and a host B that has never seen the zone, each with a link of its own to the server. The test knows
/// every block that A writes into the zone's file system.
/// </summary>
public sealed class ZoneOnTwoHosts : IAsyncLifetime
{
    public const string Zone = "web";

    private const int Blocks = 2048;
    private const int Half = Blocks / 2;

    private LinkedHosts _hosts = null!;

    internal LinkedHost A { get; private set; } = null!;

    internal LinkedHost B { get; private set; } = null!;

    private string Uri => $"{_hosts.Server.Uri}/{Zone}";

    public async ValueTask InitializeAsync()
    {
        _hosts = await LinkedHosts.StartAsync();
        A = await _hosts.AddAsync();
        B = await _hosts.AddAsync();
        await A.Host.RunCheckedAsync("create", Zone, _hosts.Server.Uri, "--size", "400m");
    }

    public async ValueTask DisposeAsync()
    {
        if (_hosts is not null)
            await _hosts.DisposeAsync();
    }

    /// <summary>
    /// Boots the zone on A, and writes into the zone without end. Afterwards no process of the zone runs and the zone is A's again,
    /// whatever has happened.
    /// </summary>
    internal async Task WithRunningZoneAsync(Func<PatternWriter, Task> test)
    {
        await A.Host.RunCheckedAsync("boot", Zone);
        string file = FileOn(A);
        PatternFile.Fill(file, 'A', Blocks);
        PatternWriter writer = await PatternWriter.StartAsync(file, 'A', 0, Blocks);
        await test(writer);
        await writer.AbandonAsync();
        if (await A.Host.StateAsync(Zone) == "installed")
            return;
        await B.Host.RunCheckedAsync("detach", Zone);
        await A.Host.RunCheckedAsync("attach", Zone);
    }

    /// <summary>
    /// Takes the zone over to B, which then writes into half of the same file. All of A's flushed data must be there. Returns a function
    /// that gives the final content of every block when B has stopped writing.
    /// </summary>
    internal async Task<TakenZone> TakeOverAsync(PatternWriter first, params string[] options)
    {
        CommandResult taken = await B.Host.RunAsync(["takeover", Uri, .. options]);
        Assert.True(taken.Succeeded, taken.ToString());
        Assert.Equal("running", await B.Host.StateAsync(Zone));
        BlockPattern?[] found = PatternFile.Read(FileOn(B), Blocks);
        first.AssertKept(found);
        return new TakenZone(this, found, await PatternWriter.StartAsync(FileOn(B), 'B', 0, Half), taken.Took);
    }

    /// <summary>
    /// Asserts that the zone, which runs on A again, has all of its flushed data. A halts the zone, and its whole file system is checked.
    /// </summary>
    internal async Task AssertKeptAsync(PatternWriter writer)
    {
        writer.AssertKept(PatternFile.Read(FileOn(A), Blocks));
        await A.Host.RunCheckedAsync("halt", Zone);
        await TestProgram.RunAsync("e2fsck", "-fn", Path.Combine(_hosts.Server.ExportDirectory, Zone, "root.img"));
    }

    /// <summary>
    /// Asserts that A itself has found out: its zone is stopped, no trace of the zone is left, and every command tells the zone's place.
    /// </summary>
    internal async Task AssertGaveWayAsync()
    {
        await A.Host.WaitAsync(async () => (await A.Host.RunCheckedAsync("list")).Contains("taken over by", StringComparison.Ordinal), "the old owner does not notice");
        await A.Host.WaitForStateAsync(Zone, "configured");
        await A.Host.WaitUntilSettledAsync(Zone);
        Assert.Empty(HostTraces.Find(A.Host.Paths, Zone));
        Assert.Contains($"taken over by {Environment.MachineName} at ", await A.Host.RunCheckedAsync("list"), StringComparison.Ordinal);
        await AssertMayNotBootAsync("taken over by");
    }

    /// <summary>Asserts that A is told of the zone's new host, and that B's zone keeps running.</summary>
    internal async Task AssertMayNotBootAsync(string why)
    {
        CommandResult boot = await A.Host.RunAsync("boot", Zone);
        Assert.Equal(1, boot.ExitCode);
        Assert.Contains(why, boot.Error, StringComparison.Ordinal);
        Assert.Equal("configured", await A.Host.StateAsync(Zone));
        Assert.Equal("running", await B.Host.StateAsync(Zone));
    }

    /// <summary>The processes of the zone and its device on A, by name.</summary>
    internal int ProcessOf(string name)
    {
        RuntimeState state = new ZoneRuntime(A.Host.Paths, new ProgramRunner(), TestHost.Kernel, TestHost.ZoneBinary, TimeProvider.System).State(Zone);
        LofiDevice device = Assert.Single(A.Host.Devices.List());
        return name switch
        {
            "engine" => device.Engine!.Pid,
            "keeper" => device.Keeper!.Pid,
            "conmon" => state.ConmonPid,
            "init" => state.InitPid,
            _ => throw new ArgumentOutOfRangeException(nameof(name), name, "no process of a zone"),
        };
    }

    /// <summary>Kills all of these processes with SIGKILL, before any process can notice another's end.</summary>
    internal async Task KillAsync(params string[] names)
    {
        string[] processes = [.. names.Select(name => ProcessOf(name).ToString(CultureInfo.InvariantCulture))];
        await TestProgram.RunAsync("kill", ["-STOP", .. processes]);
        await TestProgram.RunAsync("kill", ["-KILL", .. processes]);
    }

    /// <summary>
    /// B stops writing and halts the zone. Then every block of the file and the whole file system are checked on the server.
    /// </summary>
    internal async Task AssertOnlyOneWroteAsync(BlockPattern?[] taken, PatternWriter second)
    {
        await second.AdvanceAsync(Half);
        await second.StopAsync();
        second.AssertNobodyElseWrote(taken, PatternFile.Read(FileOn(B), Blocks));
        await B.Host.RunCheckedAsync("halt", Zone);
        await TestProgram.RunAsync("e2fsck", "-fn", Path.Combine(_hosts.Server.ExportDirectory, Zone, "root.img"));
    }

    /// <summary>The path of a file in the zone's root, in the global zone of a host.</summary>
    private static string FileOn(LinkedHost host) => Path.Combine(host.Host.Paths.Zones, Zone, "root", "var", "pattern");
}

/// <summary>A zone that B has taken and writes to.</summary>
/// <param name="Bed">The hosts.</param>
/// <param name="Found">The content of every block at the time of the takeover.</param>
/// <param name="Writer">B's writer.</param>
/// <param name="Took">Time from the takeover to the zone's start.</param>
internal sealed record TakenZone(ZoneOnTwoHosts Bed, BlockPattern?[] Found, PatternWriter Writer, TimeSpan Took)
{
    /// <summary>Asserts that every block is B's write, or the content that B found.</summary>
    public Task AssertOnlyOneWroteAsync() => Bed.AssertOnlyOneWroteAsync(Found, Writer);
}
