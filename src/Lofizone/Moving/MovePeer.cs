using System.Text.Json;
using Lofizone.Config;
using Lofizone.Hosts;
using Lofizone.Logs;
using Lofizone.Zones;

namespace Lofizone.Moving;

/// <summary>
/// The far end of a move. It answers one request after the other until its input ends. If the input ends in the middle of a request, the
/// request is stopped and undone. A zone that was given by then, and not reported as taken, is taken back.
/// </summary>
public sealed class MovePeer(ZoneHost host, Stream input, Stream output) : IAsyncDisposable
{
    private readonly LineChannel _channel = new(input, output);
    private LocalMoveSource? _source;
    private string? _zone;

    /// <summary>Runs until the other side closes the connection.</summary>
    public async Task RunAsync()
    {
        Reply(new MoveReply { Hello = Hello() });
        Task<ReadOnlyMemory<byte>?> next = _channel.ReadLineAsync(CancellationToken.None);
        while (await next is { } line)
        {
            next = _channel.ReadLineAsync(CancellationToken.None);
            await AnswerAsync(line, next);
        }
    }

    /// <summary>Takes back a zone that was given and not taken.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_source is null)
            return;
        try
        {
            await LeaveAsync();
        }
        catch (LofizoneException error)
        {
            new PeerReporter(this, _zone!).Line($"{error.Message}; {error.Advice}");
        }
    }

    private async Task AnswerAsync(ReadOnlyMemory<byte> line, Task<ReadOnlyMemory<byte>?> next)
    {
        using CancellationTokenSource stop = new();
        Task<MoveReply> work = TryAsync(line, stop.Token);
        if (await Task.WhenAny(work, next) == next && await next is null)
            await stop.CancelAsync();
        Reply(await work);
    }

    private async Task<MoveReply> TryAsync(ReadOnlyMemory<byte> line, CancellationToken cancellation)
    {
        try
        {
            MoveRequest request = JsonSerializer.Deserialize(line.Span, MoveJson.Default.MoveRequest)
                ?? throw new LofizoneException("the request is empty");
            ZoneName.Check(request.Zone);
            return new MoveReply { Done = await DoAsync(request, cancellation) };
        }
        catch (JsonException error)
        {
            return new MoveReply
            {
                Failed = $"the request makes no sense: {JsonFault.Words(error)}",
                Advice = $"Lofizone {SshSession.Version} runs here: install the same version on both hosts",
            };
        }
        catch (OperationCanceledException)
        {
            return new MoveReply { Failed = "interrupted" };
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            // The other side must learn of every failure of this end.
            return new MoveReply
            {
                Failed = error.Message,
                Advice = error is LofizoneException { Advice: { } advice } ? (ForeignText?)advice : null,
            };
        }
    }

    private async Task<MoveAnswer> DoAsync(MoveRequest request, CancellationToken cancellation)
    {
        ZoneOffer Offer() => request.Offer ?? throw new LofizoneException($"the request '{SafeText.Text(request.Do)}' lacks an offer");
        switch (request.Do)
        {
            case MoveRequests.Check:
                await Target(request).CheckAsync(Offer(), cancellation);
                return new MoveAnswer();
            case MoveRequests.Take:
                ZoneGift gift = request.Gift ?? throw new LofizoneException("the request lacks a gift");
                return new MoveAnswer { Arrival = await Target(request).TakeAsync(Offer(), gift, cancellation) };
            case MoveRequests.Offer:
                return new MoveAnswer { Offer = await OfferAsync(request, cancellation) };
            case MoveRequests.Give:
                return new MoveAnswer { Gift = await Source().GiveAsync((request.To ?? "another host").ToString(), Offer(), cancellation) };
            case MoveRequests.TakeBack:
                await Source().TakeBackAsync(cancellation);
                return new MoveAnswer();
            case MoveRequests.End:
                await Source().EndAsync(cancellation);
                return new MoveAnswer();
            case MoveRequests.Leave:
                await LeaveAsync();
                return new MoveAnswer();
            default:
                throw new LofizoneException(
                    $"the request '{SafeText.Text(request.Do)}' is not known",
                    $"Lofizone {SshSession.Version} runs here: install the same version on both hosts");
        }
    }

    private async Task<ZoneOffer> OfferAsync(MoveRequest request, CancellationToken cancellation)
    {
        if (_source is not null)
            throw new LofizoneException($"zone {_zone} is on its way: one zone at a time");
        _zone = request.Zone;
        _source = new LocalMoveSource(host, request.Zone, new PeerReporter(this, request.Zone));
        try
        {
            return await _source.OfferAsync(request.NoExecute, cancellation);
        }
        catch
        {
            await LeaveAsync();
            throw;
        }
    }

    private LocalMoveSource Source() => _source ?? throw new LofizoneException("no zone was offered");

    private LocalMoveTarget Target(MoveRequest request) =>
        new(
            host, request.Zone,
            new MoveOptions { Share = request.Share, Update = request.Update, AnyPackages = request.AnyPackages, Accept = request.Accept },
            new PeerReporter(this, request.Zone));

    private async Task LeaveAsync()
    {
        await using LocalMoveSource? source = _source;
        _source = null;
    }

    private MoveHello Hello()
    {
        ZoneState[] states = [.. host.All(_ => { }).Select(z => z.State)];
        return new MoveHello(
            MoveHello.CurrentVersion, SshSession.Version, Environment.MachineName, HostIdentity.Id(host.Paths),
            Environment.IsPrivilegedProcess)
        {
            Running = states.Count(s => s == ZoneState.Running),
            Installed = states.Count(s => s == ZoneState.Installed || s.IsUp()),
        };
    }

    private bool Reply(MoveReply reply)
    {
        try
        {
            _channel.Write(reply, MoveJson.Default.MoveReply);
            return true;
        }
        catch (IOException)
        {
            // The other side has closed the connection. The end of the input, which comes with that, is handled elsewhere.
            return false;
        }
    }

    /// <summary>
    /// Reports go to the other side. When the other side is gone, they go into the zone's log, where the administrator can read the way
    /// back.
    /// </summary>
    private sealed class PeerReporter(MovePeer peer, string zone) : IReporter
    {
        public void Line(string text)
        {
            if (!peer.Reply(new MoveReply { Line = text }))
                HostLog.Write(peer.Host.Paths, zone, Path.Combine(peer.Host.Paths.Log, zone, "move.log"), SafeText.Line(text));
        }

        public void Progress(string text, long done, long total)
        {
        }
    }

    private ZoneHost Host => host;
}
