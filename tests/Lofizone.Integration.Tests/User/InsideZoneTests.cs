using System.Globalization;
using Lofizone.Testing;
using Lofizone.Testing.Hosts;

namespace Lofizone.Integration.Tests.User;

/// <summary>What a zone's own administrator finds inside it.</summary>
public sealed class InsideZoneTests(RunningZone zone) : IClassFixture<RunningZone>
{
    private TestHost Host => zone.Host;

    [Fact]
    public async Task Nothing_inside_tells_of_NFS_FUSE_or_the_server()
    {
        // Everything the kernel shows of mounts, sockets, environments and open files, with the name of what shows it.
        const string look = """
            for f in /proc/mounts /proc/[0-9]*/mountinfo /proc/[0-9]*/mounts /proc/[0-9]*/mountstats /proc/net/* /proc/self/net/rpc/* /proc/fs/nfsfs/* /proc/[0-9]*/net/tcp /proc/[0-9]*/net/unix; do
                [ -f "$f" ] && { echo "== $f"; cat "$f" 2>/dev/null; }
            done
            for f in /proc/[0-9]*/environ /proc/[0-9]*/cmdline; do echo "== $f"; tr '\0' '\n' <"$f" 2>/dev/null; done
            for f in /proc/[0-9]*/fd/*; do echo "== $f -> $(readlink "$f" 2>/dev/null)"; done
            for f in /etc/fstab /etc/mtab; do [ -f "$f" ] && { echo "== $f"; cat "$f"; }; done
            true
            """;
        CommandResult end = await Host.RunAsync(look, [], "login", "web", "--", "sh", "-s");
        Assert.True(end.ExitCode == 0, end.ToString());
        Assert.Contains("== /proc/1/mountinfo", end.Output, StringComparison.Ordinal);
        Assert.Contains("== /proc/1/environ", end.Output, StringComparison.Ordinal);
        string port = zone.Server.Port.ToString("X4", CultureInfo.InvariantCulture);
        string[] telling = ["nfs", "fuse", "ganesha", $":{zone.Server.Port}", $":{port}", zone.Server.PseudoPath, zone.ShareDirectory, "root.img", "/run/lofizone", Host.Root];
        string[] lines = end.Output.Split('\n');
        string where = "";
        foreach (string line in lines)
        {
            if (line.StartsWith("== ", StringComparison.Ordinal))
                where = line;
            foreach (string word in telling)
            {
                // The mask over /sys/fs/fuse, which keeps the host's connections from the zone, and the search's own script are all that may say it.
                bool mask = line.Contains("/sys/fs/fuse ", StringComparison.Ordinal) && line.Contains("tmpfs", StringComparison.Ordinal);
                Assert.False(line.Contains(word, StringComparison.OrdinalIgnoreCase) && !mask && !look.Contains(line.Trim(), StringComparison.Ordinal), $"{word} in {where}: {line}");
            }
        }
    }

    [Fact]
    public async Task The_zone_reaches_the_host_on_its_bridge()
    {
        string addresses = await zone.InAsync("web", "ip", "-o", "-4", "address", "show");
        Assert.Contains($"{RunningZone.ZoneAddress}/24", addresses, StringComparison.Ordinal);
        CommandResult ping = await Host.RunAsync("login", "web", "--", "busybox", "ping", "-c", "1", "-W", "5", RunningZone.BridgeAddress);
        Assert.True(ping.ExitCode == 0, ping.ToString());
        Assert.Contains($"default via {RunningZone.BridgeAddress}", await zone.InAsync("web", "ip", "route"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_zone_without_net_has_the_loopback_alone()
    {
        string links = await zone.InAsync("alone", "ip", "-o", "link", "show", "up");
        Assert.Equal("lo", Assert.Single(links.Split('\n')).Split(':')[1].Trim());
    }

    [Fact]
    public async Task Root_inside_is_a_plain_user_outside_and_owns_its_files_as_0_on_disk()
    {
        Assert.Equal("0", await zone.InAsync("web", "id", "-u"));
        await zone.InAsync("web", "touch", "/root/mine");
        Assert.Equal("0:0", await zone.InAsync("web", "stat", "-c", "%u:%g", "/root/mine"));
        string zonePath = Path.Combine(Host.Paths.Zones, "web");
        Assert.Equal("0:0", (await TestProgram.RunAsync("stat", "-c", "%u:%g", Path.Combine(zonePath, "root/root/mine"))).Trim());
        Assert.Equal("700", (await TestProgram.RunAsync("stat", "-c", "%a", zonePath)).Trim());
        string mapped = await zone.InAsync("web", "cat", "/proc/self/uid_map");
        uint outside = uint.Parse(mapped.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
        Assert.InRange(outside, 65536u, uint.MaxValue);
        Assert.NotEqual(mapped, await zone.InAsync("alone", "cat", "/proc/self/uid_map"));
    }

    [Fact]
    public async Task The_zone_is_a_sound_Debian()
    {
        Assert.Equal("running", await zone.InAsync("web", "systemctl", "is-system-running", "--wait"));
        CommandResult check = await Host.RunAsync("login", "web", "--", "apt-get", "check");
        Assert.True(check.ExitCode == 0, check.ToString());
        CommandResult verify = await Host.RunAsync("login", "web", "--", "dpkg", "-V");
        Assert.True((verify.ExitCode, verify.Output.Trim()) == (0, ""), verify.ToString());
        CommandResult audit = await Host.RunAsync("login", "web", "--", "dpkg", "--audit");
        Assert.True((audit.ExitCode, audit.Output.Trim()) == (0, ""), audit.ToString());
    }

    [Theory]
    [InlineData("login")]
    [InlineData("zlogin")]
    public async Task Login_passes_exit_code_streams_and_options_of_the_command(string how)
    {
        Assert.Equal(7, (await Host.RunAsync(how, "web", "sh", "-c", "exit 7")).ExitCode);
        CommandResult missing = await Host.RunAsync(how, "web", "no-such-program");
        Assert.Equal(127, missing.ExitCode);
        Assert.Contains("no-such-program", missing.Error, StringComparison.Ordinal);
        Assert.Equal(126, (await Host.RunAsync(how, "web", "/etc/passwd")).ExitCode);
        Assert.Equal(255, (await Host.RunAsync(how, "web", "sh", "-c", "echo exec >&2; exit 255")).ExitCode);
        CommandResult echo = await Host.RunAsync("hi\n", [], how, "web", "cat", "-");
        Assert.Equal((0, "hi\n", ""), (echo.ExitCode, echo.Output, echo.Error));
        CommandResult apart = await Host.RunAsync(how, "web", "sh", "-c", "echo out; echo err >&2");
        Assert.Equal(("out\n", "err\n"), (apart.Output, apart.Error));
        CommandResult shell = await Host.RunAsync("hostname\nexit 3\n", [], how, "web");
        Assert.Equal((3, "web\n"), (shell.ExitCode, shell.Output));
    }

    [Fact]
    public async Task The_console_can_be_left_without_a_terminal_too()
    {
        CommandResult end = await Host.RunAsync("\n~.\n", [], "console", "web");
        Assert.True(end.ExitCode == 0, end.ToString());
        Assert.Contains("[Connected to zone 'web' console]", end.Output + end.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Explain_shows_the_whole_chain_and_parses_as_JSON()
    {
        string text = await Host.RunCheckedAsync("explain", "web");
        int at = -1;
        foreach (string word in new[] { "zone web", "└─ root ", "└─ file system ", "└─ lofi device ", "└─ engine pid ", "lock held", $"└─ image {zone.Share}/web/root.img", "└─ server 127.0.0.1", $"127.0.0.1:{zone.Server.Port}" })
        {
            int next = text.IndexOf(word, at + 1, StringComparison.Ordinal);
            Assert.True(next > at, $"'{word}' in its place of\n{text}");
            at = next;
        }

        using System.Text.Json.JsonDocument json = System.Text.Json.JsonDocument.Parse(await Host.RunCheckedAsync("explain", "web", "--json"));
        Assert.Equal("running", json.RootElement.GetProperty("state").GetString());
        Assert.Contains(json.RootElement.GetProperty("layers").EnumerateArray(), l => l.GetProperty("kind").GetString() == "engine");
    }
}
