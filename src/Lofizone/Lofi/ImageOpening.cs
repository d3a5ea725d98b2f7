using System.Globalization;
using Lofizone.Hosts;
using Lofizone.Interop;
using Lofizone.Shares;

namespace Lofizone.Lofi;

/// <summary>
/// Opens a device's image for the loop driver, owned by this host: in a directory, on the kernel's NFS client, or through an engine.
/// </summary>
internal sealed class ImageOpening(HostPaths paths, LofiRecords records, EngineLauncher engines, KernelMounts mounts, TimeProvider time)
{
    /// <summary>For a sign of life of a server that the kernel speaks to.</summary>
    private static readonly TimeSpan _probeLimit = TimeSpan.FromSeconds(1);

    /// <summary>The open file, locked and with the owner record written; and the device with what was learned.</summary>
    /// <exception cref="LofizoneException">Missing, unfit, owned by another host, server not to be reached.</exception>
    public async Task<(FileDescriptor Backing, LofiDevice Device)> OpenAsync(LofiDevice device, CancellationToken cancellation) => device.Transport switch
    {
        NfsTransports.User => await OpenThroughEngineAsync(device, cancellation),
        NfsTransports.Kernel => (await OpenOnKernelAsync(device, cancellation), device),
        _ => (await OpenDirAsync(device, cancellation), device),
    };

    /// <summary>Whether the server of an image that the kernel reads and writes answers now. Asked by our own client, which the kernel's does not hold up.</summary>
    public async Task<bool> AnswersAsync(LofiDevice device, CancellationToken cancellation)
    {
        try
        {
            await using NfsShare share = await NfsShare.OpenAsync(
                device.File.Split().Directory, new NfsShareOptions { TimeProvider = time, ConnectDeadline = _probeLimit, AnswerDeadline = _probeLimit }, cancellation);
            return true;
        }
        catch (LofizoneException)
        {
            return false;
        }
    }

    private Task<FileDescriptor> OpenDirAsync(LofiDevice device, CancellationToken cancellation)
    {
        KernelNfsRules.Check(device.File.Split().Directory);
        return OpenLockedAsync(device, device.File.Path, cancellation);
    }

    private async Task<FileDescriptor> OpenOnKernelAsync(LofiDevice device, CancellationToken cancellation) =>
        await OpenLockedAsync(device, await mounts.MountAsync(device.File, cancellation), cancellation);

    private async Task<FileDescriptor> OpenLockedAsync(LofiDevice device, string path, CancellationToken cancellation)
    {
        // Off this thread: the kernel waits for a server that is silent.
        (FileDescriptor? file, _) = await Task.Run(() => DirImage.OpenLocked(device.File, path), cancellation).WaitAsync(cancellation);
        if (file is null)
            throw LockedElsewhere(device.File, await ImageOwner.ReadAsync(device.File, time, cancellation));
        try
        {
            LofiSteps.Attaching(LofiSteps.Owner);
            await using IShare share = await Share.OpenAsync(device.File.Split().Directory, cancellation);
            await ImageOwner.ClaimAsync(share, device.File, HostIdentity.Describe(paths, time.GetUtcNow()) with { Attachment = device.Token }, cancellation);
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private async Task<(FileDescriptor Backing, LofiDevice Device)> OpenThroughEngineAsync(LofiDevice device, CancellationToken cancellation)
    {
        EngineReady ready;
        try
        {
            ready = await engines.StartAsync(device, records.Engine(device.Number), cancellation);
        }
        catch (ImageLockedException)
        {
            throw LockedElsewhere(device.File, await ImageOwner.ReadAsync(device.File, time, cancellation));
        }

        device = device with { Engine = ready.Process, Keeper = records.Engine(device.Number).ReadKeeper() };
        LofiSteps.Attaching(LofiSteps.Engine);
        records.Write(device);
        return (Files.Open(ready.ImagePath, OpenFlags.ReadWrite | OpenFlags.NoFollow), device);
    }

    private LofizoneException LockedElsewhere(ShareUri file, ImageOwner? owner)
    {
        if (owner is null)
            return new LofizoneException($"{file}: locked by another host or program", "detach it there (lofiadm -d), or halt its zone there");
        string since = owner.Since.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);
        string who = owner.HostId == HostIdentity.Id(paths) ? "another program of this host" : $"host {owner.Host}";
        return new LofizoneException(
            $"{file}: locked by {who} (owner since {since})",
            $"halt its zone on {owner.Host}, or detach it there: lofiadm -d {file}");
    }
}
