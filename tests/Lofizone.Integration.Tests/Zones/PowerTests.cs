using Lofizone.Testing.Hosts;

namespace Lofizone.Integration.Tests.Zones;

/// <summary>Boot, ready, halt, shutdown and reboot as in zoneadm(8), on one zone that is installed before and after each test.</summary>
public sealed class PowerTests(PowerTests.Tiny tiny) : IClassFixture<PowerTests.Tiny>
{
    private const string Zone = "web";

    private TestHost Host => tiny.Host;

    [Fact]
    public async Task Only_shutdown_and_zone_halt_run_the_shutdown_scripts_of_the_zone()
    {
        await RunAsync("boot");
        await WriteAsync("before halt");
        await RunAsync("halt");
        await RunAsync("boot");
        Assert.Equal("before halt", await NotedAsync());
        await RunAsync("shutdown", "-r", "--", "-s");
        Assert.Equal("shut down", await NotedAsync());
        await AssertSingleUserAsync();
        await WriteAsync("before reboot");
        await RunAsync("reboot");
        Assert.Equal("before reboot", await NotedAsync());
        await Host.RunCheckedAsync("halt", Zone);
        await RunAsync("boot");
        Assert.Equal("shut down", await NotedAsync());
        await WriteAsync("before zone halt --now");
        await Host.RunCheckedAsync("halt", Zone, "--now");
        await RunAsync("boot");
        Assert.Equal("before zone halt --now", await NotedAsync());
        await RunAsync("shutdown");
        (await Host.RunAsync("halt", Zone, "--now", "--force")).AssertWrongUsage("exclude each other");
        (await Host.RunAsync("zoneadm", "-z", Zone, "shutdown", "--", "-s")).AssertWrongUsage("boot arguments need -r");
        (await Host.RunAsync("zoneadm", "-z", Zone, "reboot")).AssertRefused("is not running");
    }

    [Fact]
    public async Task Boot_arguments_choose_the_init_and_how_far_it_goes()
    {
        await RunAsync("boot", "--", "-i", "/sbin/other");
        Assert.Equal("other", (await Host.RunCheckedAsync("login", Zone, "--", "cat", "/run/up")).Trim());
        await RunAsync("halt");
        (await Host.RunAsync("zoneadm", "-z", Zone, "boot", "--", "-i", "/sbin/gone")).AssertRefused("has no program /sbin/gone");
        (await Host.RunAsync("zoneadm", "-z", Zone, "boot", "--", "-m", "milestone=none")).AssertRefused("its init is BusyBox, which has no milestone none");
        (await Host.RunAsync("zoneadm", "-z", Zone, "boot", "--", "-m", "verbose")).AssertWrongUsage("only milestone=NAME has an effect here");
        Assert.Equal("installed", await Host.StateAsync(Zone));
        await AssertDownAsync();
    }

    [Fact]
    public async Task A_ready_zone_is_mounted_and_has_no_process_until_it_is_booted_or_halted()
    {
        await RunAsync("ready");
        string[] fields = (await Host.RunCheckedAsync("zoneadm", "list", "-p")).Split('\n')[1].Split(':');
        Assert.Equal((Zone, "ready"), (fields[1], fields[2]));
        Assert.True(File.Exists(Path.Combine(Host.Paths.ZonePath(Zone), "root/sbin/init")));
        (await Host.RunAsync("zoneadm", "-z", Zone, "ready")).AssertRefused("already booted (ready)");
        (await Host.RunAsync("zlogin", Zone, "id")).AssertRefused("is not running (it is ready)");
        (await Host.RunAsync("zoneadm", "-z", Zone, "detach")).AssertRefused("is ready");
        await RunAsync("boot");
        Assert.Equal(fields[0], (await Host.RunCheckedAsync("zoneadm", "-z", Zone, "list", "-p")).Split(':')[0]);
        Assert.Equal("up", (await Host.RunCheckedAsync("login", Zone, "--", "cat", "/run/up")).Trim());
        await RunAsync("halt");
        await RunAsync("ready");
        CommandResult halt = await Host.RunAsync("halt", Zone);
        Assert.True(halt.Succeeded && !halt.Error.Contains("was killed", StringComparison.Ordinal), halt.ToString());
        await AssertDownAsync();
        // The command line of a ready zone's init is made already.
        await RunAsync("ready");
        await RunAsync("boot", "--", "-s");
        await AssertSingleUserAsync();
        await RunAsync("halt");
        await AssertDownAsync();
    }

    private Task<string> RunAsync(params string[] words) => Host.RunCheckedAsync(["zoneadm", "-z", Zone, .. words]);

    /// <summary>In single-user mode BusyBox's init runs no line of its inittab.</summary>
    private async Task AssertSingleUserAsync() => Assert.NotEqual(0, (await Host.RunAsync("login", Zone, "--", "cat", "/run/up")).ExitCode);

    private async Task AssertDownAsync()
    {
        await Host.WaitUntilSettledAsync(Zone);
        Assert.Empty(HostTraces.Find(Host.Paths, Zone));
    }

    private Task<string> WriteAsync(string text) => Host.RunCheckedAsync("login", Zone, "--", "sh", "-c", $"printf '{text}' >/root/noted && sync");

    private async Task<string> NotedAsync() => (await Host.RunCheckedAsync("login", Zone, "--", "cat", "/root/noted")).Trim();

    /// <summary>A host with a zone whose init notes its shutdown.</summary>
    public sealed class Tiny : IAsyncLifetime
    {
        public TestHost Host { get; } = new();

        public async ValueTask InitializeAsync() => await new TinyZones(Host).AddAsync(
            Zone, init: null,
            ("etc/inittab", "::sysinit:/etc/up\nconsole::respawn:-/bin/sh\n::shutdown:/etc/down\n"),
            ("etc/up", "#!/bin/sh\necho up >/run/up\n"),
            ("etc/down", "#!/bin/sh\necho shut down >/root/noted\n"),
            ("sbin/other", "#!/bin/sh\necho other >/run/up\nwhile :; do sleep 1000; done\n"));

        public async ValueTask DisposeAsync() => await Host.DisposeAsync();
    }
}
