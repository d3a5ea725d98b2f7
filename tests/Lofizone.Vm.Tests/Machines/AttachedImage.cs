using Lofizone.Testing.Hosts;

namespace Lofizone.Vm.Tests.Machines;

/// <summary>An image on the server that a host has attached with <c>lofiadm</c>, over the kernel's NFS client or over ours.</summary>
internal sealed class AttachedImage(VirtualMachine host, string file)
{
    private const string ImageSize = "192m";
    private static readonly TimeSpan _takeoverLimit = TimeSpan.FromSeconds(Laboratory.LeaseSeconds * 6);

    /// <summary>The host's loop device behind the lofi device.</summary>
    public string Device { get; private set; } = "";

    public string File => file;

    public VirtualMachine Host => host;

    /// <summary>The mount point of <see cref="MountAsync"/>.</summary>
    public string MountPoint => "/z/" + Path.GetFileNameWithoutExtension(file);

    /// <summary>The name by which a host attaches an image of an export.</summary>
    /// <param name="transport">"kernel", "user", or "dir" for a directory that was mounted by hand.</param>
    /// <param name="image">"ext4/a.img".</param>
    public static AttachedImage Of(string transport, VirtualMachine host, string image) =>
        new(host, transport == "dir" ? $"/mnt/{image}" : $"nfs://{Laboratory.ServerOf(host)}/srv/{image}?transport={transport}");

    public async Task MakeAsync()
    {
        await host.CheckedAsync($"mkfile -n {ImageSize} {file}");
        await AttachAsync();
    }

    /// <summary>Makes the image with an empty ext4, and attaches it.</summary>
    public async Task CreateAsync()
    {
        await MakeAsync();
        await host.CheckedAsync($"mkfs.ext4 -q -b 4096 {Device}");
    }

    public async Task AttachAsync()
    {
        CommandResult result = await TryAttachAsync();
        Assert.True(result.Succeeded, $"{host.Name}: {result}");
    }

    public async Task<CommandResult> TryAttachAsync()
    {
        CommandResult result = await host.RunAsync($"lofiadm -a {file}");
        if (result.Succeeded)
            Device = await host.CheckedAsync($"readlink -f {result.Output.Trim()}");
        return result;
    }

    /// <summary>Attaches the image as soon as the server takes the image from its former owner.</summary>
    public Task TakeOverAsync() =>
        Laboratory.WaitAsync(async () => (await TryAttachAsync()).Succeeded, _takeoverLimit, $"{host.Name} did not get {file}");

    public Task<string> MountAsync() => host.CheckedAsync($"mkdir -p {MountPoint} && mount {Device} {MountPoint}");

    public Task<string> UnmountAsync() => host.CheckedAsync($"umount {MountPoint}");

    /// <summary>Checks the file system, which must have no fault.</summary>
    public Task<string> CheckAsync() => host.CheckedAsync($"e2fsck -fn {Device}");

    public Task<string> DetachAsync() => host.CheckedAsync($"lofiadm -d {file}");

    /// <summary>Detaches the device in any state that a test has left. Other devices of the machine stay.</summary>
    public Task<CommandResult> DropAsync() => host.RunAsync($"umount -l {MountPoint}; lofiadm -f -d {file}");
}
