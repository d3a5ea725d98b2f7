using Lofizone.Config;
using Lofizone.Images;
using Lofizone.Install;
using Lofizone.Nfs.Protocol;
using Lofizone.Shares;

namespace Lofizone.Zones;

/// <summary>
/// A zone's directory on its share: <c>zone.json</c>, <c>root.img</c>, <c>manifest.json</c>. The directory is made exclusively, so of two
/// hosts that create one name at once, one wins; zone.json's UUID says whose it is, so nothing of another zone is ever removed.
/// </summary>
internal sealed class ZoneShare(ZoneHost host, ZoneConfig config)
{
    /// <summary>Beside the image.</summary>
    private static readonly string[] _files = [ManifestFile.Name, ZoneHome.FileName, DetachedZone.FileName, "owner.json"];

    /// <summary>Files named in a message; more don't help the reader.</summary>
    private const int NamedLimit = 5;

    private bool _claimed;
    private bool _imageMade;

    /// <summary>From here on <see cref="RemoveAllAsync"/> of this object can't be undone.</summary>
    public bool MayHaveRemovedImage { get; private set; }

    private string Name => config.Name;

    private ShareUri Uri => ZonePaths.Share(config.RootImage!);

    /// <summary>Refuses when the name is taken on the share by anything that is not this zone's own unfinished work.</summary>
    public async Task RequireFreeAsync(CancellationToken cancellation)
    {
        await using IShare share = await OpenAsync(cancellation);
        if (await share.StatAsync(Name, cancellation) is null || await IsOursAsync(share, cancellation))
            return;
        throw Taken();
    }

    /// <summary>Refuses to install over the root of a zone that was detached: it would be lost.</summary>
    public async Task RefuseExistingImageAsync(CancellationToken cancellation)
    {
        await using IShare share = await OpenAsync(cancellation);
        if (await share.StatAsync(At(ZonePaths.ImageName), cancellation) is not null)
            throw new LofizoneException(
                $"{Name}: {Uri.Below(At(ZonePaths.ImageName))} holds the zone's root already", $"zone attach {Name}");
    }

    /// <summary>Refuses when what an install writes does not fit on the share; the sparse image itself takes nothing.</summary>
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
    /// Makes the zone's directory and writes zone.json into it. An empty directory may be another host's, which is about to do the same: it
    /// is left alone. One that a killed command of this host left is gone before, with the rest of its work (<see cref="RemoveAllAsync"/>).
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
        // Left by our own killed install: the directory is ours, so the image is.
        await share.RemoveImageAsync(At(ZonePaths.ImageName), cancellation);
        await share.CreateImageAsync(At(ZonePaths.ImageName), config.RootImage!.Size, cancellation);
        _imageMade = true;
    }

    public Task RemoveImageAsync(CancellationToken cancellation) => _imageMade
        ? RemoveAsync(ZonePaths.ImageName, cancellation)
        : Task.CompletedTask;

    /// <summary>Replaces zone.json by the configuration this host has.</summary>
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
    /// A request whose answer is lost may have been executed, or may be yet: only a server that refused has changed nothing.
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

    /// <summary>Removes the zone's files and directory if they are this zone's; an empty directory also.</summary>
    public async Task RemoveAllAsync(CancellationToken cancellation)
    {
        await using IShare share = await OpenAsync(cancellation);
        if (await share.StatAsync(Name, cancellation) is null)
            return;
        if (await IsOursAsync(share, cancellation))
        {
            // zone.json last: as long as it is there, the rest is known to be ours.
            await RemoveTemporariesAsync(share, cancellation);
            // The image first: whoever has it keeps all that says so. Whose it is is looked at where nobody can take it in between.
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
    /// The configuration on the share must be the one this host accepted: whoever may write to the share must not thereby
    /// command this host. One that is missing is written again. The image must be there.
    /// </summary>
    public async Task CheckConfigAsync(CancellationToken cancellation)
    {
        await using IShare share = await OpenAsync(cancellation);
        if (await share.StatAsync(At(ZonePaths.ImageName), cancellation) is null)
        {
            throw new LofizoneException(
                $"{Name}: its image {ZonePaths.Image(Name, config.RootImage!)} is gone",
                $"put a copy of it back; or make the zone's root anew: zone uninstall {Name}, then zone install {Name}");
        }

        byte[]? json = await share.ReadFileAsync(At(ZoneConfigJson.FileName), ZoneConfigJson.MaxBytes, cancellation);
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

    /// <summary>The configuration that lies beside the image.</summary>
    /// <exception cref="LofizoneException">There is none, or it is not sound.</exception>
    public Task<ZoneConfig> ReadConfigAsync(CancellationToken cancellation) => ReadConfigAsync(host, Uri, Name, cancellation);

    /// <summary>The same of a zone that this host need not know.</summary>
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

    /// <summary>The manifest that the install, or the last attach with an update, wrote; empty when there is none.</summary>
    public async Task<byte[]> ReadManifestAsync(CancellationToken cancellation)
    {
        await using IShare share = await OpenAsync(cancellation);
        return await share.ReadFileAsync(At(ManifestFile.Name), ManifestFile.LimitBytes, cancellation) ?? [];
    }

    /// <summary>What lies beside the image says nothing of where a host mounts it.</summary>
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

    /// <summary>What a kill in the middle of writing one of our files leaves under a name of its own.</summary>
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
