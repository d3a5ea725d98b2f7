using Lofizone.Integration.Tests.Zones;
using Lofizone.Testing;
using Lofizone.Testing.Hosts;

namespace Lofizone.Integration.Tests.Commands;

/// <summary>
/// The manual way of 2005: a file on a share, a device of the file, a file system on the device, and a zone without rootimage on that.
/// </summary>
public sealed class ManualWayTests(NasHost nas) : IClassFixture<NasHost>
{
    private TestHost Host => nas.Host;

    [Theory]
    [InlineData("nfs")]
    [InlineData("dir")]
    public async Task Step_by_step_from_mkfile_to_a_running_zone_and_back(string kind)
    {
        string share = kind == "nfs" ? nas.Share : $"dir:{Directory.CreateDirectory(Path.Combine(Host.Root, "share")).FullName}";
        string zone = $"zone1{kind}", zonePath = Path.Combine(Host.Root, zone);
        string file = $"{share}/{zone}_file";
        await Host.RunCheckedAsync("mkfile", "300m", file);
        string device = (await Host.RunCheckedAsync("lofiadm", "-a", file, "/dev/lofi/7")).Trim();
        Assert.Equal(Path.Combine(Host.Paths.DevLofi, "7"), device);
        Assert.Equal(file, (await Host.RunCheckedAsync("lofiadm", "/dev/lofi/7")).Trim());
        Assert.Equal(device, (await Host.RunCheckedAsync("lofiadm", file)).Trim());

        CommandResult no = await Host.RunAsync("n\n", [], "newfs", "/dev/lofi/7");
        Assert.Equal(1, no.ExitCode);
        CommandResult yes = await Host.RunAsync("y\n", [], "newfs", device);
        Assert.True(yes.ExitCode == 0, yes.ToString());
        Assert.Contains("(y/n)?", yes.Output, StringComparison.Ordinal);

        Directory.CreateDirectory(zonePath);
        await TestProgram.RunAsync("mount", device, zonePath);
        CommandResult configured = await Host.RunAsync($"create\nset zonepath={zonePath}\nadd net\nset physical={await AnyInterfaceAsync()}\nset address=\nend\nverify\nexit\n", [], "zonecfg", "-z", zone);
        Assert.True(configured.ExitCode == 0, configured.ToString());
        (await Host.RunAsync("zoneadm", "-z", zone, "install")).AssertRefused("open to others than root", "chmod 700");
        await TestProgram.RunAsync("chmod", "700", zonePath);
        // The interface belongs to the machine, so the zone itself gets no interface.
        await Host.RunCheckedAsync("zonecfg", "-z", zone, "remove net");
        await Host.RunCheckedAsync("zoneadm", "-z", zone, "verify");
        string installed = await Host.RunCheckedAsync("zoneadm", "-z", zone, "install");
        Assert.Contains("Creating list of files to copy from the global zone.", installed, StringComparison.Ordinal);
        Assert.Matches("Copying <[0-9]+> files to the zone.", installed);
        Assert.Contains($"Zone <{zone}> is initialized.", installed, StringComparison.Ordinal);
        Assert.Matches($@"- {zone} +installed +{zonePath} +native", await Host.RunCheckedAsync("zoneadm", "list", "-cv"));

        await Host.RunCheckedAsync("zoneadm", "-z", zone, "boot");
        Assert.Matches($@" {zone} +running +{zonePath} +native", await Host.RunCheckedAsync("zoneadm", "list", "-cv"));
        Assert.Equal(zone, (await Host.RunCheckedAsync("zlogin", zone, "hostname")).Trim());
        string[] df = (await Host.RunCheckedAsync("df", zone)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(3, df.Length);
        Assert.StartsWith(share, df[1], StringComparison.Ordinal);
        Assert.StartsWith(device, df[2], StringComparison.Ordinal);
        Assert.EndsWith(zonePath, df[2], StringComparison.Ordinal);
        Assert.Contains(file, await Host.RunCheckedAsync("explain", zone), StringComparison.Ordinal);
        (await Host.RunAsync("lofiadm", "-d", "/dev/lofi/7")).AssertRefused("mounted", zonePath);

        await Host.RunCheckedAsync("zoneadm", "-z", zone, "halt");
        (await Host.RunAsync("zonecfg", "-z", zone, "delete -F")).AssertFailed("uninstall");
        await Host.RunCheckedAsync("zoneadm", "-z", zone, "uninstall", "-F");
        await Host.RunCheckedAsync("zonecfg", "-z", zone, "delete", "-F");
        await TestProgram.RunAsync("umount", zonePath);
        Directory.Delete(zonePath);
        await Host.RunCheckedAsync("lofiadm", "-d", "/dev/lofi/7");
        Assert.Null(await Host.StateAsync(zone));
        Assert.Empty(Leavings.Of(Host));
    }

    private static async Task<string> AnyInterfaceAsync() =>
        (await TestProgram.RunAsync("ip", "-o", "link", "show")).Split('\n').Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1].TrimEnd(':').Split('@')[0]).First(n => n != "lo");
}
