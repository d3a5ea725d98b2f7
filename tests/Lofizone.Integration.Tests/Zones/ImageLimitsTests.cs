using System.Diagnostics;
using System.Globalization;
using Lofizone.Devices;
using Lofizone.Engine;
using Lofizone.Hosts;
using Lofizone.Interop;
using Lofizone.Testing;
using Lofizone.Testing.Hosts;
using Lofizone.Testing.Nfs;

namespace Lofizone.Integration.Tests.Zones;

/// <summary>Limits of a zone's I/O on its image: what a zone gets that wants more.</summary>
public sealed class ImageLimitsTests
{
    private const string Zone = "hog";

    private const long Mebibyte = 1 << 20;

    /// <summary>Writes and stores the same 4 MiB without end.</summary>
    private const string Writer =
        "#!/bin/sh\ntrap 'exit 0' USR1 USR2 TERM\n(while :; do busybox dd if=/dev/zero of=/f bs=1M count=4 conv=fsync; done) 2>/dev/null &\n"
        + "while :; do sleep 1000 & wait; done\n";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_zone_that_wants_more_gets_its_bandwidth_and_no_more_also_from_another_limit_and_another_engine()
    {
        await using GaneshaServer server = await GaneshaServer.StartAsync();
        await using TestHost host = new();
        string share = string.Create(CultureInfo.InvariantCulture, $"nfs://127.0.0.1:{server.Port}{server.PseudoPath}?transport=user");
        await new TinyZones(host, server.ExportDirectory, share).AddAsync(Zone, Writer);
        await host.RunCheckedAsync("set", Zone, "rootimage.max-bandwidth=1m", "rootimage.max-iops=1000");
        await host.RunCheckedAsync("boot", Zone);
        LofiDevice device = Assert.Single(host.Devices.List());
        EngineStatus status = await StatusAsync(host, device);
        Assert.Equal((1000, Mebibyte), (status.MaxOperations, status.MaxBytes));
        await AssertGetsAsync(host, device, Mebibyte, seconds: 6);

        // The zone runs on.
        Assert.Contains("Applied rootimage: max-bandwidth: 1m -> 4m", await host.RunCheckedAsync("set", Zone, "rootimage.max-bandwidth=4m"), StringComparison.Ordinal);
        await AssertGetsAsync(host, device, 4 * Mebibyte, seconds: 3);

        Processes.Send(device.Engine!, Signal.Kill);
        await Wait.UntilAsync(
            async () => await host.Devices.StatusAsync(device, Wait.Limit, Cancellation) is { Restarts: 1, BytesWritten: > 0 }, "no other engine serves", Cancellation);
        Assert.Equal(4 * Mebibyte, (await StatusAsync(host, device)).MaxBytes);
        await AssertGetsAsync(host, device, 4 * Mebibyte, seconds: 3);

        // A halt stores what the zone has written at the speed of the server.
        CommandResult halt = await host.RunHeldAsync(
            "halt/container/before", async () => Assert.Equal((0, 0), await StatusAsync(host, device) is var s ? (s.MaxOperations, s.MaxBytes) : default), "halt", Zone);
        Assert.True(halt.Succeeded, halt.ToString());
        Assert.Equal("installed", await host.StateAsync(Zone));
    }

    [Fact]
    public async Task An_image_on_a_directory_is_limited_in_the_zones_cgroup_or_refused_with_the_reason()
    {
        await using TestHost host = new();
        await new TinyZones(host).AddAsync(Zone, Writer);
        await host.RunCheckedAsync("set", Zone, "rootimage.max-bandwidth=1m");
        CgroupLayout layout = CgroupLayout.OfHost();
        bool canLimit = layout.Version2 is { } version2
            && (await File.ReadAllTextAsync(Path.Combine(version2, "cgroup.controllers"), Cancellation)).Split(' ', '\n').Contains("io");

        CommandResult boot = await host.RunAsync("boot", Zone);

        Assert.Equal(canLimit ? 0 : 1, boot.ExitCode);
        if (canLimit)
        {
            string limits = await File.ReadAllTextAsync($"{layout.Version2}{host.Paths.Cgroup}/{Zone}/io.max", Cancellation);
            Assert.Contains("rbps=1048576 wbps=1048576 riops=max wiops=max", limits, StringComparison.Ordinal);
            return;
        }

        Assert.Contains("rootimage: max-iops and max-bandwidth can't be kept on this host", boot.Error, StringComparison.Ordinal);
        Assert.Equal("installed", await host.StateAsync(Zone));
        await host.RunCheckedAsync("set", Zone, "rootimage.max-bandwidth=");
        await host.RunCheckedAsync("boot", Zone);
        // A zone that runs is not given a limit either that has no effect.
        (await host.RunAsync("zonecfg", "-z", Zone, "-r", "select rootimage; set max-iops=100; end")).AssertFailed("can't be kept on this host");
    }

    /// <summary>
    /// The engine's own counters, over some seconds' worth of bytes. A machine that is busy may give less than the limit, but never more
    /// than the limit, a burst and the one request with which the count ends.
    /// </summary>
    private static async Task AssertGetsAsync(TestHost host, LofiDevice device, long bytesInSecond, int seconds)
    {
        EngineStatus first = await StatusAsync(host, device);
        Stopwatch watch = Stopwatch.StartNew();
        long bytes = 0;
        await Wait.UntilAsync(
            async () => (bytes = (await StatusAsync(host, device)).BytesWritten - first.BytesWritten) >= seconds * bytesInSecond, "the zone does not write", Cancellation);
        double share = bytes / (watch.Elapsed.TotalSeconds * bytesInSecond);
        Assert.InRange(share, 0.5, 1.25);
    }

    private static async Task<EngineStatus> StatusAsync(TestHost host, LofiDevice device) => (await host.Devices.StatusAsync(device, Wait.Limit, Cancellation))!;
}
