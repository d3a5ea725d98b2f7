using System.Text.Json;
using Lofizone.Logs;
using Lofizone.Testing;
using Lofizone.Testing.Hosts;

namespace Lofizone.Integration.Tests.Zones;

/// <summary>What <c>zone events</c> and <c>zone log</c> tell of a zone's life.</summary>
public sealed class ZoneEventsTests
{
    /// <summary>The zone prints what would clear a terminal and set its title, and goes on as busybox's init.</summary>
    private const string Init = "#!/bin/sh\nprintf 'hello \\033[2J\\033]0;title\\007there\\n' >/dev/console\nexec /bin/busybox init\n";

    [Fact]
    public async Task Each_change_of_state_is_told_with_who_and_why_and_the_console_beside_it_is_harmless()
    {
        await using TestHost host = new();
        TinyZones zones = new(host);
        await zones.AddAsync("tiny", Init);
        string directory = Directory.CreateDirectory(Path.Combine(host.Root, "scripts")).FullName;
        string program = await host.MakeProgramAsync(directory);
        const string script = """
            set -e
            env --default-signal=INT "$1" events tiny -f --json -n 0 >"$2/followed" &
            follower=$!
            SUDO_USER=anna "$1" boot tiny >/dev/null
            ! "$1" boot tiny >/dev/null 2>&1
            "$1" login tiny -- reboot </dev/null >/dev/null 2>&1 || true
            until grep -q '"from":"ready","to":"running"}*,*.*zone itself' "$2/followed"; do kill -0 $follower; done
            until [ "$("$1" list --json | grep -c '"state": "running"')" = 1 ]; do :; done
            "$1" halt tiny >/dev/null
            until grep -q '"done","operation":"halt"' "$2/followed"; do kill -0 $follower; done
            kill -INT $follower
            wait $follower
            """;
        (int code, string output, string error) = await TestProgram.TryAsync("timeout", "90", "bash", "-c", script, "bash", program, directory);
        Assert.True(code == 0, $"exit code {code}: {output}{error}");

        ZoneEvent[] followed = [.. File.ReadLines(Path.Combine(directory, "followed")).Select(l => JsonSerializer.Deserialize(l, EventJson.Default.ZoneEvent)!)];
        string told = string.Join('\n', followed.Select(e => e.ToString()));
        Assert.All(followed, e => Assert.Equal("tiny", e.Zone));
        Assert.Contains("installed -> ready (boot), by root for anna with bash\nready -> running (boot), by root for anna with bash\nboot: done, by root for anna with bash\n", told, StringComparison.Ordinal);
        Assert.Contains("boot failed: tiny: zone is already booted (running), by root with bash\n", told, StringComparison.Ordinal);
        Assert.Contains("init ended: it asked for a reboot, by the zone itself\n", told, StringComparison.Ordinal);
        Assert.Contains("ready -> running (end of its init), by the zone itself\n", told, StringComparison.Ordinal);
        Assert.EndsWith("running -> shutting_down (halt), by root with bash\nshutting_down -> installed (halt), by root with bash\nhalt: done, by root with bash", told, StringComparison.Ordinal);

        Assert.Equal(followed, (await host.RunCheckedAsync("events", "--json", "-n", $"{followed.Length}")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(EventLog.Parse));
        Assert.Contains(" tiny: halt: done, by ", await host.RunCheckedAsync("events"), StringComparison.Ordinal);
        Assert.Equal("", await host.RunCheckedAsync("events", "other"));
        string log = await host.RunCheckedAsync("log", "tiny");
        Assert.Matches("(?s)\\* installed -> ready \\(boot\\).* \\| hello \\?\\]0;title\\?there\n.*\\* halt: done", log);
        Assert.Single((await host.RunCheckedAsync("log", "tiny", "-n", "1")).Split('\n', StringSplitOptions.RemoveEmptyEntries));
        (await host.RunAsync("log", "other")).AssertFailed("other: No such zone configured, and no log of it is left");
    }
}
