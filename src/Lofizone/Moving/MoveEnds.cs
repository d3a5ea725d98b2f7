using Lofizone.Hosts;
using Lofizone.Install.Update;
using Lofizone.Logs;
using Lofizone.Shares;
using Lofizone.Zones;

namespace Lofizone.Moving;

/// <summary>The end of a move that has the zone. Disposing an unfinished source takes back a zone that was given and not taken.</summary>
public interface IMoveSource : IAsyncDisposable
{
    /// <summary>Name of the host in messages.</summary>
    string Host { get; }

    /// <summary>Checks the zone, and keeps other commands off the zone from here on.</summary>
    Task<ZoneOffer> OfferAsync(bool noExecute, CancellationToken cancellation);

    /// <summary>Halts the zone and gives it away.</summary>
    Task<ZoneGift> GiveAsync(string to, ZoneOffer offer, CancellationToken cancellation);

    /// <summary>Takes the zone back, and boots it if it ran.</summary>
    Task TakeBackAsync(CancellationToken cancellation);

    /// <summary>Notes that the target has taken the zone.</summary>
    Task EndAsync(CancellationToken cancellation);
}

/// <summary>The end of a move that gets the zone.</summary>
public interface IMoveTarget
{
    /// <summary>Name of the host in messages.</summary>
    string Host { get; }

    /// <summary>Checks whether the target could take the zone. Changes nothing.</summary>
    Task CheckAsync(ZoneOffer offer, CancellationToken cancellation);

    /// <summary>Takes the zone, and boots it if it ran.</summary>
    Task<ZoneArrival> TakeAsync(ZoneOffer offer, ZoneGift gift, CancellationToken cancellation);
}

/// <summary>The target's options for taking a zone.</summary>
public sealed record MoveOptions
{
    /// <summary><c>-u</c>, <c>-U</c>.</summary>
    public UpdateKind Update { get; init; }

    /// <c>-F</c>: take the zone whatever its packages are.
    public bool AnyPackages { get; init; }

    /// <summary>The URI by which the target reaches the share; null when both hosts use the same URI.</summary>
    public string? Share { get; init; }

    /// <summary>Accept everything that the zone asks of the target.</summary>
    public bool Accept { get; init; }
}

/// <summary>The end of a move that has the zone, on this host.</summary>
public sealed class LocalMoveSource(ZoneHost host, string zone, IReporter reporter) : IMoveSource
{
    private readonly Zone _zone = new(host, zone, new ZoneReporter(reporter, host.Paths, zone));
    private HostLock? _lock;
    private ZoneOffer? _offer;
    private bool _given;

    public string Host => Environment.MachineName;

    public async Task<ZoneOffer> OfferAsync(bool noExecute, CancellationToken cancellation)
    {
        _lock ??= _zone.LockForMove();
        _offer = await _zone.OfferAsync(noExecute, cancellation);
        return _offer;
    }

    public Task<ZoneGift> GiveAsync(string to, ZoneOffer offer, CancellationToken cancellation)
    {
        if (_lock is null)
            throw new InvalidOperationException("a zone is offered before it is given");
        _given = true;
        return Lifecycle.NoteAsync(host.Paths, zone, $"give to {SafeText.Text(to)}", () => _zone.GiveAsync(to, offer, cancellation));
    }

    public async Task TakeBackAsync(CancellationToken cancellation)
    {
        if (!_given)
            return;
        // The way back is tried once. A failure is reported, and the state on the share tells how to continue.
        _given = false;
        await Lifecycle.NoteAsync(host.Paths, zone, "take back", () => _zone.TakeBackAsync(_offer!.Running, cancellation));
    }

    public Task EndAsync(CancellationToken cancellation)
    {
        _given = false;
        _zone.EndMove();
        Lifecycle.NoteDone(host.Paths, zone, "move", "it is the other host's");
        return Task.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await TakeBackAsync(CancellationToken.None);
        }
        finally
        {
            _lock?.Dispose();
        }
    }
}

/// <summary>The end of a move that gets the zone, on this host.</summary>
public sealed class LocalMoveTarget(ZoneHost host, string zone, MoveOptions options, IReporter reporter) : IMoveTarget
{
    private readonly Zone _zone = new(host, zone, new ZoneReporter(reporter, host.Paths, zone));

    public string Host => Environment.MachineName;

    public Task CheckAsync(ZoneOffer offer, CancellationToken cancellation) =>
        _zone.CheckOfferAsync(Share(offer), Attach(offer), cancellation);

    public Task<ZoneArrival> TakeAsync(ZoneOffer offer, ZoneGift gift, CancellationToken cancellation) =>
        Lifecycle.NoteAsync(
            host.Paths, zone, $"take from {offer.Host}", () => _zone.TakeAsync(Share(offer), gift, Attach(offer), cancellation));

    private ShareUri Share(ZoneOffer offer)
    {
        if (options.Share is { } named)
            return ShareUri.Parse(named);
        ShareUri share = ZonePaths.Share(
            offer.Checked(zone).RootImage ?? throw new LofizoneException($"{zone}: its root is not in an image on a share"));
        if (!options.Accept)
            new ZoneAcceptance(host, zone, reporter).RefuseDirectory(share);
        return share;
    }

    private AttachOptions Attach(ZoneOffer offer) =>
        new() { Offer = offer, Update = options.Update, AnyPackages = options.AnyPackages, Accept = options.Accept };
}

/// <summary>The end of a move that has the zone, on the host behind a connection.</summary>
public sealed class RemoteMoveSource(SshSession session, string zone) : IMoveSource
{
    private bool _offered;
    private bool _given;

    public string Host => session.Host;

    public async Task<ZoneOffer> OfferAsync(bool noExecute, CancellationToken cancellation)
    {
        MoveAnswer answer = await session.CallAsync(new MoveRequest(MoveRequests.Offer, zone) { NoExecute = noExecute }, cancellation);
        _offered = true;
        return answer.Offer ?? throw session.Senseless();
    }

    public async Task<ZoneGift> GiveAsync(string to, ZoneOffer offer, CancellationToken cancellation)
    {
        _given = true;
        return (await session.CallAsync(new MoveRequest(MoveRequests.Give, zone) { To = to, Offer = offer }, cancellation)).Gift
            ?? throw session.Senseless();
    }

    public async Task TakeBackAsync(CancellationToken cancellation)
    {
        if (!_given)
            return;
        _given = false;
        await session.CallAsync(new MoveRequest(MoveRequests.TakeBack, zone), cancellation);
    }

    public async Task EndAsync(CancellationToken cancellation)
    {
        _given = false;
        await session.CallAsync(new MoveRequest(MoveRequests.End, zone), cancellation);
    }

    /// <summary>Releases the zone on the other host. A broken connection has the same effect.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_offered && session.IsOpen)
            await session.CallAsync(new MoveRequest(MoveRequests.Leave, zone), CancellationToken.None);
    }
}

/// <summary>The end of a move that gets the zone, on the host behind a connection.</summary>
public sealed class RemoteMoveTarget(SshSession session, string zone, MoveOptions options) : IMoveTarget
{
    public string Host => session.Host;

    public Task CheckAsync(ZoneOffer offer, CancellationToken cancellation) =>
        session.CallAsync(Request(MoveRequests.Check, offer), cancellation);

    public async Task<ZoneArrival> TakeAsync(ZoneOffer offer, ZoneGift gift, CancellationToken cancellation) =>
        (await session.CallAsync(Request(MoveRequests.Take, offer) with { Gift = gift }, cancellation)).Arrival
            ?? throw session.Senseless();

    private MoveRequest Request(string request, ZoneOffer offer) =>
        new(request, zone)
        {
            Offer = offer,
            Share = options.Share,
            Update = options.Update,
            AnyPackages = options.AnyPackages,
            Accept = options.Accept,
        };
}
