using Lofizone.Engine;
using Lofizone.Hosts;
using Lofizone.Interop;
using Lofizone.Ownership;
using Lofizone.Shares;

namespace Lofizone.Devices;

/// <summary>
/// Opens a device's image for the loop driver, owned by this host: in a directory, on the kernel's NFS client, or through an engine.
/// </summary>
internal sealed class ImageOpening(
    HostPaths paths, LofiRecords records, EngineLauncher engines, KernelMounts mounts, TimeProvider time, ShareOpener open)
{
    /// <summary>
    /// Opens and locks the image, and writes the owner record. Returns the open file, and the device with the data that the opening has
    /// found out.
    /// </summary>
    /// <exception cref="LofizoneException">
    /// The image is missing, unfit or owned by another host, or the server can't be reached.
    /// </exception>
    public async Task<(FileDescriptor Backing, LofiDevice Device)> OpenAsync(LofiDevice device, CancellationToken cancellation) =>
        device.Transport switch
        {
            NfsTransports.User => await OpenThroughEngineAsync(device, cancellation),
            NfsTransports.Kernel => (await OpenOnKernelAsync(device, cancellation), device),
            _ => (await OpenDirAsync(device, cancellation), device),
        };

    private Task<FileDescriptor> OpenDirAsync(LofiDevice device, CancellationToken cancellation)
    {
        KernelNfsRules.Check(device.File.Split().Directory);
        return OpenLockedAsync(device, device.File.Path, cancellation);
    }

    private async Task<FileDescriptor> OpenOnKernelAsync(LofiDevice device, CancellationToken cancellation) =>
        await OpenLockedAsync(device, await mounts.MountAsync(device.File, cancellation), cancellation);

    private async Task<FileDescriptor> OpenLockedAsync(LofiDevice device, string path, CancellationToken cancellation)
    {
        // The open runs on another thread, because the kernel waits for a silent server.
        await KernelServer.RequireAsync(device.File, cancellation);
        Task<(FileDescriptor? File, long SizeBytes)> opening = Task.Run(() => DirImage.OpenLocked(device.File, path), cancellation);
        (FileDescriptor? file, _) = await KernelServer.WaitAsync(
            opening, device.File, stop => KernelServer.AnswersAsync(device.File, stop), time, cancellation);
        if (file is null)
            throw LockedElsewhere(device.File, await ImageOwner.ReadAsync(open, device.File, time, cancellation));
        try
        {
            LofiSteps.Attaching(LofiSteps.Owner);
            await using IShare share = await open(device.File.Split().Directory, cancellation);
            await ImageOwner.ClaimAsync(
                share, device.File,
                ImageOwner.OfHost(paths, time.GetUtcNow()) with { Attachment = device.Token, Transport = device.Transport }, cancellation);
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private async Task<(FileDescriptor Backing, LofiDevice Device)> OpenThroughEngineAsync(
        LofiDevice device, CancellationToken cancellation)
    {
        EngineReady ready;
        try
        {
            ready = await engines.StartAsync(device.File, device.Token, device.ZoneName, records.Engine(device.Number), cancellation);
        }
        catch (ImageLockedException)
        {
            throw LockedElsewhere(device.File, await ImageOwner.ReadAsync(open, device.File, time, cancellation));
        }

        device = device with { Engine = ready.Process, Keeper = records.Engine(device.Number).ReadKeeper() };
        LofiSteps.Attaching(LofiSteps.Engine);
        records.Write(device);
        return (Files.Open(ready.ImagePath, OpenFlags.ReadWrite | OpenFlags.NoFollow), device);
    }

    private LofizoneException LockedElsewhere(ShareUri file, ImageOwner? owner) =>
        OwnedElsewhere.Locked(file, owner, HostIdentity.Id(paths));
}
