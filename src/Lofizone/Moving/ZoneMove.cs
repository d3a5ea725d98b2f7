using Lofizone.Zones;

namespace Lofizone.Moving;

/// <summary>
/// One zone's way from one host to another. Both ends check. Then the source halts and gives the zone, and the target takes and boots the
/// zone. Until the target has the zone, every failure ends with the zone on its source again, running if it ran.
/// </summary>
public sealed class ZoneMove(string zone, IMoveSource source, IMoveTarget target, TimeProvider time, IReporter reporter)
{
    /// <summary>Runs the checks of both ends. Changes nothing.</summary>
    /// <returns>The offer.</returns>
    /// <exception cref="LofizoneException">One end refuses.</exception>
    public async Task<ZoneOffer> CheckAsync(bool noExecute, CancellationToken cancellation)
    {
        ZoneOffer offer = await source.OfferAsync(noExecute, cancellation);
        await target.CheckAsync(offer, cancellation);
        return offer;
    }

    /// <summary>Moves the zone.</summary>
    /// <exception cref="LofizoneException">The zone was not moved. The message tells where the zone is now.</exception>
    public async Task RunAsync(ZoneOffer offer, CancellationToken cancellation)
    {
        ZoneGift gift;
        ZoneArrival arrival;
        double took;
        try
        {
            gift = await source.GiveAsync(target.Host, offer, cancellation);
            long start = time.GetTimestamp();
            arrival = await target.TakeAsync(offer, gift, cancellation);
            took = time.GetElapsedTime(start).TotalSeconds;
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            LofizoneException back = await BackAsync(offer, error);
            if (error is not OperationCanceledException)
                throw back;
            reporter.Line(back.Message);
            throw;
        }

        await EndAsync();
        reporter.Line(Summary(offer, gift, arrival, took));
    }

    private async Task EndAsync()
    {
        try
        {
            await source.EndAsync(CancellationToken.None);
        }
        catch (LofizoneException error)
        {
            // The target has the zone, and the source finds that out by itself.
            reporter.Line($"{zone}: {source.Host} could not be told that it is moved: {error.Message}");
        }
    }

    private async Task<LofizoneException> BackAsync(ZoneOffer offer, Exception error)
    {
        string why = error is OperationCanceledException ? "interrupted" : error.Message;
        try
        {
            await source.TakeBackAsync(CancellationToken.None);
            return new LofizoneException(
                $"{zone}: not moved to {target.Host}: {why}; it {(offer.Running ? "runs" : "is")} on {source.Host} again",
                (error as LofizoneException)?.Advice, error);
        }
        catch (LofizoneException second)
        {
            return new LofizoneException(
                $"{zone}: not moved to {target.Host}: {why}; and it could not be taken back to {source.Host}: {second.Message}",
                $"'zone list --share URI' shows whose it is: if it is {target.Host}'s, there: zone boot {zone}; if it is nobody's, on "
                + $"{source.Host}: zone attach {zone}, zone boot {zone}; if {target.Host} is dead, on {source.Host}: zone takeover {zone}",
                second);
        }
    }

    /// <summary>
    /// The time between the zone's shutdown and its boot, with its parts. The zone's own shutdown does not count as this program's time.
    /// </summary>
    private string Summary(ZoneOffer offer, ZoneGift gift, ZoneArrival arrival, double took)
    {
        double between = gift.HaltSeconds + gift.DetachSeconds + took;
        string steps = $"halt {gift.HaltSeconds:0.00} s, detach {gift.DetachSeconds:0.00} s, attach {arrival.AttachSeconds:0.00} s, boot "
        + $"{arrival.BootSeconds:0.00} s, checks and connection "
            + $"{Math.Max(0, took - arrival.AttachSeconds - arrival.BootSeconds):0.00} s";
        return offer.Running
            ? $"{zone}: runs on {target.Host}; {between:0.00} s between its shutdown ({gift.ShutdownSeconds:0.00} s) and its start: "
            + $"{steps}"
            : $"{zone}: is on {target.Host}, installed: {steps}";
    }
}
