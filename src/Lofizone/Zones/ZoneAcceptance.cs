using Lofizone.Config;
using Lofizone.Shares;

namespace Lofizone.Zones;

/// <summary>
/// Decides what of a zone's configuration on a share counts here. Nothing on a share, and nothing that the other end of a move says, names
/// anything on this host: that comes from this host's defaults, from an option of the command, or from what this host has accepted before.
/// </summary>
/// <param name="host">This host.</param>
/// <param name="zone">The zone.</param>
/// <param name="reporter">Gets the requests, line by line.</param>
public sealed class ZoneAcceptance(ZoneHost host, string zone, IReporter reporter)
{
    /// <summary>The zone as this host is going to have it.</summary>
    /// <param name="share">The share that was named to this host, not the share that the configuration names.</param>
    /// <param name="there">The zone's configuration on the share.</param>
    /// <param name="mine">The zone's configuration that this host accepted earlier; null for a zone that is new here.</param>
    /// <param name="options">The command's options.</param>
    /// <exception cref="LofizoneException">The configuration has a request that is not accepted.</exception>
    public ZoneConfig Judge(ShareUri share, ZoneConfig there, ZoneConfig? mine, AttachOptions options)
    {
        string own = host.Paths.ZonePath(zone);
        ConfigRequest whole = ConfigRequest.Of(there, own);
        // A host that has the zone already has a zonepath for the zone. The zonepath of another host does not matter here.
        bool decided = options.ZonePath is not null || mine is not null || options.Offer is not null;
        ConfigRequest asked = decided ? whole.WithoutZonePath() : whole;
        bool known = mine is null ? asked.IsEmpty : asked.Digest == ConfigRequest.Of(mine, own).WithoutZonePath().Digest;
        if (!known && !options.Accept && !IsAccepted(there, whole, asked))
            throw Refused(share, asked, mine is not null, options);
        return there with
        {
            ZonePath = options.ZonePath ?? mine?.ZonePath ?? asked.ZonePath ?? own,
            RootImage = there.RootImage! with { Storage = share.ToString() },
        };
    }

    /// <summary>
    /// Refuses a directory of this host that another host has named, unless this host knows the directory as the zone's share.
    /// </summary>
    public void RefuseDirectory(ShareUri share)
    {
        bool known = host.Index.Load(zone)?.Config.RootImage is { } mine && ShareUri.Parse(mine.Storage).IsSamePlace(share);
        if (share.IsNfs || known || host.Accepted.Read(zone) is { } accepted && ShareUri.Parse(accepted.Share).IsSamePlace(share))
            return;
        throw new LofizoneException(
            $"{zone}: its share is {SafeText.Text(share.ToString())}, a directory that this host ({Environment.MachineName}) has not "
            + "accepted",
            "name the share as this host reaches it: --share URI; or accept what the zone asks for: --accept, or on "
            + $"{Environment.MachineName}: zone accept {share.Below(zone)}");
    }

    /// <c>zone accept</c>: shows the zone's requests, and notes their acceptance.
    /// <param name="share">The share; null for the share of a zone that this host knows.</param>
    /// <param name="noExecute">Only show the requests.</param>
    /// <param name="cancellation">Ends the attempt.</param>
    public async Task AcceptAsync(ShareUri? share, bool noExecute, CancellationToken cancellation)
    {
        share ??= ZonePaths.Share(
            host.Require(zone).Config.RootImage
                ?? throw new LofizoneException($"{zone}: its root is not in an image on a share, so nothing of it comes from one"));
        ZoneConfig there = await ZoneShare.ReadConfigAsync(host, share, zone, cancellation);
        ConfigRequest asked = ConfigRequest.Of(there, host.Paths.ZonePath(zone));
        if (asked.ZonePath is { } zonePath)
            ZonePathCheck.RequirePlace(zone, zonePath, host.Paths);
        Tell(share, asked);
        if (noExecute)
            return;
        host.Accepted.Write(zone, new AcceptedConfig(there.Uuid, share.ToString(), asked.Digest, host.Time.GetUtcNow()));
        reporter.Line($"{zone}: accepted on this host ({Environment.MachineName}) until its configuration changes");
    }

    /// <summary>
    /// Tells whether the requests are accepted. An acceptance may cover more than the present requests, when the command itself names a
    /// zonepath.
    /// </summary>
    private bool IsAccepted(ZoneConfig there, ConfigRequest whole, ConfigRequest asked) =>
        there.Uuid != Guid.Empty && host.Accepted.Read(zone) is { } accepted && accepted.Uuid == there.Uuid
            && (accepted.Digest == whole.Digest || accepted.Digest == asked.Digest);

    private LofizoneException Refused(ShareUri share, ConfigRequest asked, bool changed, AttachOptions options)
    {
        Tell(share, asked);
        string what = asked.IsEmpty ? "for nothing any more" : $"for {asked}";
        string why = changed
            ? $"; this host ({Environment.MachineName}) has accepted another configuration of it"
            : $"; this host ({Environment.MachineName}) has not accepted that";
        string again = options.Offer is null ? "the same command" : "the same command there";
        return new LofizoneException(
            $"{zone}: its configuration on the share asks {what}{why}",
            $"if that is what you want here: {again} with --accept; or beforehand, on {Environment.MachineName}: zone accept "
            + $"{share.Below(zone)}");
    }

    private void Tell(ShareUri share, ConfigRequest asked)
    {
        reporter.Line(
            asked.IsEmpty ? $"{zone}: {share.Below(zone)} asks for nothing of this host" : $"{zone}: {share.Below(zone)} asks for:");
        foreach (string line in asked.Lines)
            reporter.Line("\t" + line);
    }
}
