using System.Text;
using Lofizone.Interop;
using Lofizone.Runtime;
using Lofizone.Runtime.Oci;

namespace Lofizone.Integration.Tests.Runtime;

public sealed class ZoneConsoleTests
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Keys_reach_the_zone_and_the_escape_leaves_it_running_twice()
    {
        await using RuntimeHost host = new();
        ZoneLaunch zone = await host.BootZoneAsync("con");

        for (int round = 0; round < 2; round++)
        {
            string said = await SessionAsync(host, "con", $"\recho mar$((40+{round}))k\r", until: $"mar{40 + round}k", leave: "\r~.");
            Assert.StartsWith("[Connected to zone 'con' console]", said, StringComparison.Ordinal);
            Assert.EndsWith("[Connection to zone 'con' console closed]\n", said, StringComparison.Ordinal);
        }

        Assert.Equal(RuntimePhase.Running, host.Runtime.State("con").Phase);
        Assert.Contains("mar41k", await File.ReadAllTextAsync(zone.ConsoleLog), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_session_ends_with_the_zone()
    {
        await using RuntimeHost host = new();
        ZoneLaunch zone = await host.BootZoneAsync("end");

        string said = await SessionAsync(host, "end", "\rpoweroff\r", until: "console closed", leave: "");

        Assert.EndsWith("[Connection to zone 'end' console closed]\n", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_session_of_the_user_outlasts_the_zones_halt_and_can_have_another_escape()
    {
        await using RuntimeHost host = new();
        ZoneLaunch zone = await host.BootZoneAsync("stay");
        ConsoleOptions options = new() { EscapeKey = (byte)'^', End = ConsoleEnd.WithUser };

        string said = await SessionAsync(
            host, "stay", "\r~.poweroff\rpoweroff\r", options,
            new Step("[NOTICE: Zone halted]", "")
            {
                Meanwhile = async () =>
                {
                    await host.Runtime.DeleteAsync("stay");
                    await host.BootAsync(zone);
                },
            },
            new Step("[NOTICE: Zone booting up]", "\recho mar$((40+2))k\r"),
            new Step("mar42k", "\r^."));

        Assert.Contains("[NOTICE: Zone booting up]", said, StringComparison.Ordinal);
        Assert.Contains("mar42k", said[said.IndexOf("booting", StringComparison.Ordinal)..], StringComparison.Ordinal);
        Assert.EndsWith("[Connection to zone 'stay' console closed]\n", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Init_may_close_its_console_and_open_it_again()
    {
        await using RuntimeHost host = new();
        ZoneLaunch zone = await host.MakeZoneAsync("hup");
        string init = Path.Combine(zone.RootDirectory, "sbin/init");
        File.Delete(init);
        await File.WriteAllTextAsync(init, "#!/bin/sh\nexec </dev/null >/dev/null 2>&1\nsleep 0.5\nwhile :; do echo still-here >/dev/console; sleep 0.2; done\n");
        File.SetUnixFileMode(init, (UnixFileMode)0b111_101_101);
        await host.BootAsync(zone);

        Assert.Contains("still-here", await SessionAsync(host, "hup", "", until: "still-here", leave: "~."), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_zone_that_does_not_run_has_no_console()
    {
        await using RuntimeHost host = new();

        LofizoneException error = await Assert.ThrowsAsync<LofizoneException>(() => host.Runtime.ConsoleAsync("none"));

        Assert.Contains("zone none: not running", error.Message, StringComparison.Ordinal);
    }

    private static async Task<string> SessionAsync(RuntimeHost host, string zone, string keys, string until, string leave) =>
        await SessionAsync(host, zone, keys, null, new Step(until, leave));

    private static async Task<string> SessionAsync(RuntimeHost host, string zone, string keys, ConsoleOptions? options, params Step[] steps)
    {
        string inputPath = Path.Combine(host.Root, "keys");
        string outputPath = Path.Combine(host.Root, "screen");
        File.Delete(inputPath);
        File.Delete(outputPath);
        DescriptorPath.MakeFifo(inputPath);
        DescriptorPath.MakeFifo(outputPath);
        const int ReadAndWrite = 2;
        using FileDescriptor input = DescriptorPath.Open(inputPath, ReadAndWrite);
        using FileDescriptor output = DescriptorPath.Open(outputPath, ReadAndWrite);
        using CancellationTokenSource limit = new(_patience);
        Task<int> session = host.Runtime.ConsoleAsync(zone, new ConsoleStreams(input.Number, output.Number), options, limit.Token);
        Polling.WriteAll(input.Number, Encoding.UTF8.GetBytes(keys));
        StringBuilder said = new();
        byte[] buffer = new byte[4096];
        while (true)
        {
            bool ended = session.IsCompleted;
            PollDescriptor readable = new(output.Number);
            if (Polling.Wait(new Span<PollDescriptor>(ref readable), TimeSpan.FromMilliseconds(20)))
            {
                int count = Polling.Read(output.Number, buffer);
                said.Append(Encoding.UTF8.GetString(buffer, 0, count));
            }
            else if (ended)
                break;
            if (steps.Length > 0 && said.ToString().Contains(steps[0].Until, StringComparison.Ordinal))
            {
                if (steps[0].Meanwhile is { } meanwhile)
                    await meanwhile();
                Polling.WriteAll(input.Number, Encoding.UTF8.GetBytes(steps[0].Keys));
                steps = steps[1..];
            }
        }

        Assert.Equal(0, await session);
        return said.ToString();
    }

    /// <summary>Keys that the user types when the screen shows a text.</summary>
    private sealed record Step(string Until, string Keys)
    {
        /// <summary>What happens before the keys.</summary>
        public Func<Task>? Meanwhile { get; init; }
    }
}
