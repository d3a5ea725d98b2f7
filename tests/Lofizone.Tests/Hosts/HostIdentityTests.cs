using Lofizone.Hosts;
using Lofizone.Ownership;

namespace Lofizone.Tests.Hosts;

/// <summary>The identities of a host, of its machine, and of the machine's boot.</summary>
public sealed class HostIdentityTests
{
    [Fact]
    public async Task First_commands_at_once_agree_on_the_ID_and_it_stays()
    {
        using TemporaryHost host = new();
        string[] made = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(() => HostIdentity.Id(host.Paths) + HostIdentity.Boot(host.Paths))));
        Assert.Single(made.Distinct());
        Assert.Equal(made[0], HostIdentity.Id(host.Paths) + HostIdentity.Boot(host.Paths));
    }

    [Fact]
    public void Only_an_owner_of_an_earlier_start_of_this_machine_is_known_to_have_ended()
    {
        using TemporaryHost host = new();
        ImageOwner owner = ImageOwner.OfHost(host.Paths, DateTimeOffset.UnixEpoch) with { Boot = HostIdentity.Boot(host.Paths) };
        Assert.False(owner.IsOfEarlierBoot(host.Paths));

        Directory.Delete(host.Paths.Run, recursive: true);

        Assert.True(owner.IsOfEarlierBoot(host.Paths));
        // The records are a record without an identity, another host's record, and the record of this host's copy on another machine.
        Assert.False((owner with { Boot = "" }).IsOfEarlierBoot(host.Paths));
        Assert.False((owner with { HostId = new string('0', 32) }).IsOfEarlierBoot(host.Paths));
        Assert.False((owner with { Boot = "0123456789abcdef:" + owner.Boot.Raw.Split(':')[1] }).IsOfEarlierBoot(host.Paths));
    }

    [Fact]
    public void A_machine_is_told_by_its_firmware_and_its_interfaces_in_any_order()
    {
        string here = MachineHardware.Digest("uuid", ["00:01", "00:02"]);
        Assert.Equal(here, MachineHardware.Digest("uuid", ["00:02", "", "00:01"]));
        Assert.NotEqual(here, MachineHardware.Digest("another", ["00:01", "00:02"]));
        Assert.NotEqual(here, MachineHardware.Digest("uuid", ["00:01", "00:03"]));
        Assert.Equal("", MachineHardware.Digest("", [""]));
    }
}
