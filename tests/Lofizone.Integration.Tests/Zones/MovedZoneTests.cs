using System.Text.Json;
using Lofizone.Testing.Hosts;

namespace Lofizone.Integration.Tests.Zones;

/// <summary>A zone that goes from host to host by detach and attach, over a real NFS server.</summary>
public sealed class MovedZoneTests(NasHost nas) : IClassFixture<NasHost>
{
    private const string Old = "0.0.1", New = "9999:1";

    private TestHost A => nas.Host;

    private string Uri => $"{nas.Share}/web";

    [Fact]
    public async Task A_detached_zone_is_attached_and_booted_by_a_host_that_has_never_seen_it_and_comes_back()
    {
        await using TestHost b = await TestHost.SecondAsync();
        await using TestHost third = await TestHost.SecondAsync();
        await WithZoneAsync(async () =>
        {
            await A.RunCheckedAsync("boot", "web");
            await A.RunCheckedAsync("login", "web", "--", "/bin/sh", "-c", "echo kept > /root/kept; chown 33:33 /root/kept; sync /root/kept");
            (await A.RunAsync("detach", "web")).AssertRefused("running", "zone halt web");
            (await b.RunAsync("attach", Uri)).AssertRefused($"is installed on host {Environment.MachineName} since", "zone detach web", "zone takeover nfs://");
            (await b.RunAsync("attach", "-F", Uri)).AssertFailed("zone web", $"locked by host {Environment.MachineName}", "zone halt web", "zone takeover nfs://");
            Assert.Equal(("in_use", "user"), await SharedAsync(third, "transport"));
            await A.RunCheckedAsync("halt", "web");
            Assert.Equal(("installed", Environment.MachineName), await SharedAsync(third, "host"));

            await A.RunCheckedAsync("zoneadm", "-z", "web", "detach");
            Assert.Equal("configured", await A.StateAsync("web"));
            Assert.Contains(" zone web: detach: done", await A.ZonesLogAsync(), StringComparison.Ordinal);
            Assert.Equal(("detached", Environment.MachineName), await SharedAsync(third, "host"));
            (await A.RunAsync("boot", "web")).AssertRefused("can't be booted", "zone attach web");
            (await A.RunAsync("zoneadm", "-z", "web", "install")).AssertRefused("can't be installed", "zone attach web");

            // The zone has a range of user IDs of its own, because another zone has the first range here.
            await b.RunCheckedAsync("zonecfg", "-z", "first", $"create; set zonepath={b.ZonePath("first")}; commit");
            await b.RunCheckedAsync("attach", Uri);
            await b.RunCheckedAsync("boot", "web");
            Assert.Contains(" zone web: attach: done", await b.ZonesLogAsync(), StringComparison.Ordinal);
            Assert.Equal("kept 33", (await b.RunCheckedAsync("login", "web", "--", "/bin/sh", "-c", "echo $(cat /root/kept) $(stat -c %u /root/kept)")).Trim());
            (await A.RunAsync("attach", "web")).AssertRefused("is installed on host", "zone takeover nfs://");
            await b.RunCheckedAsync("halt", "web");
            await b.RunCheckedAsync("detach", "web");
            await b.RunCheckedAsync("delete", "-F", "web");

            await A.RunCheckedAsync("zoneadm", "-z", "web", "attach");
            Assert.Equal("installed", await A.StateAsync("web"));
            (await A.RunAsync("attach", "web")).AssertRefused("installed here already");
            await A.RunCheckedAsync("boot", "web");
            await A.RunCheckedAsync("halt", "web");
        });
        await b.WaitUntilSettledAsync("web");
        Assert.Empty(HostTraces.Find(b.Paths, "web"));
    }

    [Fact]
    public async Task Dry_runs_change_nothing_and_say_what_would_happen()
    {
        await using TestHost b = await TestHost.SecondAsync();
        await WithZoneAsync(async () =>
        {
            IReadOnlyList<string> before = Leavings.Of(A, nas.ShareDirectory);
            string manifest = await A.RunCheckedAsync("zoneadm", "-z", "web", "detach", "-n");
            Assert.Equal("native", JsonDocument.Parse(manifest).RootElement.GetProperty("brand").GetString());
            Assert.Equal(before, Leavings.Of(A, nas.ShareDirectory));
            Assert.Equal("installed", await A.StateAsync("web"));
            (await b.RunAsync("attach", "-n", Uri)).AssertRefused("is installed on host", "zone detach web");

            await A.RunCheckedAsync("detach", "web");
            before = Leavings.Of(b, nas.ShareDirectory);
            Assert.Contains("can be attached here", await b.RunCheckedAsync("attach", "-n", Uri), StringComparison.Ordinal);
            Assert.Equal(before, Leavings.Of(b, nas.ShareDirectory));
            Assert.Null(await b.StateAsync("web"));
            await A.RunCheckedAsync("attach", "web");
        });
    }

    [Fact]
    public async Task Packages_that_do_not_match_are_listed_updated_or_refused()
    {
        await using TestHost b = await TestHost.SecondAsync();
        await WithZoneAsync(async () =>
        {
            await A.RunCheckedAsync("boot", "web");
            string version = await InAsync("dpkg-query", "-W", "-f", "${Version}", "base-files");
            await InAsync("sh", "-c", $"sed -i '/^Package: base-files$/,/^Version:/s/^Version: .*/Version: {Old}/' /var/lib/dpkg/status && echo changed >> /etc/debian_version");
            await A.RunCheckedAsync("halt", "web");
            await A.RunCheckedAsync("detach", "web");
            (await b.RunAsync("attach", Uri)).AssertFailed("1 of its packages are older", "zone attach web with -u");
            CommandResult listed = await b.RunAsync("attach", "-n", Uri);
            Assert.Contains($"\tbase-files ({Old}) (this system: {version})", listed.Output, StringComparison.Ordinal);
            Assert.Equal(1, listed.ExitCode);
            Assert.Null(await b.StateAsync("web"));

            await b.RunCheckedAsync("attach", "-u", Uri);
            await b.RunCheckedAsync("boot", "web");
            Assert.Equal(version, (await b.RunCheckedAsync("login", "web", "--", "dpkg-query", "-W", "-f", "${Version}", "base-files")).Trim());
            Assert.Equal("", (await b.RunCheckedAsync("login", "web", "--", "dpkg", "--audit")).Trim());
            // The difference is the file that the zone's administrator has changed.
            Assert.Equal("??5?????? c /etc/debian_version", (await b.RunAsync("login", "web", "--", "dpkg", "-V", "base-files")).Output.Trim());
            Assert.Contains("changed", await b.RunCheckedAsync("login", "web", "--", "cat", "/etc/debian_version"), StringComparison.Ordinal);
            await b.RunCheckedAsync("login", "web", "--", "sh", "-c", $"sed -i '/^Package: base-files$/,/^Version:/s/^Version: .*/Version: {New}/' /var/lib/dpkg/status");
            await b.RunCheckedAsync("halt", "web");
            await b.RunCheckedAsync("detach", "web");

            CommandResult newer = await A.RunAsync("attach", "-U", "web");
            newer.AssertFailed("can't be attached here", "zone attach web with -F");
            Assert.Contains($"\tbase-files ({New}) (this system: {version})", newer.Output, StringComparison.Ordinal);
            await A.RunCheckedAsync("attach", "-F", "web");
            Assert.Equal("installed", await A.StateAsync("web"));
        });
    }

    [Fact]
    public async Task A_configuration_that_does_not_fit_the_host_is_refused_before_anything_is_changed()
    {
        await using TestHost b = await TestHost.SecondAsync();
        await WithZoneAsync(async () =>
        {
            await A.RunCheckedAsync("zonecfg", "-z", "web", "add net; set physical=nosuchbridge; end; commit");
            await A.RunCheckedAsync("detach", "web");
            IReadOnlyList<string> before = Leavings.Of(b, nas.ShareDirectory);
            CommandResult asked = await b.RunAsync("attach", Uri);
            asked.AssertRefused("asks for net physical=nosuchbridge", "has not accepted that", "--accept", $"zone accept {Uri}");
            Assert.Contains("\tnet physical=nosuchbridge", asked.Output, StringComparison.Ordinal);
            Assert.Equal(before, Leavings.Of(b, nas.ShareDirectory));
            (await b.RunAsync("attach", "--accept", Uri)).AssertRefused("no interface nosuchbridge in the global zone", "ip link add");
            Assert.Equal(before, Leavings.Of(b, nas.ShareDirectory));
            await A.RunCheckedAsync("zonecfg", "-z", "web", "remove net physical=nosuchbridge; commit");
            (await A.RunAsync("attach", "web")).AssertRefused("is not the one that this host has", $"zone attach {Uri}", "zone attach -F web");
            await A.RunCheckedAsync("attach", "-F", "web");
        });
    }

    [Fact]
    public async Task A_share_is_listed_with_what_can_not_be_read_and_a_silent_server_is_given_up()
    {
        await using TestHost b = await TestHost.SecondAsync();
        await WithZoneAsync(async () =>
        {
            await nas.MakeDirectoryAsync("broken", writable: true);
            await File.WriteAllTextAsync(Path.Combine(nas.ShareDirectory, "broken/zone.json"), "{", TestContext.Current.CancellationToken);
            File.SetUnixFileMode(Path.Combine(nas.ShareDirectory, "broken/zone.json"), (UnixFileMode)0b110_100_100);
            try
            {
                CommandResult listed = await b.RunAsync("list", "--share", nas.Share, "-p");
                Assert.Equal(1, listed.ExitCode);
                string[] lines = listed.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
                Assert.StartsWith("broken:unreadable:", lines[0], StringComparison.Ordinal);
                Assert.StartsWith($"web:installed:{Environment.MachineName}:", lines[1], StringComparison.Ordinal);
                Assert.Contains("not a zone configuration", await TableAsync(b), StringComparison.Ordinal);
            }
            finally
            {
                Directory.Delete(Path.Combine(nas.ShareDirectory, "broken"), recursive: true);
            }

            // No program listens on this port.
            (await b.RunAsync("list", "--share", "nfs://127.0.0.1:1/nowhere")).AssertFailed("127.0.0.1");
        });
    }

    private async Task<string> TableAsync(TestHost host) => (await host.RunAsync("list", "--share", nas.Share)).Output;

    private async Task<(string? State, string? Value)> SharedAsync(TestHost host, string member)
    {
        using JsonDocument listed = JsonDocument.Parse(await host.RunCheckedAsync("list", "--share", nas.Share, "--json"));
        JsonElement web = listed.RootElement.EnumerateArray().Single(z => z.GetProperty("name").GetString() == "web");
        return (web.GetProperty("state").GetString(), web.TryGetProperty(member, out JsonElement value) ? value.GetString() : null);
    }

    private async Task<string> InAsync(params string[] command) => (await A.RunCheckedAsync(["login", "web", "--", .. command])).Trim();

    /// <summary>Has the zone web on A for the time of a test, which leaves the zone there.</summary>
    private async Task WithZoneAsync(Func<Task> test)
    {
        await A.RunCheckedAsync("create", "web", nas.Share, "--size", "500m");
        await test();
        await A.RunCheckedAsync("delete", "-F", "web");
        Assert.Empty(Directory.GetFileSystemEntries(nas.ShareDirectory));
        await A.WaitUntilSettledAsync("web");
        Assert.Empty(HostTraces.Find(A.Paths, "web"));
    }
}
