using Lofizone.Zones;

namespace Lofizone.Moving;

/// <summary>
/// One zone's way from one host to another: both ends check, then the source halts and gives, the target takes and boots. Until the target
/// has it, every failure ends with the zone on its source again, running if it ran.
/// </summary>
public sealed class ZoneMove(string zone, IMoveSource source, IMoveTarget target, TimeProvider time, IReporter reporter)
{
    /// <summary>Both ends' checks; changes nothing.</summary>
    /// <returns>What is offered.</returns>
    /// <exception cref="LofizoneException">One end refuses.</exception>
    public async Task<ZoneOffer> CheckAsync(bool noExecute, CancellationToken cancellation)
    {
        ZoneOffer offer = await source.OfferAsync(noExecute, cancellation);
        await target.CheckAsync(offer, cancellation);
        return offer;
    }

    /// <summary>Moves the zone.</summary>
    /// <exception cref="LofizoneException">It was not moved; the message says where it is now.</exception>
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
            // The target has the zone: the source finds that out by itself.
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
    /// What this program took between the zone's shutdown and its boot, and for what; the zone's own shutdown is not its doing.
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
