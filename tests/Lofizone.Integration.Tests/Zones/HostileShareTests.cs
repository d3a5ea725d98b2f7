using System.Text.Json.Nodes;
using Lofizone.Interop;
using Lofizone.Programs;
using Lofizone.Testing.Hosts;

namespace Lofizone.Integration.Tests.Zones;

/// <summary>
/// A writer of a share asks a host for objects that the host must not give: its directories, its interfaces, a place in its start. The
/// tests run on a host below a directory, and on a host that takes itself for this machine.
/// </summary>
public sealed class HostileShareTests(NasHost nas) : IClassFixture<NasHost>
{
    private static readonly string[] _directories = ["/usr/local/sbin", "/etc/cron.d"];

    private TestHost A => nas.Host;

    [Fact]
    public async Task No_way_to_take_a_zone_gives_its_share_a_path_an_interface_or_a_boot_of_the_host()
    {
        // The share is a directory, because a server's caches hide changes of its files for a while.
        string directory = Directory.CreateDirectory(Path.Combine(A.Root, "share")).FullName, file = Path.Combine(directory, "web/zone.json"), share = "dir:" + directory, uri = share + "/web";
        await A.RunCheckedAsync("create", "web", share, "--size", "400m");
        await A.RunCheckedAsync("detach", "web");
        string sound = await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken);
        Assert.DoesNotContain("zonepath", sound, StringComparison.Ordinal);
        await using TestHost below = new();
        await using TestHost machine = await TestHost.OfMachineAsync();
        foreach (TestHost victim in new[] { below, machine })
        {
            IReadOnlyList<string> before = Leavings.Of(victim, directory);
            await HostileAsync(file, sound, zone => zone["zonepath"] = "/usr/local/sbin");
            await AssertRefusedAsync(victim, share, "zonepath=/usr/local/sbin");
            (await victim.RunAsync("attach", "--accept", uri)).AssertRefused("/usr/local/sbin", "lies in /usr");
            (await victim.RunAsync("accept", uri)).AssertRefused("/usr/local/sbin", "lies in /usr");
            (await victim.RunAsync("attach", "--zonepath", "/etc/cron.d", uri)).AssertRefused("/etc/cron.d", "lies in /etc");
            await HostileAsync(file, sound, zone =>
            {
                zone["zonepath"] = "/etc/cron.d";
                zone["autoboot"] = true;
                zone["net"] = new JsonArray(new JsonObject { ["physical"] = "lo0" });
            });
            await AssertRefusedAsync(victim, share, "zonepath=/etc/cron.d", "autoboot=true", "net physical=lo0");
            // An acceptance of one configuration does not cover another configuration.
            await HostileAsync(file, sound, zone => zone["autoboot"] = true);
            await victim.RunCheckedAsync("accept", uri);
            Assert.Contains("can be attached here", await victim.RunCheckedAsync("attach", "-n", uri), StringComparison.Ordinal);
            await HostileAsync(file, sound, zone => zone["zonepath"] = "/usr/local/sbin");
            (await victim.RunAsync("attach", uri)).AssertRefused("zonepath=/usr/local/sbin");
            await File.WriteAllTextAsync(file, sound, TestContext.Current.CancellationToken);
            Assert.Equal(before, Leavings.Of(victim, directory));
            Assert.Null(await victim.StateAsync("web"));
        }

        await A.RunCheckedAsync("attach", "web");
        await A.RunCheckedAsync("delete", "-F", "web");
    }

    [Fact]
    public async Task The_machine_itself_takes_gives_and_loses_zones_as_a_host_below_a_directory_does()
    {
        string file = Path.Combine(nas.ShareDirectory, "web/zone.json"), uri = $"{nas.Share}/web";
        await using TestHost machine = await TestHost.OfMachineAsync();
        await using SshServer toMachine = await SshServer.StartAsync(machine);
        await using SshServer toA = await SshServer.StartAsync(A);
        await A.RunCheckedAsync("create", "web", nas.Share, "--size", "400m", "--boot");

        // The share names a zonepath to a move. The target uses its own zonepath.
        string sound = await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken);
        await HostileAsync(file, sound, zone => zone["zonepath"] = "/usr/local/sbin");
        await A.RunCheckedAsync("move", "web", SshServer.Name, "--ssh", toMachine.Ssh);
        Assert.Equal("running", await machine.StateAsync("web"));
        Assert.Contains(":/zones/web:", await machine.RunCheckedAsync("list", "-p"), StringComparison.Ordinal);
        await AssertNothingMountedAsync(machine);
        Assert.Equal("/zones/web", (await machine.MountsAsync()).Entries.Single(m => m.MountPoint.EndsWith("/web", StringComparison.Ordinal)).MountPoint);
        await machine.RunCheckedAsync("move", "web", SshServer.Name, "--ssh", toA.Ssh);
        Assert.Equal("running", await A.StateAsync("web"));

        await machine.RunCheckedAsync("takeover", "--now", uri);
        Assert.Equal("running", await machine.StateAsync("web"));
        await A.WaitAsync(async () => await A.StateAsync("web") == "configured", "the old owner does not notice");
        await A.WaitUntilSettledAsync("web");
        await machine.RunCheckedAsync("halt", "web");
        await machine.RunCheckedAsync("detach", "web");
        await machine.RunCheckedAsync("delete", "-F", "web");
        await machine.RunCheckedAsync("attach", uri);
        await machine.RunCheckedAsync("boot", "web");
        await machine.RunCheckedAsync("halt", "web");
        Assert.DoesNotContain((await machine.MountsAsync()).Entries, m => m.MountPoint.StartsWith("/zones/", StringComparison.Ordinal));
        await machine.RunCheckedAsync("delete", "-F", "web");
        Assert.Empty(Directory.GetFileSystemEntries(nas.ShareDirectory));
        await A.RunCheckedAsync("delete", "-F", "web");
    }

    /// <summary>
    /// Asserts that attach (dry or forced), takeover and the Pacemaker agent refuse with these words and show the request, and that nothing
    /// is mounted.
    /// </summary>
    private static async Task AssertRefusedAsync(TestHost victim, string share, params string[] requests)
    {
        string uri = share + "/web";
        foreach (string[] command in (string[][])[["attach", uri], ["attach", "-n", uri], ["attach", "-F", uri], ["takeover", uri]])
        {
            CommandResult refused = await victim.RunAsync(command);
            refused.AssertRefused([.. requests, "has not accepted", "--accept"]);
            Assert.All(requests, r => Assert.Contains("\t" + r, refused.Output, StringComparison.Ordinal));
        }

        ProgramResult agent = await StartAsync(victim, share);
        Assert.Equal(1, agent.ExitCode);
        Assert.All(requests, r => Assert.Contains(r, agent.Error, StringComparison.Ordinal));
        Assert.Null(await victim.StateAsync("web"));
        await AssertNothingMountedAsync(victim);
    }

    private static async Task AssertNothingMountedAsync(TestHost victim)
    {
        MountTable mounts = await victim.MountsAsync();
        Assert.All(_directories, d => Assert.Null(mounts.At(d)));
    }

    private static async Task<ProgramResult> StartAsync(TestHost victim, string share)
    {
        Dictionary<string, string?> environment = new()
        {
            ["OCF_ROOT"] = "/usr/lib/ocf",
            ["OCF_RESOURCE_INSTANCE"] = "web",
            ["OCF_RESKEY_zone"] = "web",
            ["OCF_RESKEY_share"] = share,
            ["OCF_RESKEY_program"] = await victim.MakeProgramAsync(victim.Root),
            ["HA_LOGFACILITY"] = "none",
        };
        string agent = Path.Combine(HostCleanup.RepositoryRoot(), "packaging", "ocf", "zone");
        return await new ProgramRunner().RunAsync(new ProgramCall(agent, "start") { Environment = environment, TimeLimit = TestHost.CommandLimit }, TestContext.Current.CancellationToken);
    }

    /// <summary>Changes a file beside the image, as a writer of the share can.</summary>
    private static async Task HostileAsync(string file, string sound, Action<JsonObject> change)
    {
        JsonObject zone = JsonNode.Parse(sound)!.AsObject();
        change(zone);
        await File.WriteAllTextAsync(file, zone.ToJsonString(), TestContext.Current.CancellationToken);
    }
}
