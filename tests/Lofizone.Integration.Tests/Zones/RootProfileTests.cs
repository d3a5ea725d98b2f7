using Lofizone.Testing.Hosts;

namespace Lofizone.Integration.Tests.Zones;

/// <summary>What a zone may write in its own root (<c>file-mac-profile</c>), and what it takes itself for (<c>hostid</c>).</summary>
public sealed class RootProfileTests : IAsyncDisposable
{
    private const string Idle = "#!/bin/sh\ntrap 'exit 0' USR1 USR2 TERM\nwhile :; do sleep 1000 & wait; done\n";

    private static readonly (string Path, string Script)[] _files = [("var/lib/dpkg/status", ""), ("var/log/messages", ""), ("etc/motd", "")];

    private readonly TestHost _host = new();
    private readonly TinyZones _zones;

    public RootProfileTests() => _zones = new TinyZones(_host);

    public async ValueTask DisposeAsync() => await _host.DisposeAsync();

    [Theory]
    [InlineData("none", "/x /etc/x /root/x /var/x /var/lib/dpkg/x /tmp/x")]
    [InlineData("flexible-configuration", "/etc/x /root/x /var/x /tmp/x")]
    [InlineData("fixed-configuration", "/var/x /tmp/x")]
    [InlineData("strict", "/tmp/x")]
    public async Task A_zone_writes_what_its_profile_allows_and_its_root_user_can_not_change_that(string profile, string writable)
    {
        await _zones.AddAsync("kept", Idle, _files);
        await _host.RunCheckedAsync("set", "kept", $"file-mac-profile={profile}", "hostid=C0FFEE");
        await _host.RunCheckedAsync("boot", "kept");

        string script = "for m in / /var /var/lib/dpkg; do busybox mount -o remount,rw $m; busybox umount $m; done 2>/dev/null; "
            + "for f in /x /etc/x /root/x /var/x /var/lib/dpkg/x /tmp/x; do touch $f 2>/dev/null && echo $f; done";
        string done = (await _host.RunAsync("login", "kept", "--", "/bin/sh", "-c", script)).Output;
        Assert.Equal(writable, string.Join(' ', done.Split('\n', StringSplitOptions.RemoveEmptyEntries)));
        Assert.Equal("00c0ffee", (await _host.RunCheckedAsync("login", "kept", "--", "/bin/busybox", "hostid")).Trim());
        await _host.RunCheckedAsync("halt", "--force", "kept");
        Assert.Equal("installed", await _host.StateAsync("kept"));
        if (profile != "strict")
            return;

        // A boot with -w is writable, for an update.
        await _host.RunCheckedAsync("zoneadm", "-z", "kept", "boot", "--", "-w");
        await _host.RunCheckedAsync("login", "kept", "--", "/bin/touch", "/etc/x");
        await _host.RunCheckedAsync("halt", "--force", "kept");
    }

    [Fact]
    public async Task A_link_in_the_place_of_a_writable_directory_stops_the_boot()
    {
        await _zones.AddAsync("link", "#!/bin/sh\nbusybox ln -s /etc /var\npoweroff -f\nsleep 1000\n");
        await _host.RunAsync("boot", "link");
        await _host.WaitUntilSettledAsync("link");
        await _host.RunCheckedAsync("set", "link", "file-mac-profile=fixed-configuration");
        (await _host.RunAsync("boot", "link")).AssertFailed("the zone's root can't be made read-only");
        Assert.Equal("installed", await _host.StateAsync("link"));
    }
}
