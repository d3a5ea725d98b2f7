using Lofizone.Testing.Hosts;
using Lofizone.Vm.Tests.Machines;

namespace Lofizone.Vm.Tests;

/// <summary>Images of nfs:// shares whose data the kernel's NFS client carries.</summary>
[Collection(LaboratoryCollection.Name)]
public sealed class KernelTransportTests(Laboratory lab)
{
    private const string Mounts = "grep /run/lofizone/shares/ /proc/mounts || true";

    [Fact]
    public async Task A_host_that_has_the_kernels_client_uses_it_unless_told_otherwise()
    {
        VirtualMachine host = lab.Alpha;
        AttachedImage image = new(host, $"nfs://{Laboratory.ServerOf(host)}/srv/ext4/choice.img");
        try
        {
            await image.MakeAsync();
            string mount = await host.CheckedAsync(Mounts);
            Assert.Contains(" nfs4 ", mount, StringComparison.Ordinal);
            Assert.Contains("vers=4.2", mount, StringComparison.Ordinal);
            Assert.Contains("hard", mount, StringComparison.Ordinal);
            Assert.Contains("\"transport\": \"kernel\"", await host.CheckedAsync("lofiadm --json"), StringComparison.Ordinal);
            await image.DetachAsync();
            Assert.Equal("", await host.CheckedAsync(Mounts));
            Assert.Equal("", await host.CheckedAsync("ls /run/lofizone/shares"));
        }
        finally
        {
            await image.DropAsync();
        }
    }

    [Fact]
    public async Task A_host_without_the_names_of_protocols_uses_the_kernels_client_too()
    {
        AttachedImage image = AttachedImage.Of("kernel", lab.Alpha, "ext4/no-names.img");
        await lab.Alpha.CheckedAsync("touch /etc/protocols; mount --bind /dev/null /etc/protocols");
        try
        {
            await image.MakeAsync();
            await image.DetachAsync();
        }
        finally
        {
            await lab.Alpha.CheckedAsync("umount /etc/protocols");
            await image.DropAsync();
        }
    }

    [Fact]
    public async Task A_device_on_a_dead_server_is_given_up_without_a_reboot_and_others_on_the_same_share_go_on()
    {
        AttachedImage lost = AttachedImage.Of("kernel", lab.Alpha, "ext4/lost.img");
        AttachedImage kept = AttachedImage.Of("kernel", lab.Alpha, "ext4/kept.img");
        Writer writer = new(kept);
        try
        {
            await lost.CreateAsync();
            await lost.MountAsync();
            await kept.CreateAsync();
            await kept.MountAsync();
            await writer.StartAsync();
            await lab.Server.SetLinkAsync(Laboratory.LinkTo(lab.Alpha), up: false);
            await lost.Host.CheckedAsync($"setsid dd if=/dev/zero of={lost.MountPoint}/file bs=1M count=8 conv=fsync </dev/null >/dev/null 2>&1 & umount -l {lost.MountPoint}");

            CommandResult refused = await lost.Host.RunAsync($"lofiadm -d {lost.File}");
            Assert.False(refused.Succeeded);
            Assert.Contains("does not answer", refused.Error, StringComparison.Ordinal);
            CommandResult forced = await lost.Host.RunAsync($"lofiadm -f -d {lost.File}");
            Assert.True(forced.Succeeded, forced.ToString());
            Assert.DoesNotContain(Path.GetFileName(lost.Device), await lost.Host.CheckedAsync("losetup -n -O NAME"), StringComparison.Ordinal);

            await lab.Server.SetLinkAsync(Laboratory.LinkTo(lab.Alpha), up: true);
            await writer.AdvanceAsync(4);
            await writer.StopAndVerifyAsync();
        }
        finally
        {
            await lab.Server.SetLinkAsync(Laboratory.LinkTo(lab.Alpha), up: true);
            await lost.DropAsync();
            await kept.DropAsync();
        }
    }
}
