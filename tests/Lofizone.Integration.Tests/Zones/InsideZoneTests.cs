using System.Globalization;
using Lofizone.Accounting;
using Lofizone.Network;
using Lofizone.Programs;
using Lofizone.Runtime;
using Lofizone.Testing;
using Lofizone.Testing.Hosts;
using Lofizone.Zones;

namespace Lofizone.Integration.Tests.Zones;

/// <summary>The view of a zone's own administrator inside the zone.</summary>
public sealed class InsideZoneTests(RunningZone zone) : IClassFixture<RunningZone>
{
    private TestHost Host => zone.Host;

    [Fact]
    public async Task Nothing_inside_tells_of_NFS_FUSE_or_the_server()
    {
        // The search covers everything that the kernel shows of mounts, sockets, environments and open files. Each hit has the name of its
        // source.
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
                // Only two lines may contain the word: the mask over /sys/fs/fuse, which keeps the host's connections from the zone, and
                // the search's own script.
                bool mask = line.Contains("/sys/fs/fuse ", StringComparison.Ordinal) && line.Contains("tmpfs", StringComparison.Ordinal);
                Assert.False(line.Contains(word, StringComparison.OrdinalIgnoreCase) && !mask && !look.Contains(line.Trim(), StringComparison.Ordinal), $"{word} in {where}: {line}");
            }
        }
    }

    [Fact]
    public async Task Its_root_can_not_take_the_masks_away_or_look_past_them()
    {
        const string dig = """
            dig() {
                for m in $(grep -o ' /sys/[^ ]* ' /proc/self/mountinfo | grep -v cgroup) /sys/fs/cgroup /sys; do umount -l "$m" 2>/dev/null; done
                mkdir -p /tmp/s /tmp/p
                mount -t sysfs none /tmp/s 2>/dev/null && echo "$1: a sysfs of its own"
                mount --bind /sys /tmp/s 2>/dev/null && echo "$1: /sys without what is mounted on it"
                mount -o remount,bind,rw /sys 2>/dev/null && echo "$1: a writable /sys"
                mount -t proc none /tmp/p 2>/dev/null
                for f in /sys/devices/virtual/block/*/loop/backing_file /sys/block/*/loop/backing_file /tmp/s/devices/virtual/block/*/loop/backing_file /sys/class/bdi/* /tmp/p/kcore /tmp/p/timer_list /tmp/p/kmsg; do
                    head -c 1 "$f" >/dev/null 2>&1 && echo "$1: $f"
                done
                cat /tmp/p/keys /tmp/p/locks /tmp/p/mounts /tmp/p/swaps /tmp/p/cmdline /tmp/p/self/cgroup /tmp/p/net/nfsfs/* /tmp/p/fs/nfsd/* 2>/dev/null | grep -v "^tmpfs /sys/" | grep -i -e nfs -e fuse -e root.img
                # What the host's kernel obeys belongs to the host's root: IPC, hostname, user namespaces' limits and the network's are the zone's own.
                find /tmp/p/sys -path /tmp/p/sys/net -prune -o -path /tmp/p/sys/user -prune -o -path /tmp/p/sys/fs/mqueue -prune -o -type f -print |
                    grep -v -E 'kernel/(sem|sem_next_id|shm.*|msg.*|auto_msgmni|hostname|domainname|ns_last_pid|cad_pid|pid_max|arch)$' |
                    while read -r f; do v=$(cat "$f" 2>/dev/null) && echo "$v" 2>/dev/null >"$f" && echo "$1: writes $f"; done
                [ -w /tmp/p/sysrq-trigger ] && { echo h >/tmp/p/sysrq-trigger; } 2>/dev/null && echo "$1: sysrq"
                true
            }
            dig "$1"
            """;
        foreach (string[] enter in (string[][])[["unshare", "--mount"], ["unshare", "--user", "--map-root-user", "--mount", "--net", "--pid", "--fork"]])
        {
            CommandResult end = await Host.RunAsync(["login", "web", "--", .. enter, "sh", "-c", dig, "sh", string.Join(' ', enter)]);
            Assert.Equal((0, ""), (end.ExitCode, end.Output));
        }

        Assert.NotEqual(0, (await Host.RunAsync("login", "web", "--", "dmesg")).ExitCode);
        Assert.NotEqual(0, (await Host.RunAsync("login", "web", "--", "setarch", "--addr-no-randomize", "true")).ExitCode);
        Assert.Equal("net0", await zone.InAsync("web", "sh", "-c", "ls /sys/class/net | grep net"));
    }

    [Fact]
    public async Task Its_root_sets_what_belongs_to_its_own_network_and_nothing_else()
    {
        Assert.Equal("1", await zone.InAsync("web", "sh", "-c", "echo 1 >/proc/sys/net/ipv4/ip_forward; cat /proc/sys/net/ipv4/ip_forward"));
        Assert.Equal("0", await zone.InAsync("alone", "cat", "/proc/sys/net/ipv4/ip_forward"));
        Assert.Contains("Read-only", (await Host.RunAsync("login", "web", "--", "sh", "-c", "cat /proc/sys/vm/swappiness >/proc/sys/vm/swappiness")).Error, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task The_zone_reaches_the_host_on_its_bridge()
    {
        string addresses = await zone.InAsync("web", "ip", "-o", "-4", "address", "show");
        Assert.Contains($"{zone.ZoneAddress}/24", addresses, StringComparison.Ordinal);
        CommandResult ping = await Host.RunAsync("login", "web", "--", "busybox", "ping", "-c", "1", "-W", "5", zone.BridgeAddress);
        Assert.True(ping.ExitCode == 0, ping.ToString());
        Assert.Contains($"default via {zone.BridgeAddress}", await zone.InAsync("web", "ip", "route"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_it_uses_is_counted_for_it_and_not_for_the_other_zone()
    {
        ZoneHost zones = new(Host.Paths, new ProgramRunner(), TimeProvider.System, TestHost.ZoneBinary);
        UsageSampler sampler = new(zones);
        UsageSample before = sampler.Sample(zones.All(error => throw error));
        await zone.InAsync("web", "sh", "-c", "dd if=/dev/urandom of=/root/used bs=1M count=8 conv=fsync && rm /root/used");
        await zone.InAsync("web", "busybox", "ping", "-c", "1", "-s", "1000", "-W", "5", zone.BridgeAddress);
        UsageInterval interval = UsageInterval.Between(before, sampler.Sample(zones.All(error => throw error)));
        UsageRow web = interval.Zones.Single(z => z.Name == "web"), alone = interval.Zones.Single(z => z.Name == "alone");
        Assert.True(web[Resource.ImageWritten]!.Value.Used >= 8 << 20, $"{web[Resource.ImageWritten]}");
        Assert.True(web[Resource.ImageWritten]!.Value.Used > alone[Resource.ImageWritten]!.Value.Used, $"{alone[Resource.ImageWritten]}");
        Assert.True(web[Resource.NetworkSent]!.Value.Used >= 1000 && web[Resource.NetworkReceived]!.Value.Used >= 1000, $"{web}");
        Assert.Null(alone[Resource.NetworkSent]);
        Assert.True(web[Resource.Cpu]!.Value.Used > 0, $"{web}");
        Assert.InRange(web[Resource.PhysicalMemory]!.Value.Used, 1 << 20, interval.Total[Resource.PhysicalMemory]!.Value.Used);
        Assert.InRange(web[Resource.Processes]!.Value.Used, 3, web[Resource.Lwps]!.Value.Used);
        Assert.Equal(ProcessLimit.OfHost(), web[Resource.Lwps]!.Value.Cap);

        string line = await Host.RunCheckedAsync("zonestat", "-p", "-P", "zones", "-r", "lwps", "-z", "web", "1", "1");
        Assert.Matches("^interval:lwps:system-limit:web:[0-9]+:[0-9.]+%:" + ProcessLimit.OfHost() + ":[0-9.]+%\n$", line);
        CommandResult strange = await Host.RunAsync("zonestat", "-z", "nosuch", "1", "1");
        Assert.Equal((1, ""), (strange.ExitCode, strange.Output));
        Assert.Contains("nosuch", strange.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_zone_on_a_network_has_the_hosts_name_servers_and_one_without_has_none()
    {
        string servers = HostResolver.ForZone() ?? throw new InvalidOperationException("this machine has no name server that a zone could ask");
        Assert.Equal($"{ZoneResolver.Mark}\n{servers}".Trim(), await zone.InAsync("web", "cat", "/etc/resolv.conf"));
        Assert.Equal("0:0 644", await zone.InAsync("web", "stat", "-c", "%u:%g %a", "/etc/resolv.conf"));
        Assert.Equal("", await zone.InAsync("alone", "sh", "-c", "ls /etc/resolv.conf 2>/dev/null"));
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
        Assert.Equal("web", await zone.InAsync("web", "zonename"));
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
    public async Task Login_gives_the_command_streams_of_its_own_and_ends_with_it()
    {
        Assert.Equal(3, (await zone.InAsync("web", "sh", "-c", "readlink /proc/self/fd/0; readlink /proc/self/fd/1; readlink /proc/self/fd/2 >&1; echo x >/dev/stderr"))
            .Split('\n').Count(l => l.StartsWith("pipe:", StringComparison.Ordinal)));
        // A process that stays behind holds the streams, silent or not. The process can't write to the host's file to which the command
        // wrote.
        CommandResult silent = await Host.RunAsync("login", "web", "--", "sh", "-c", "echo before; sleep 10000 & echo after");
        Assert.Equal((0, "before\nafter\n"), (silent.ExitCode, silent.Output));
        string script = $"""
            exec >"$1/said" </dev/null
            zone login web -- sh -c 'yes >&1 & echo $! >/tmp/yes; exit 3'
            code=$?
            size=$(stat -c %s "$1/said")
            while zone login web -- sh -c 'kill -0 $(cat /tmp/yes)' 2>/dev/null >/dev/null; do :; done
            [ "$size" = "$(stat -c %s "$1/said")" ] || exit 1
            exit "$code"
            """;
        (int code, string output, string error) = await RunScriptAsync(script);
        Assert.True(code == 3, output + error);
        (code, _, error) = await RunScriptAsync("zone login web -- yes | head -n 1 | grep -qx y && head -c 3000000 /dev/urandom >$1/random && zone login web -- cat <$1/random | cmp - $1/random");
        Assert.True(code == 0, error);
    }

    [Fact]
    public async Task Login_on_a_terminal_has_one_of_the_zone_its_size_changes_and_the_users_is_as_before()
    {
        const string inside = "trap 'stty size; exit 5' WINCH; stty size; tty; echo $USER-$LOGNAME-$SHELL; touch /tmp/ready; while :; do sleep 0.05; done";
        string script = $"""
            stty rows 33 cols 101
            before=$(stty -g)
            zone login web -- rm -f /tmp/ready </dev/null
            zone login web -- bash -c '{inside.Replace("'", "'\\''", StringComparison.Ordinal)}' </dev/tty &
            until zone login web -- test -e /tmp/ready </dev/null >/dev/null; do :; done
            stty rows 44 cols 120 </dev/tty
            wait $!
            echo "code $?"
            stty rows 33 cols 101
            [ "$before" = "$(stty -g)" ] && echo restored
            """;
        (int code, string output, string error) = await RunScriptAsync("script -qec \"env --default-signal=HUP bash $2\" /dev/null", script);
        Assert.True(code == 0, output + error);
        foreach (string word in (string[])["33 101", "/dev/pts/", "root-root-/bin/bash", "44 120", "code 5", "restored"])
            Assert.Contains(word, output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("TERM")]
    [InlineData("HUP")]
    public async Task A_signal_ends_a_login_and_its_command_and_restores_the_terminal(string signal)
    {
        string script = $"""
            before=$(stty -g)
            zone login web -- rm -f /tmp/ready-{signal} </dev/null
            zone login web -- bash -c 'trap "" TERM; echo $$ >/tmp/ready-{signal}; while :; do sleep 0.05; done' </dev/tty &
            until zone login web -- test -s /tmp/ready-{signal} </dev/null >/dev/null; do :; done
            kill -{signal} $!
            wait $!
            echo "code $?"
            [ "$before" = "$(stty -g)" ] && echo restored
            zone login web -- sh -c 'kill -0 $(cat /tmp/ready-{signal})' </dev/null 2>/dev/null || echo gone
            """;
        (int code, string output, string error) = await RunScriptAsync("script -qec \"env --default-signal=HUP bash $2\" /dev/null", script);
        Assert.True(code == 0, output + error);
        foreach (string word in (string[])["code 1", "restored", "gone"])
            Assert.Contains(word, output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_console_ends_with_its_input() => Assert.Equal(0, (await Host.RunAsync("console", "web")).ExitCode);

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

    /// <summary>
    /// Runs a script in which <c>zone</c> is this host's program. $1 is a directory for the script, and $2 is a file that contains
    /// <paramref name="file"/>.
    /// </summary>
    private async Task<(int Code, string Output, string Error)> RunScriptAsync(string script, string file = "")
    {
        string directory = Directory.CreateDirectory(Path.Combine(Host.Root, "scripts", Guid.NewGuid().ToString("N"))).FullName;
        await Host.MakeProgramAsync(directory);
        string content = Path.Combine(directory, "file");
        await File.WriteAllTextAsync(content, file);
        return await TestProgram.TryAsync("env", $"PATH={directory}:/usr/sbin:/usr/bin:/sbin:/bin", "bash", "-c", script, "bash", directory, content);
    }
}
