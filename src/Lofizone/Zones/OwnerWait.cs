using Lofizone.Devices;
using Lofizone.Hosts;
using Lofizone.Interop;
using Lofizone.Ownership;
using Lofizone.Programs;
using Lofizone.Shares;

namespace Lofizone.Zones;

/// <summary>
/// Gets an image whose owner is believed dead. The server gives the owner's lock away when the owner was silent for a lease, or when the
/// claim is ended. The lock decides, not the belief: an owner that lives and whose claim is not ended keeps the image.
/// </summary>
internal sealed class OwnerWait(ZoneHost host, ZoneMount mount, string zone, TakeoverOptions options, IReporter reporter)
{
    /// <summary>
    /// Number of leases after which an owner that still has the image counts as alive. A server may give a client a second lease, and may
    /// restart in between.
    /// </summary>
    private const int LeasesLimit = 3;

    /// <summary>Lease of a share whose lease is not known: a directory that the kernel has mounted. Seconds.</summary>
    private const int UnknownLeaseSeconds = 90;

    private const int AttachmentBytes = 8;

    private static readonly TimeSpan _interval = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan _fenceLimit = TimeSpan.FromMinutes(5);

    /// <summary>Attaches the image as soon as that is possible.</summary>
    /// <exception cref="LofizoneException">
    /// The owner lives, the fence failed, or the image can't be attached for another reason.
    /// </exception>
    public async Task<LofiDevice> AttachAsync(CancellationToken cancellation)
    {
        if (await TryAsync(cancellation) is { } free)
            return free;
        ImageOwner? owner = await ImageOwner.ReadAsync(host.OpenShareAsync, mount.Image, host.Time, cancellation);
        string name = owner?.Holder.ToString() ?? "its owner";
        await EndClaimAsync(owner, name, cancellation);

        TimeSpan limit = TimeSpan.FromSeconds(await LeaseSecondsAsync(cancellation) * LeasesLimit);
        long start = host.Time.GetTimestamp();
        reporter.Line(
            $"{zone}: waiting until the server ends {name}'s claim, {limit.TotalSeconds / LeasesLimit:0} s after it was last heard of");
        while (true)
        {
            if (await TryAsync(cancellation) is { } device)
                return device;
            TimeSpan waited = host.Time.GetElapsedTime(start);
            if (waited >= limit)
                throw StillOwned(owner?.Holder ?? "its owner", waited);
            reporter.Progress($"wait for {name}'s lease to end", (long)waited.TotalSeconds, (long)limit.TotalSeconds);
            await Task.Delay(_interval, host.Time, cancellation);
        }
    }

    private async Task<LofiDevice?> TryAsync(CancellationToken cancellation)
    {
        try
        {
            return await mount.AttachAsync(cancellation);
        }
        catch (LofizoneException error) when (OwnedElsewhere.Is(error))
        {
            return null;
        }
    }

    /// <summary>
    /// Ends the owner's claim if that was requested. A living owner would take its lost lock again at once, as long as the owner record is
    /// its own. So this host first writes the record with its own name. Writing is safe at any moment, because the record can only keep an
    /// owner from going on. The record stays when the fence fails, because a restored record could overwrite a third host's.
    /// </summary>
    private async Task EndClaimAsync(ImageOwner? owner, string name, CancellationToken cancellation)
    {
        if (options.Now && (owner is null || !OwnerEviction.IsPossible(mount.Image, owner)))
        {
            string why = owner is null ? "it has left no record"
                : owner.Transport.IsEmpty ? "its image goes through an unknown transport, not through Lofizone's own client"
                : $"its image goes through {owner.Transport}, not through Lofizone's own client";
            throw new LofizoneException(
                $"{zone}: {name}'s claim can't be ended from here: {why}",
                $"leave --now away to wait for the server's lease; or have the server end the claim: zone takeover {zone} --fence COMMAND");
        }

        if (!options.Now && options.Fence is null)
            return;
        if (options.Fence is not null && owner is not null)
            RequireKnown(owner);
        await using IShare share = await host.OpenShareAsync(mount.Image.Split().Directory, cancellation);
        ImageOwner mine = ImageOwner.OfHost(host.Paths, host.Time.GetUtcNow()) with
        {
            Attachment = $"takeover:{RandomBytes.GetHex(AttachmentBytes)}",
            // The new record describes the claim that will be ended. If this command ends half-way, the next host must learn whose claim it
            // is, and must be able to end it, too.
            HeldBy = owner?.Holder ?? "",
            Transport = owner?.Transport ?? "",
            ClientOwner = owner?.ClientOwner ?? "",
        };
        ImageOwner? now = await ImageOwner.ReadAsync(host.OpenShareAsync, mount.Image, host.Time, cancellation);
        if (owner is not null && now is null)
        {
            reporter.Line($"{zone}: {name} has just let go of it");
            return;
        }

        // The record of a faster host is not overwritten: that host owns the image, and the new record would fence it.
        if (now?.Attachment != owner?.Attachment)
            throw new LofizoneException(
                $"{zone}: another host has just taken the image",
                $"zone list --share {mount.Image.Split().Directory.Split().Directory} shows which");
        await ImageOwner.ClaimAsync(share, mount.Image, mine, cancellation);
        if (options.Fence is { } fence)
            await FenceAsync(fence, owner, name, cancellation);
        if (options.Now)
            await OwnerEviction.EvictAsync(mount.Image, owner!, host.Time, cancellation);
        reporter.Line($"{zone}: ended {name}'s claim");
    }

    private async Task FenceAsync(IReadOnlyList<string> fence, ImageOwner? owner, string name, CancellationToken cancellation)
    {
        reporter.Line($"{zone}: fencing {name}: {string.Join(' ', fence)}");
        Dictionary<string, string?> environment = new() { ["LOFIZONE_OWNER"] = owner?.Holder.Raw ?? "", ["LOFIZONE_ZONE"] = zone };
        ProgramResult result = await host.Programs.RunAsync(
            new ProgramCall(fence[0], [.. fence.Skip(1)]) { Environment = environment, TimeLimit = _fenceLimit }, cancellation);
        if (result.ExitCode != 0)
            throw new LofizoneException(
                $"{zone}: the fence failed, so {name} may be alive: {string.Join(' ', fence)}: exit code {result.ExitCode}: "
                + $"{result.Error.Trim()}",
                "mend the fence, and try again; without --fence the server's lease is waited for");
    }

    /// <summary>
    /// Any writer of the share may have written the record. So only a host that this host knows is named to a program that ends hosts.
    /// </summary>
    private void RequireKnown(ImageOwner owner)
    {
        // A takeover that has not ended notes only the owner's name.
        if (new KnownHosts(host.Paths).Knows(owner.Holder, owner.HeldBy.IsEmpty ? owner.HostId : (ForeignText?)null))
            return;
        throw new LofizoneException(
            $"{zone}: the owner record on the share names {owner.Holder} (ID {owner.HostId}), which is no host of "
            + $"{host.Paths.KnownHosts}: it is not named to the fence",
            $"when it is the host to be fenced, add the line that 'zone hosts' prints there to {host.Paths.KnownHosts}; without "
            + "--fence the server's lease is waited for");
    }

    private async Task<long> LeaseSecondsAsync(CancellationToken cancellation)
    {
        await using IShare share = await host.OpenShareAsync(mount.Image.Split().Directory, cancellation);
        return share is NfsShare nfs ? nfs.Client.Statistics.LeaseSeconds : UnknownLeaseSeconds;
    }

    private LofizoneException StillOwned(ForeignText owner, TimeSpan waited) => new(
        $"{zone}: {owner} still has the image after {waited.TotalSeconds:0} s: it is alive and in touch with the server",
        $"{OwnedElsewhere.Advice(zone, owner, mount.Image.Split().Directory)} --now, which ends its claim at once and stops the zone "
        + "there");
}
