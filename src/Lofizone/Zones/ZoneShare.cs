using Lofizone.Config;
using Lofizone.Images;
using Lofizone.Install;
using Lofizone.Nfs.Protocol;
using Lofizone.Shares;

namespace Lofizone.Zones;

/// <summary>
/// A zone's directory on its share: <c>zone.json</c>, <c>root.img</c>, <c>manifest.json</c>. The directory is made exclusively, so only one
/// of two hosts that create the same name succeeds. The UUID in zone.json tells whose the directory is, so that no file of another zone is
/// ever removed.
/// </summary>
internal sealed class ZoneShare(ZoneHost host, ZoneConfig config)
{
    /// <summary>The files beside the image.</summary>
    private static readonly string[] _files = [ManifestFile.Name, ZoneHome.FileName, DetachedZone.FileName, "owner.json"];

    /// <summary>Number of files that a message names.</summary>
    private const int NamedLimit = 5;

    private bool _claimed;
    private bool _imageMade;

    /// <summary>True when <see cref="RemoveAllAsync"/> of this object can't be undone any more.</summary>
    public bool MayHaveRemovedImage { get; private set; }

    private string Name => config.Name;

    private ShareUri Uri => ZonePaths.Share(config.RootImage!);

    /// <summary>Refuses when anything but this zone's own unfinished work has the name on the share.</summary>
    public async Task RequireFreeAsync(CancellationToken cancellation)
    {
        await using IShare share = await OpenAsync(cancellation);
        if (await share.StatAsync(Name, cancellation) is null || await IsOursAsync(share, cancellation))
            return;
        throw Taken();
    }

    /// <summary>Refuses to install over the root of a detached zone, which would be lost.</summary>
    public async Task RefuseExistingImageAsync(CancellationToken cancellation)
    {
        await using IShare share = await OpenAsync(cancellation);
        if (await share.StatAsync(At(ZonePaths.ImageName), cancellation) is not null)
            throw new LofizoneException(
                $"{Name}: {Uri.Below(At(ZonePaths.ImageName))} holds the zone's root already", $"zone attach {Name}");
    }

    /// <summary>Refuses when the content of an install does not fit on the share. The sparse image itself takes no space.</summary>
    public async Task RequireSpaceAsync(long bytes, CancellationToken cancellation)
    {
        await using IShare share = await OpenAsync(cancellation);
        long available = (await share.SpaceAsync(cancellation)).Available;
        if (available < bytes)
        {
            throw new LofizoneException(
                $"{Name}: no space on the share {Uri}: the zone's root takes {SizeText.Format(bytes)}, {SizeText.Format(available)} "
                + "are available",
                "free some space there, or take another share");
        }
    }

    /// <summary>
    /// Makes the zone's directory, and writes zone.json into it. An empty directory may belong to another host that is about to do the
    /// same, so it stays. A directory that a killed command of this host left was removed earlier, with the rest of that command's work
    /// (<see cref="RemoveAllAsync"/>).
    /// </summary>
    public async Task ClaimAsync(CancellationToken cancellation)
    {
        await using IShare share = await OpenAsync(cancellation);
        if (!await share.CreateDirectoryAsync(Name, cancellation) && !await IsOursAsync(share, cancellation))
            throw Taken();
        _claimed = true;
        await share.WriteFileAsync(At(ZoneConfigJson.FileName), ZoneConfigJson.Write(Shared(config)), cancellation);
    }

    /// <summary>Undoes <see cref="ClaimAsync"/> of this object.</summary>
    public Task UnclaimAsync(CancellationToken cancellation) => _claimed ? RemoveAllAsync(cancellation) : Task.CompletedTask;

    public async Task MakeImageAsync(CancellationToken cancellation)
    {
        await using IShare share = await OpenAsync(cancellation);
        // The directory is this zone's, so an existing image is one that a killed install of this host left.
        await share.RemoveImageAsync(At(ZonePaths.ImageName), cancellation);
        await share.CreateImageAsync(At(ZonePaths.ImageName), config.RootImage!.Size, cancellation);
        _imageMade = true;
    }

    public Task RemoveImageAsync(CancellationToken cancellation) => _imageMade
        ? RemoveAsync(ZonePaths.ImageName, cancellation)
        : Task.CompletedTask;

    /// <summary>Replaces zone.json by this host's configuration.</summary>
    public Task WriteConfigAsync(CancellationToken cancellation) =>
        WriteAsync(ZoneConfigJson.FileName, ZoneConfigJson.Write(Shared(config)), cancellation);

    public async Task WriteAsync(string file, ReadOnlyMemory<byte> content, CancellationToken cancellation)
    {
        await using IShare share = await OpenAsync(cancellation);
        await share.WriteFileAsync(At(file), content, cancellation);
    }

    public async Task RemoveAsync(string file, CancellationToken cancellation)
    {
        await using IShare share = await OpenAsync(cancellation);
        await share.RemoveAsync(At(file), cancellation);
    }

    /// <summary>
    /// Removes the zone's image. A request whose answer is lost may have been executed, or may still be. Only a server that refused has
    /// changed nothing.
    /// </summary>
    private async Task RemoveOwnImageAsync(IShare share, CancellationToken cancellation)
    {
        ZoneHomes homes = new(host, config);
        try
        {
            await share.RemoveImageAsync(At(ZonePaths.ImageName), cancellation, async c =>
            {
                await homes.RequireNotElsewhereAsync(c);
                MayHaveRemovedImage = true;
            });
            MayHaveRemovedImage = true;
        }
        catch (LofizoneException error) when (error.InnerException is NfsException { Status: not null })
        {
            MayHaveRemovedImage = false;
            throw;
        }
    }

    /// <summary>Removes the zone's files and directory if they are this zone's; also removes an empty directory.</summary>
    public async Task RemoveAllAsync(CancellationToken cancellation)
    {
        await using IShare share = await OpenAsync(cancellation);
        if (await share.StatAsync(Name, cancellation) is null)
            return;
        if (await IsOursAsync(share, cancellation))
        {
            // zone.json is removed last: as long as it exists, the rest is known to be this zone's.
            await RemoveTemporariesAsync(share, cancellation);
            // The image is removed first: another host that has the image keeps all other files. The owner is checked under the image's
            // lock, so that no host can take the image in between.
            await RemoveOwnImageAsync(share, cancellation);
            foreach (string file in _files)
                await share.RemoveAsync(At(file), cancellation);
            if (await share.ListAsync(Name, cancellation) is { } left && left.Any(n => n != ZoneConfigJson.FileName))
            {
                IEnumerable<ForeignText> named = left.Where(n => n != ZoneConfigJson.FileName).Take(NamedLimit)
                    .Select(n => new ForeignText(n));
                throw new LofizoneException(
                    $"{Name}: {Uri.Below(Name)} holds files that are not the zone's: {string.Join(", ", named)}",
                    "move them away, and try again");
            }

            await share.RemoveAsync(At(ZoneConfigJson.FileName), cancellation);
        }
        else if (!await IsEmptyAsync(share, cancellation))
        {
            throw new LofizoneException(
                $"{Name}: {Uri.Below(Name)} belongs to another zone and is left alone",
                $"look at {Uri.Below(At(ZoneConfigJson.FileName))}");
        }

        else
        {
            await RemoveTemporariesAsync(share, cancellation);
        }

        await share.RemoveAsync(Name, cancellation);
    }

    /// <summary>
    /// Gives the zone's directory another name. An empty directory claims the new name first, so that of two hosts one gets the name. When
    /// the directory has the new name already, only a claim on the old name is removed.
    /// </summary>
    /// <param name="to">The new name.</param>
    /// <param name="back">True on the way back, on which an empty directory is the claim of a killed command of this zone.</param>
    /// <param name="cancellation">Ends the attempt.</param>
    /// <exception cref="LofizoneException">The new name is taken, or the directory is not this zone's.</exception>
    public async Task MoveToAsync(string to, bool back, CancellationToken cancellation)
    {
        await using IShare share = await OpenAsync(cancellation);
        ZoneShare target = new(host, config with { Name = to });
        if (await target.IsOursAsync(share, cancellation))
        {
            // A claim of a killed rename is empty. An entry of another zone is not.
            if (await IsEmptyAsync(share, cancellation))
                await share.RemoveAsync(Name, cancellation);
            return;
        }

        if (!await IsOursAsync(share, cancellation))
            throw new LofizoneException(
                $"{Name}: {Uri.Below(Name)} is not this zone's directory", $"look at {Uri.Below(At(ZoneConfigJson.FileName))}");
        if (!await share.CreateDirectoryAsync(to, cancellation) && !(back && await target.IsEmptyAsync(share, cancellation)))
            throw target.Taken();
        await share.MoveDirectoryAsync(Name, to, cancellation);
    }

    /// <summary>
    /// Checks the configuration and the image on the share. The configuration must be the one that this host accepted, because a writer of
    /// the share must not be able to command this host. A missing configuration is written again. The image must exist.
    /// </summary>
    public async Task CheckConfigAsync(CancellationToken cancellation)
    {
        await using IShare share = await OpenAsync(cancellation);
        IReadOnlyList<ShareFound> found = await share.LookAsync(
            [new ShareLook(At(ZonePaths.ImageName)), new ShareLook(At(ZoneConfigJson.FileName), ZoneConfigJson.MaxBytes)], cancellation);
        if (found[0].Entry is null)
        {
            throw new LofizoneException(
                $"{Name}: its image {ZonePaths.Image(Name, config.RootImage!)} is gone",
                $"put a copy of it back; or make the zone's root anew: zone uninstall {Name}, then zone install {Name}");
        }

        byte[]? json = found[1].Content;
        ZoneConfig? there;
        try
        {
            there = json is null ? null : Parse(json);
        }
        catch (LofizoneException error)
        {
            throw new LofizoneException(
                $"{Name}: {error.Message}", $"'zonecfg -z {Name} commit' writes this host's configuration there again", error);
        }

        if (there is null)
        {
            await share.WriteFileAsync(At(ZoneConfigJson.FileName), ZoneConfigJson.Write(Shared(config)), cancellation);
        }
        else if (ZoneConfigJson.Digest(Shared(there)) != ZoneConfigJson.Digest(Shared(config)))
        {
            throw new LofizoneException(
                $"{Name}: the configuration on the share ({Uri.Below(At(ZoneConfigJson.FileName))}) is not the one this host accepted",
                $"compare it with 'zonecfg -z {Name} export'; 'zonecfg -z {Name} commit' writes this host's to the share again");
        }
    }

    /// <summary>The configuration beside the image.</summary>
    /// <exception cref="LofizoneException">There is no configuration, or it is not sound.</exception>
    public Task<ZoneConfig> ReadConfigAsync(CancellationToken cancellation) => ReadConfigAsync(host, Uri, Name, cancellation);

    /// <summary>The configuration of a zone that this host need not know.</summary>
    public static async Task<ZoneConfig> ReadConfigAsync(ZoneHost host, ShareUri shareUri, string zone, CancellationToken cancellation)
    {
        await using IShare share = await host.OpenShareAsync(shareUri, cancellation);
        string path = ZonePaths.OnShare(zone, ZoneConfigJson.FileName);
        byte[] json = await share.ReadFileAsync(path, ZoneConfigJson.MaxBytes, cancellation)
            ?? throw new LofizoneException(
                $"{shareUri.Below(zone)}: there is no zone there ({ZoneConfigJson.FileName} is missing)",
                $"'zone list --share {shareUri}' shows the zones on the share");
        return ZoneConfigJson.Read(json, shareUri.Below(path).ToString(), zone);
    }

    /// <summary>The manifest of the install, or of the last attach with an update; empty when there is none.</summary>
    public async Task<byte[]> ReadManifestAsync(CancellationToken cancellation)
    {
        await using IShare share = await OpenAsync(cancellation);
        return await share.ReadFileAsync(At(ManifestFile.Name), ManifestFile.LimitBytes, cancellation) ?? [];
    }

    /// <summary>The configuration in the form for the share, which does not tell where a host mounts the zone.</summary>
    private static ZoneConfig Shared(ZoneConfig config) => config with { ZonePath = null };

    private string At(string file) => ZonePaths.OnShare(Name, file);

    private Task<IShare> OpenAsync(CancellationToken cancellation) => host.OpenShareAsync(Uri, cancellation);

    private async Task<ZoneConfig?> ReadConfigAsync(IShare share, CancellationToken cancellation)
    {
        byte[]? json = await share.ReadFileAsync(At(ZoneConfigJson.FileName), ZoneConfigJson.MaxBytes, cancellation);
        return json is null ? null : Parse(json);
    }

    private ZoneConfig Parse(byte[] json) => ZoneConfigJson.Read(json, Uri.Below(At(ZoneConfigJson.FileName)).ToString());

    private async Task<bool> IsOursAsync(IShare share, CancellationToken cancellation) =>
        await ReadConfigAsync(share, cancellation) is { } there && there.Uuid == config.Uuid && there.Uuid != Guid.Empty;

    private async Task<bool> IsEmptyAsync(IShare share, CancellationToken cancellation) =>
        await share.ListAsync(Name, cancellation) is { } names && names.All(IsTemporary);

    /// <summary>True for the temporary name of a file that a killed command was writing.</summary>
    private static bool IsTemporary(string name) => _files.Append(ZoneConfigJson.FileName).Any(f =>
        (name.StartsWith(f + ".", StringComparison.Ordinal) && name.EndsWith(".tmp", StringComparison.Ordinal))
            || name.StartsWith($".{f}.", StringComparison.Ordinal));

    private async Task RemoveTemporariesAsync(IShare share, CancellationToken cancellation)
    {
        foreach (string name in (await share.ListAsync(Name, cancellation) ?? []).Where(IsTemporary))
            await share.RemoveAsync(At(name), cancellation);
    }

    private LofizoneException Taken() =>
        new(
            $"{Name}: {Uri.Below(Name)} exists already on the share and is not this zone's",
            $"choose another name, or look at {Uri.Below(At(ZoneConfigJson.FileName))}; remove the directory if it is empty and nobody "
            + "makes that zone");
}
