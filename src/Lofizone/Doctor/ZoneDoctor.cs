using Lofizone.Config;
using Lofizone.Devices;
using Lofizone.Engine;
using Lofizone.Hosts;
using Lofizone.Interop;
using Lofizone.Ownership;
using Lofizone.Shares;
using Lofizone.Zones;

namespace Lofizone.Doctor;

/// <summary>
/// Explains why a zone's image can't be mounted, from the share to the file system, and names the remedy. The examination changes nothing:
/// an unused image is attached under its lock, and detached again.
/// </summary>
public sealed class ZoneDoctor(ZoneHost host)
{
    private const string WhenItAnswers = "check that the server runs and can be reached from here, then run again";

    private readonly List<Finding> _findings = [];
    private string _target = "";
    private string? _image;

    /// <summary>Examines a zone of this host, an image or a zone's directory on a share, or a device.</summary>
    /// <param name="target">A zone's name, an <c>nfs://</c> or <c>dir:</c> URI, an absolute path, or <c>/dev/…</c>.</param>
    /// <param name="full">Have the file system's own checker read all of its metadata.</param>
    /// <param name="cancellation">Ends the examination; the image is detached.</param>
    /// <exception cref="LofizoneException">The target makes no sense.</exception>
    public async Task<Diagnosis> ExamineAsync(string target, bool full, CancellationToken cancellation)
    {
        _target = target;
        try
        {
            if (target.StartsWith("/dev/", StringComparison.Ordinal))
                await ExamineDeviceAsync(target, full, cancellation);
            else if (target.Contains(':') || target.StartsWith('/'))
                await ExamineImageAsync(await ImageAtAsync(ShareUri.Parse(target), cancellation), null, null, full, cancellation);
            else
                await ExamineZoneAsync(host.Require(target), full, cancellation);
        }
        catch (LofizoneException error) when (_image is not null)
        {
            _findings.Add(new Finding(Severity.Fault, error.Message, error.Advice));
        }

        return new Diagnosis(_target, _image, _findings);
    }

    private async Task ExamineZoneAsync(ZoneRecord record, bool full, CancellationToken cancellation)
    {
        ZoneConfig config = record.Config;
        string name = config.Name;
        if (config.RootImage is not { } root)
        {
            throw new LofizoneException(
                $"{name}: its root is in the directory {config.ZonePath}, not in an image that was named to it",
                "name the device that is mounted there: zone doctor /dev/lofi/N");
        }

        ZoneStatus status = host.Status(record);
        ShareUri image = ZonePaths.Image(name, root);
        _image = image.ToString();
        Add(
            status.State == ZoneState.Down ? Severity.Fault : Severity.Ok,
            $"zone {name} is {status.State.Text()}",
            status.State == ZoneState.Down ? $"'zone halt {name}' tidies up, 'zone boot {name}' boots it again" : null);
        foreach (HostLimitFinding low in host.LimitsWith(name))
            Add(Severity.Note, low.What, low.Mend);
        if (status.State == ZoneState.Configured)
        {
            Add(Severity.Fault, "it has not been installed: there is no image yet", $"zone install {name}");
            return;
        }

        // Opening the share finds an unreachable server. Comparing zone.json finds a change by another party.
        if (!status.State.IsUp())
        {
            await ServerPresence.RequireAsync(image, WhenItAnswers, cancellation);
            await CheckConfigAsync(config, cancellation);
        }

        await ExamineImageAsync(image, root.FsType, root.Size, full, cancellation);
    }

    /// <summary>Checks the zone's configuration. A failure of this check does not end the examination of the image.</summary>
    private async Task CheckConfigAsync(ZoneConfig config, CancellationToken cancellation)
    {
        try
        {
            await new ZoneShare(host, config).CheckConfigAsync(cancellation);
            Add(Severity.Ok, "the configuration on the share is the one this host accepted");
        }
        catch (LofizoneException error)
        {
            Add(Severity.Fault, error.Message, error.Advice);
        }
    }

    private async Task ExamineImageAsync(ShareUri image, string? wantedType, long? wantedSize, bool full, CancellationToken cancellation)
    {
        _image = image.ToString();
        if (host.Lofi.Find(_image) is { } attached)
        {
            await RequireAnsweringAsync(attached, cancellation);
            await ExamineAttachedAsync(attached, wantedType, full, cancellation);
            return;
        }

        ImageOwner? note = await ImageOwner.ReadAsync(host.OpenShareAsync, image, host.Time, cancellation);
        LofiDevice device = await host.Lofi.AttachAsync(image, new LofiAttachOptions(), cancellation);
        await BriefUse.RunAsync(host.Lofi, device, LookAsync, host.Time, cancellation);

        async Task LookAsync(CancellationToken stop)
        {
            Add(Severity.Ok, $"{image}: reachable, not in use, {Images.SizeText.Format(device.SizeBytes)}");
            if (note is not null)
                Add(StaleOwner(note));
            if (wantedSize is { } size && size != device.SizeBytes)
                Add(
                    Severity.Note,
                    $"the zone is configured with {Images.SizeText.Format(size)}, its image has {Images.SizeText.Format(device.SizeBytes)}",
                    "the image's size counts; nothing needs doing");
            await ExamineFileSystemAsync(device, wantedType, null, full, DeviceReach.OfImage(image), stop);
        }
    }

    /// <summary>Refuses a device whose server is silent: a read of the device would wait without a limit.</summary>
    private async Task RequireAnsweringAsync(LofiDevice device, CancellationToken cancellation)
    {
        if (device.Health != LofiHealth.Ok || await host.Lofi.StallAsync(device, cancellation) is not { } stall)
            return;
        throw new LofizoneException(
            $"attached here as {device.Link}{(device.ZoneName is { } zone ? $" for zone {zone}" : "")}, but {stall}: what is in it "
            + "can't be looked at",
            stall.Kind == StallKind.Silent ? WhenItAnswers
            : $"{stall.Cure}, what waits goes on then; or give up what is not stored: {device.GiveUpCommand}");
    }

    private async Task ExamineAttachedAsync(LofiDevice device, string? wantedType, bool full, CancellationToken cancellation)
    {
        string release = device.GiveUpCommand;
        switch (device.Health)
        {
            case LofiHealth.Ok:
                Add(
                    Severity.Ok,
                    $"attached here as {device.Link}{(device.ZoneName is { } user ? $" for zone {user}" : "")}, lock held since "
                    + $"{device.Since:u}");
                await ExamineFileSystemAsync(
                    device, wantedType, Explain.LoopMounts.PointOf(device), full, DeviceReach.OfDevice(device.Link), cancellation);
                break;
            case LofiHealth.EngineDead:
                Add(Severity.Fault, $"attached here as {device.Link}, but the engine behind it has ended: I/O on it fails", release);
                break;
            case LofiHealth.LoopGone:
                Add(Severity.Fault, $"{device.Link}: its loop device {device.LoopDevice} was taken away", release);
                break;
            default:
                Add(
                    Severity.Fault,
                    $"{device.Link}: a command is attaching or detaching it, or was killed while it did",
                    $"wait for it; what a killed one left goes with: {release}");
                break;
        }
    }

    private async Task ExamineDeviceAsync(string name, bool full, CancellationToken cancellation)
    {
        if (host.Lofi.Find(name) is { } lofi)
        {
            _image = lofi.File.ToString();
            await RequireAnsweringAsync(lofi, cancellation);
            await ExamineAttachedAsync(lofi, null, full, cancellation);
            return;
        }

        _image = name;
        long size;
        try
        {
            using FileDescriptor open = Files.Open(name, OpenFlags.ReadOnly | OpenFlags.NonBlocking);
            if (FileStatus.Of(open).Kind != FileKind.BlockDevice)
                throw new LofizoneException($"{name}: not a block device", "name a zone, an image by its URI, or a block device");
            size = BlockDevice.SizeBytes(open);
        }
        catch (LinuxException e) when (e.Errno == Errno.ENOENT)
        {
            throw new LofizoneException($"{name}: there is no such device", "'lofiadm' lists the attached images", e);
        }

        string? mountPoint = DeviceUsers.MountsOf(MountTable.Read(), name, name) is [{ } mount, ..] ? mount.MountPoint : null;
        Add(await new FileSystemDoctor(host.Programs, ScratchDirectory())
            .ExamineAsync(name, size, null, mountPoint, full, DeviceReach.OfDevice(name), cancellation));
    }

    private async Task ExamineFileSystemAsync(
        LofiDevice device, string? wantedType, string? mountPoint, bool full, DeviceReach reach, CancellationToken cancellation) =>
        Add(await new FileSystemDoctor(host.Programs, ScratchDirectory())
            .ExamineAsync(device.LoopDevice, device.SizeBytes, wantedType, mountPoint, full, reach, cancellation));

    /// <summary>Replaces a zone's directory by the image in the directory.</summary>
    private async Task<ShareUri> ImageAtAsync(ShareUri uri, CancellationToken cancellation)
    {
        _image = uri.ToString();
        if (host.Lofi.Find(_image) is not null)
            return uri;
        (ShareUri directory, string name) = uri.Split();
        await ServerPresence.RequireAsync(uri, WhenItAnswers, cancellation);
        await using IShare share = await host.OpenShareAsync(directory, cancellation);
        ShareEntry? entry = name.Length == 0 ? new ShareEntry(true, 0, 0) : await share.StatAsync(name, cancellation);
        if (entry is null)
            throw new LofizoneException(
                $"{uri}: there is no such file on the share", $"'zone list' shows the zones of this host; look into {directory}");
        return entry.IsDirectory ? uri.Below(ZonePaths.ImageName) : uri;
    }

    /// <summary>The finding for an owner record that names an owner although the lock was free.</summary>
    private Finding StaleOwner(ImageOwner note) => note.HostId == HostIdentity.Id(host.Paths)
        ? new Finding(
            Severity.Note, $"this host has owned it since {note.Since:u} and was cut off from it or ended without detaching it",
            "nothing needs doing, the next boot takes it up again")
        : new Finding(
            Severity.Note,
            $"host {note.Host} has owned it since {note.Since:u} and holds no lock any more: it died, or was cut off for longer than "
            + "the server's lease", $"see that its zone does not run there any more ({note.Host}), then boot it here");

    private string ScratchDirectory() => Directory.CreateDirectory(host.Paths.LofiRun).FullName;

    private void Add(Severity severity, string what, string? mend = null) => Add(new Finding(severity, what, mend));

    private void Add(Finding finding) => _findings.Add(finding);

    private void Add(IEnumerable<Finding> findings) => _findings.AddRange(findings);
}
