using System.Buffers.Binary;
using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Tests.Fake;

namespace Lofizone.Nfs.Tests.Sim;

/// <summary>
/// The faults of a run and their times, chosen by the seed. A client must hide harmless faults from its caller, however many they are. The
/// other faults may fail an operation or fence the file, and the run notes them.
/// </summary>
internal sealed class SimFaults(SimNetwork network, FakeNfsServer server, SimTrace trace, SimSetup setup, int seed)
{
    private static readonly (OperationCode Code, NfsStatus Status)[] _transient =
    [
        .. Each(OperationCode.Sequence, NfsStatus.BadSession, NfsStatus.DeadSession, NfsStatus.BadSlot, NfsStatus.BadHighSlot, NfsStatus.SeqMisordered,
            NfsStatus.SeqFalseRetry, NfsStatus.ConnNotBoundToSession, NfsStatus.Delay),
        .. Each(OperationCode.Write, NfsStatus.Delay, NfsStatus.Grace, NfsStatus.OldStateId),
        .. Each(OperationCode.Read, NfsStatus.Delay, NfsStatus.Grace, NfsStatus.OldStateId),
        .. Each(OperationCode.Commit, NfsStatus.Delay, NfsStatus.Grace),
        .. Each(OperationCode.Deallocate, NfsStatus.Delay, NfsStatus.Grace),
        .. Each(OperationCode.CreateSession, NfsStatus.Delay, NfsStatus.StaleClientId),
        .. Each(OperationCode.ExchangeId, NfsStatus.Delay),
        .. Each(OperationCode.BindConnToSession, NfsStatus.BadSession, NfsStatus.Delay),
        .. Each(OperationCode.DestroySession, NfsStatus.Delay, NfsStatus.BadSession),
        .. Each(OperationCode.ReclaimComplete, NfsStatus.Delay),
        .. Each(OperationCode.Open, NfsStatus.Delay),
        .. Each(OperationCode.Lock, NfsStatus.Delay),
    ];

    private static readonly NfsStatus[] _statuses = [.. Enum.GetValues<NfsStatus>().Where(status => status != NfsStatus.Ok)];

    private static readonly OperationCode[] _codes =
    [
        OperationCode.Sequence, OperationCode.PutFh, OperationCode.Read, OperationCode.Write, OperationCode.Commit, OperationCode.Deallocate, OperationCode.GetAttr,
        OperationCode.Open, OperationCode.Lock, OperationCode.ExchangeId, OperationCode.CreateSession, OperationCode.BindConnToSession, OperationCode.DestroySession,
        OperationCode.ReclaimComplete,
    ];

    /// <summary>sr_status_flags (RFC 8881 section 18.46.3) except RESTART_RECLAIM_NEEDED, which the server sets by itself.</summary>
    private static readonly uint[] _statusFlags = [0x001, 0x002, 0x004, 0x008, 0x010, 0x020, 0x040, 0x080, 0x200, 0x400, 0x800, 0x1000];

    private readonly Random _choices = new(seed);
    private readonly List<(OperationCode Code, NfsStatus Status)> _armed = [];
    private bool _mangles;
    private NfsStatus? _full;

    /// <summary>From now on an operation may fail with the server's status.</summary>
    public bool MayFail { get; private set; }

    /// <summary>From now on the file may be fenced.</summary>
    public bool MayFence { get; private set; }

    /// <summary>Another client owns the file. From now on our client may not change it.</summary>
    public bool IsTakenOver { get; private set; }

    /// <summary>Number of losses of data that only the write verifier tells of. Before the next flush a read can't know of them.</summary>
    public int UnseenLosses { get; private set; }

    /// <summary>Sets the server's handlers.</summary>
    public void Attach()
    {
        server.OnOperation = TakeArmed;
        server.OnRequest = _ =>
        {
            if (!_mangles)
                return FakeAction.Execute;
            _mangles = false;
            return new FakeAction(true, false, false, Mangle, IsAnswer: false);
        };
        server.Shorten = bytes => setup.ShortensEvery > 0 && bytes > 16 && _choices.Next(setup.ShortensEvery) == 0 ? _choices.Next(1, bytes / 8) * 8 : bytes;
    }

    /// <summary>Makes one fault.</summary>
    public void Happen()
    {
        if (setup.IsHarsh && _choices.Next(6) == 0)
            HarshFault();
        else
            HarmlessFault();
    }

    /// <summary>No more faults.</summary>
    public void End()
    {
        _armed.Clear();
        _mangles = false;
        _full = null;
        server.TargetHighestSlot = null;
        network.Refuses = false;
        network.Weather = null;
        for (int path = 0; path < setup.Paths; path++)
            network.Heal(path);
    }

    private void HarmlessFault()
    {
        SimTime time = network.Scheduler.Time;
        switch (_choices.Next(16))
        {
            case 0 or 1:
                if (network.Open is { Count: > 0 } open)
                    network.Cut(open[_choices.Next(open.Count)]);
                break;
            case 2:
                trace.Add("all connections are cut");
                server.Cut();
                break;
            case 3:
                trace.Add("the server restarts");
                server.Restart(Survivors());
                break;
            case 4:
                // A server that loses state again during a reclaim, behind a session that it keeps, has no way to tell its client.
                if (server.InGrace)
                    break;
                trace.Add("the server forgets its state");
                server.ForgetState(Survivors());
                break;
            case 5:
                trace.Add("the server forgets its sessions");
                server.ForgetSessions();
                break;
            case 6:
                network.FrozenUntil = time.Now + Part(setup.Lease, 6);
                trace.Add($"the server is frozen until {network.FrozenUntil.TotalMilliseconds:0} ms");
                break;
            case 7:
                int path = _choices.Next(setup.Paths);
                network.Swallow(path);
                time.At(time.Now + Part(setup.Lease, 6), () => network.Heal(path));
                break;
            case 8:
                trace.Add("the server refuses connections");
                network.Refuses = true;
                time.At(time.Now + Part(setup.Lease, 8), () => network.Refuses = false);
                break;
            case 9:
                server.TargetHighestSlot = _choices.Next(2) == 0 ? null : (uint)_choices.Next(4);
                trace.Add($"the server wants slots up to {server.TargetHighestSlot?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "all"}");
                break;
            case 10:
                trace.Add("the server loses unstable data");
                UnseenLosses++;
                server.LoseUnstable(Survivors());
                break;
            case 11:
                _mangles = true;
                break;
            case 12:
                uint flag = _statusFlags[_choices.Next(_statusFlags.Length)];
                trace.Add($"the next SEQUENCE will say 0x{flag:x}");
                server.NextStatusFlags.Enqueue(flag);
                break;
            case 13:
                if (!setup.HoldsWhenFull)
                    break;
                _full = _choices.Next(2) == 0 ? NfsStatus.NoSpc : NfsStatus.DQuot;
                trace.Add($"the server has no room: {_full}");
                time.At(time.Now + Part(setup.Lease, 2), () => _full = null);
                break;
            case 14:
                if (setup.IsGuarded)
                    LoseLock(_choices.Next(3));
                break;
            default:
                Arm(_transient[_choices.Next(_transient.Length)]);
                break;
        }
    }

    private void HarshFault()
    {
        int kind = _choices.Next(5);
        switch (kind)
        {
            case 0 or 1 or 2:
                if (!setup.IsGuarded)
                    MayFence = MayFail = true;
                LoseLock(kind);
                break;
            case 3:
                bool leaves = _choices.Next(2) == 0;
                trace.Add($"somebody else takes the lock and writes{(leaves ? ", and leaves" : "")}");
                MayFence = MayFail = IsTakenOver = true;
                // Without an owner record, an owner can't know of another owner that has left again.
                server.TakeOver(SimRun.Image, setup.IsGuarded ? SimOwnerRecord.Name : null, leaves && setup.IsGuarded);
                break;
            default:
                MayFence = MayFail = true;
                Arm((_codes[_choices.Next(_codes.Length)], _statuses[_choices.Next(_statuses.Length)]));
                break;
        }
    }

    /// <summary>Makes the server drop the lock although no other client wants it. With an owner record the client hides the loss.</summary>
    private void LoseLock(int kind)
    {
        switch (kind)
        {
            case 0:
                trace.Add("the server drops all opens and locks");
                server.Revoke();
                break;
            case 1:
                trace.Add("the server restarts and lets nobody reclaim");
                server.Restart(Survivors(), grace: false);
                break;
            default:
                network.FrozenUntil = network.Scheduler.Time.Now + setup.Lease * 2;
                trace.Add("the server is frozen for longer than the lease");
                break;
        }
    }

    private void Arm((OperationCode Code, NfsStatus Status) failure)
    {
        trace.Add($"the next {failure.Code} will fail with {failure.Status}");
        _armed.Add(failure);
    }

    private NfsStatus TakeArmed(OperationCode code)
    {
        int at = _armed.FindIndex(failure => failure.Code == code);
        if (at < 0)
            return Full(code);
        NfsStatus status = _armed[at].Status;
        _armed.RemoveAt(at);
        trace.Add($"server: {code} fails with {status}");
        if (code == OperationCode.Commit && status is NfsStatus.Io or NfsStatus.ServerFault)
            ForgetUnstable();
        return status;
    }

    /// <summary>A server without room may report that with COMMIT alone, and forget the data that it could not store.</summary>
    private NfsStatus Full(OperationCode code)
    {
        if (_full is not { } status || code is not (OperationCode.Write or OperationCode.Commit))
            return NfsStatus.Ok;
        trace.Add($"server: {code} fails with {status}");
        if (code == OperationCode.Commit)
            ForgetUnstable();
        return status;
    }

    private void ForgetUnstable()
    {
        UnseenLosses++;
        server.File(SimRun.Image).Crash(Survivors(), keepsHoles: true);
    }

    private Func<int, bool> Survivors()
    {
        int kind = _choices.Next(3);
        Random which = new(_choices.Next());
        return kind switch
        {
            0 => _ => false,
            1 => _ => true,
            _ => _ => which.Next(2) == 0,
        };
    }

    /// <summary>Breaks a reply so that it is recognizably no answer.</summary>
    private byte[] Mangle(byte[] reply)
    {
        byte[] other = [.. reply];
        int kind = _choices.Next(6);
        trace.Add($"server: the reply is broken (kind {kind})");
        switch (kind)
        {
            case 0:
                // A record longer than the agreed size.
                BinaryPrimitives.WriteUInt32BigEndian(other, 0xFFFFFFFF);
                break;
            case 1:
                // A call instead of a reply.
                other[11] = 0;
                break;
            case 2:
                // A reply that is neither accepted nor denied.
                other[15] = 9;
                break;
            case 3:
                // A record that ends inside its header.
                other = other[..(4 + _choices.Next(0, 9) * 4)];
                BinaryPrimitives.WriteUInt32BigEndian(other, 0x80000000 | (uint)(other.Length - 4));
                break;
            case 4:
                // A verifier longer than allowed.
                BinaryPrimitives.WriteUInt32BigEndian(other.AsSpan(20), 0x7FFFFFFF);
                break;
            default:
                // A tag longer than the record.
                BinaryPrimitives.WriteUInt32BigEndian(other.AsSpan(32), 0x01000000);
                break;
        }
        return other;
    }

    private TimeSpan Part(TimeSpan whole, int part) => whole / part * _choices.NextDouble();

    private static IEnumerable<(OperationCode Code, NfsStatus Status)> Each(OperationCode code, params NfsStatus[] statuses) => statuses.Select(status => (code, status));
}
