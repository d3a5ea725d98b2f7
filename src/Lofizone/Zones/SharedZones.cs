using Lofizone.Config;
using Lofizone.Install;
using Lofizone.Ownership;
using Lofizone.Shares;

namespace Lofizone.Zones;

/// <summary>A zone on a share, according to its files.</summary>
/// <param name="Name">Name of the zone's directory.</param>
/// <param name="State">
/// <c>in_use</c> (the image has an owner), <c>installed</c> (on a host, at rest), <c>detached</c>, <c>incomplete</c>, <c>unreadable</c>.
/// </param>
/// <param name="Host">The host that has the zone; for a detached zone the host that gave the zone away.</param>
/// <param name="Since">Time since when the state lasts.</param>
/// <param name="Transport">Transport of the image's blocks while the image is in use.</param>
/// <param name="Uuid">The zone's UUID.</param>
/// <param name="Brand">The zone's brand.</param>
/// <param name="Why">Reason why files could not be read.</param>
public sealed record SharedZone(
    string Name, string State, ForeignText? Host = null, DateTimeOffset? Since = null, ForeignText? Transport = null, Guid? Uuid = null,
    string? Brand = null, string? Why = null);

/// <summary>
/// All zones on a share, on whichever hosts they are. The listing reads small files only and takes no lock, so it is as old as these files.
/// </summary>
public sealed class SharedZones(ZoneHost host, ShareUri uri)
{
    /// <summary>Largest number of directories that are read.</summary>
    public const int ZoneLimit = 10_000;

    /// <summary>State of a zone whose files can't be read or make no sense.</summary>
    public const string Unreadable = "unreadable";

    private const string InUse = "in_use";
    private const int OwnerLimitBytes = 64 << 10;
    private const int AtOnce = 8;

    /// <summary>Number of directories whose files are read together: about as many as one request over NFS has room for.</summary>
    private const int ZonesAtOnce = 4;

    /// <summary>The zones by name. Ends within the share's own time limits when the server does not answer.</summary>
    /// <exception cref="LofizoneException">The share can't be reached, or listed.</exception>
    public async Task<IReadOnlyList<SharedZone>> ListAsync(CancellationToken cancellation)
    {
        await using IShare share = await host.OpenShareAsync(uri, cancellation);
        IReadOnlyList<string> names = await share.ListAsync("", cancellation)
            ?? throw new LofizoneException($"{uri}: there is no such directory");
        if (names.Count > ZoneLimit)
            throw new LofizoneException(
                $"{uri}: {names.Count} names are more than a share of zones holds ({ZoneLimit})",
                "name the directory that holds the zones");
        string[][] parts = [.. names.Where(name => ZoneName.Problem(name) is null).Chunk(ZonesAtOnce)];
        IEnumerable<SharedZone>[] zones = new IEnumerable<SharedZone>[parts.Length];
        await Parallel.ForEachAsync(
            Enumerable.Range(0, parts.Length),
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation },
            async (i, each) => zones[i] = await LookAsync(share, parts[i], each));
        return [.. zones.SelectMany(part => part).OrderBy(zone => zone.Name, StringComparer.Ordinal)];
    }

    /// <summary>
    /// The zones among some directories. Their files are read together, and of each directory the file last that a zone at rest lacks.
    /// </summary>
    private async Task<IEnumerable<SharedZone>> LookAsync(IShare share, string[] names, CancellationToken cancellation)
    {
        ShareLook[] looks = [.. names.SelectMany(Files)];
        try
        {
            IReadOnlyList<ShareFound> found = await share.LookAsync(looks, cancellation);
            List<SharedZone> zones = [];
            foreach ((string name, ShareFound[] files) in names.Zip(found.Chunk(looks.Length / names.Length)))
            {
                if (await ZoneAsync(share, name, files, cancellation) is { } zone)
                    zones.Add(zone);
            }

            return zones;
        }
        catch (LofizoneException error)
        {
            return names.Select(name => new SharedZone(name, Unreadable, Why: error.Message));
        }
    }

    /// <summary>The files that <see cref="ZoneAsync"/> gets, in this order.</summary>
    private static ShareLook[] Files(string name) =>
    [
        new(At(name, ZoneConfigJson.FileName), ZoneConfigJson.MaxBytes),
        new(At(name, ZonePaths.ImageName)),
        new(At(name, ZoneHome.FileName), ZoneHome.LimitBytes),
        new(At(name, ImageOwner.NameFor(ZonePaths.ImageName)), OwnerLimitBytes),
    ];

    /// <summary>The zone of a directory; null when the directory is not a zone's.</summary>
    private async Task<SharedZone?> ZoneAsync(IShare share, string name, ShareFound[] files, CancellationToken cancellation)
    {
        try
        {
            if (files[0].Refusal is not null && await share.StatAsync(name, cancellation) is not { IsDirectory: true })
                return null;
            if (files[0].Content is { } json)
                return await StateAsync(share, ZoneConfigJson.Read(json, At(name, ZoneConfigJson.FileName), name), files, cancellation);
            return files[1].Entry is null ? null : new SharedZone(name, Unreadable, Why: $"{ZoneConfigJson.FileName} is missing");
        }
        catch (LofizoneException error)
        {
            return new SharedZone(name, Unreadable, Why: error.Message);
        }
    }

    private async Task<SharedZone> StateAsync(IShare share, ZoneConfig config, ShareFound[] files, CancellationToken cancellation)
    {
        string name = config.Name;
        SharedZone zone = new(name, "incomplete", Uuid: config.Uuid, Brand: config.Brand);
        if (files[1].Entry is null)
            return zone with { Why = "its image is missing" };
        byte[]? home = files[2].Content;
        if (ImageOwner.Parse(files[3].Content) is { } owner)
            return zone with
            {
                State = InUse,
                Host = owner.Holder,
                Since = owner.Since,
                Transport = owner.Transport.IsEmpty ? (ForeignText?)null : owner.Transport,
            };
        if (home is not null && ZoneHome.Parse(home, uri.Below(At(name, ZoneHome.FileName)).ToString()) is { } at)
            return zone with { State = ZoneState.Installed.Text(), Host = at.Host, Since = at.Since };
        if (await share.ReadFileAsync(At(name, DetachedZone.FileName), DetachedZone.LimitBytes, cancellation) is { } detached)
        {
            DetachedZone left = DetachedZone.Parse(detached, uri.Below(At(name, DetachedZone.FileName)).ToString());
            return zone with { State = "detached", Host = left.Host, Since = left.At };
        }

        // Either a version that wrote no home record installed the zone, or the install has not ended.
        return await share.StatAsync(At(name, ManifestFile.Name), cancellation) is null
            ? zone
            : zone with { State = ZoneState.Installed.Text() };
    }

    private static string At(string zone, string file) => ZonePaths.OnShare(zone, file);
}
