using System.Text.Json;
using Lofizone.Devices;
using Lofizone.Ownership;

namespace Lofizone.Tests.Fleet;

/// <summary>Reason for the attachment of an image.</summary>
internal enum FleetReason
{
    /// <summary>The image's host has booted. The attachment is given up at once when another host has the image.</summary>
    Boot,

    /// <summary>A command attaches the image after its former owner has let go.</summary>
    Move,

    /// <summary>The image's owner is believed dead. The host asks for the image until it is free.</summary>
    TakeOver,
}

internal enum FleetPhase
{
    Attaching,
    Running,
    Stopping,
    Ended,
}

/// <summary>
/// One attachment of an image on a host, in the way of the engine and of the kernel's client: lock, owner record, then I/O. After a lost
/// lock the record is the proof (the product's own <see cref="ImageOwnerProof"/>), or the attachment is fenced. There is one request at a
/// time, and each is repeated until it is answered.
/// </summary>
internal sealed class FleetAttachment
{
    private const long RetryMilliseconds = 2_000;
    private const long AskAgainMilliseconds = 1_000;
    private const int LeasesToOldState = 3;

    private readonly FleetSetup _setup;
    private readonly FleetClock _clock;
    private readonly Random _random;
    private readonly FleetNetwork _network;
    private readonly FleetJudge _judge;
    private FleetRequest? _pending;
    private Action<FleetReply> _then = _ => { };
    private ImageOwnerProof? _proof;
    private long _session;
    private long _sequence;
    private long _stateId;
    private long _retakeSince;
    private bool _claimed;

    /// <param name="run">The run's parts.</param>
    /// <param name="host">The host.</param>
    /// <param name="zone">The zone.</param>
    /// <param name="reason">The reason.</param>
    public FleetAttachment(FleetRun run, FleetHost host, FleetZone zone, FleetReason reason)
    {
        (_setup, _clock, _random, _network, _judge) = (run.Setup, run.Clock, run.Random, run.Network, run.Judge);
        Host = host;
        Zone = zone;
        Boot = host.Boot;
        Reason = reason;
        Since = run.Clock.Now;
        Name = $"{run.Setup.Seed}:{run.NextAttachment()}";
        zone.Attachments.Add(this);
        Ask(FleetOperation.Connect, Connected);
    }

    public FleetHost Host { get; }

    public FleetZone Zone { get; }

    public int Boot { get; }

    public string Name { get; }

    public bool UsesKernel => Host.UsesKernel;

    public FleetReason Reason { get; }

    /// <summary>Time of the request for the image.</summary>
    public long Since { get; }

    public FleetPhase Phase { get; private set; }

    /// <summary>True when the attachment has written to the image. The judge sets this value.</summary>
    public bool HasWritten { get; set; }

    public override string ToString() => $"host {Host.Number} ({(UsesKernel ? "kernel" : "user")}, attachment {Name})";

    /// <summary>Halts the zone in order.</summary>
    public void Stop()
    {
        if (Phase == FleetPhase.Running)
            Phase = FleetPhase.Stopping;
        else if (Phase == FleetPhase.Attaching)
            End();
    }

    /// <summary>The host has crashed, or the attachment is given up. No more requests are sent.</summary>
    public void End()
    {
        Phase = FleetPhase.Ended;
        _pending = null;
        Zone.Attachments.Remove(this);
    }

    private void Connected(FleetReply reply)
    {
        _session = reply.Value;
        _sequence = 0;
        if (_stateId == 0)
            AskForLock();
        else
            Ask(FleetOperation.Reclaim, Reclaimed);
    }

    private void AskForLock() => Ask(FleetOperation.Lock, reply =>
    {
        switch (reply.Status)
        {
            case FleetStatus.Ok:
                _stateId = reply.Value;
                if (_setup.Defect == FleetDefect.HostTouchesBeforeClaim)
                    Write(() => Later(_setup.Lease / 2, Claim));
                else
                    Claim();
                break;
            case FleetStatus.Denied when Reason == FleetReason.Boot:
                Ask(FleetOperation.ReadRecord, _ => End());
                break;
            default:
                Later(AskAgainMilliseconds, AskForLock);
                break;
        }
    });

    private void Claim() => Ask(FleetOperation.ReadRecord, found =>
    {
        ImageOwner mine = new("host" + Host.Number, "id" + Host.Number, DateTimeOffset.UnixEpoch.AddMilliseconds(_clock.Now), "1", (found.Record?.Generation ?? 0) + 1, Name);
        Ask(FleetOperation.WriteRecord, _ =>
        {
            _proof = new ImageOwnerProof("/owner.json", mine);
            _claimed = true;
            Phase = Phase == FleetPhase.Attaching ? FleetPhase.Running : Phase;
            Write(Next);
        }, mine);
    });

    private void Next()
    {
        if (Phase == FleetPhase.Stopping)
        {
            Write(() => Ask(FleetOperation.RemoveRecord, _ => Ask(FleetOperation.Unlock, _ => End())));
            return;
        }
        long wait = (long)(-Math.Log(1 - _random.NextDouble()) * _setup.WriteInterval);
        long renewal = _setup.Lease / 2;
        if (wait <= renewal)
            Later(wait, () => Write(Next));
        else
            Later(renewal, () => Ask(FleetOperation.Renew, _ => Next()));
    }

    private void Write(Action then) => Ask(FleetOperation.Write, reply =>
    {
        if (reply.Status == FleetStatus.Ok)
            then();
        else
            Lose();
    });

    private void Reclaimed(FleetReply reply)
    {
        if (reply.Status != FleetStatus.Ok)
        {
            Lose();
            return;
        }
        if (reply.Value != _stateId)
            _judge.WasReclaimed();
        _stateId = reply.Value;
        GoOn();
    }

    /// <summary>Makes the unfinished work again after a loss.</summary>
    private void GoOn()
    {
        if (_claimed)
            Write(Next);
        else
            Claim();
    }

    private void Lose()
    {
        // The kernel's client never takes a lock again. No client takes a lock again before there is a record as the proof.
        if (UsesKernel || !_claimed)
        {
            Fence();
            return;
        }
        _retakeSince = _clock.Now;
        Retake();
    }

    private void Retake() => Ask(FleetOperation.Lock, taken =>
    {
        if (taken.Status == FleetStatus.Grace)
        {
            Later(AskAgainMilliseconds, Retake);
            return;
        }
        if (taken.Status == FleetStatus.Ok && _setup.Defect == FleetDefect.HostRetakesBlindly)
        {
            _stateId = taken.Value;
            GoOn();
            return;
        }
        Ask(FleetOperation.ReadRecord, found =>
        {
            bool isOurs = _proof!.Refuse(found.Record is null ? null : JsonSerializer.SerializeToUtf8Bytes(found.Record, OwnerJson.Default.ImageOwner)) is null;
            if (taken.Status == FleetStatus.Ok && isOurs)
            {
                _judge.WasRetaken();
                _stateId = taken.Value;
                GoOn();
            }
            else if (taken.Status == FleetStatus.Ok)
            {
                Ask(FleetOperation.Unlock, _ => Fence());
            }
            else if (isOurs && _clock.Now - _retakeSince < _setup.Lease * LeasesToOldState)
            {
                Later(AskAgainMilliseconds, Retake);
            }
            else
            {
                Fence();
            }
        });
    });

    private void Fence()
    {
        _judge.WasFenced();
        End();
    }

    private void Later(long delay, Action action) => _clock.After(delay, () => Host.WhenAwake(() =>
    {
        if (IsAlive)
            action();
    }));

    private bool IsAlive => Phase != FleetPhase.Ended && Host.Boot == Boot;

    private void Ask(FleetOperation operation, Action<FleetReply> then, ImageOwner? record = null)
    {
        if (!IsAlive)
            return;
        _pending = new FleetRequest(operation, this, _session, operation == FleetOperation.Connect ? 0 : ++_sequence, _stateId, record);
        _then = then;
        Transmit(_pending);
    }

    private void Transmit(FleetRequest request)
    {
        if (_pending != request || !IsAlive)
            return;
        _network.Send(request, reply => Answered(request, reply), () => Later(RetryMilliseconds, () => Transmit(request)));
    }

    private void Answered(FleetRequest request, FleetReply reply)
    {
        if (_pending != request || !IsAlive)
            return;
        _pending = null;
        if (reply.Status == FleetStatus.BadSession)
            Reconnect(request, _then);
        else
            _then(reply);
    }

    /// <summary>
    /// The session is lost. Where the kernel carries the image, another client writes the files beside the image. That client goes on
    /// without a look at the lock, whose loss may be unnoticed.
    /// </summary>
    private void Reconnect(FleetRequest request, Action<FleetReply> then) => Ask(FleetOperation.Connect, reply =>
    {
        if (UsesKernel && !_claimed && _stateId != 0)
        {
            _session = reply.Value;
            _sequence = 0;
            Ask(request.Operation, then, request.Record);
        }
        else
        {
            Connected(reply);
        }
    });
}
