using Lofizone.Nfs.Operations;
using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Xdr;

namespace Lofizone.Nfs.Tests.Fake;

/// <summary>Clients, sessions, slots, leases and restarts (RFC 8881 sections 2.10.6, 8.3, 8.4).</summary>
internal sealed partial class FakeNfsServer
{
    private const int ResultBytes = (1 << 20) + 8192;

    private readonly Dictionary<ulong, FakeClient> _clients = [];
    private readonly Dictionary<SessionId, FakeSession> _sessions = [];
    private readonly HashSet<string> _mayReclaim = [];
    private ulong _boot = 1;
    private ulong _ids;
    private ulong _losses;

    public TimeSpan Lease { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Most slots of a session.</summary>
    public int Slots { get; set; } = 64;

    /// <summary>ca_maxoperations (RFC 8881 section 18.36.3).</summary>
    public int MostOperations { get; set; } = 64;

    /// <summary>ca_maxresponsesize.</summary>
    public int MostResponseBytes { get; set; } = (1 << 20) + 4096;

    /// <summary>sr_target_highest_slotid; null asks for all slots.</summary>
    public uint? TargetHighestSlot { get; set; }

    /// <summary>The server keeps all replies; otherwise only the replies that the client asks to be kept.</summary>
    public bool KeepsAllReplies { get; set; } = true;

    public bool InGrace { get; private set; }

    public ulong WriteVerifier => 0xAB00 + (Defect == FakeDefect.KeepsVerifier ? 0 : _boot + _losses);

    /// <summary>The server's fault, for tests of the judges.</summary>
    public FakeDefect Defect { get; set; }

    /// <summary>Number of SEQUENCEs that renewed a lease.</summary>
    public int Renewals { get; private set; }

    /// <summary>Connections, clients, sessions, opens, locks and unstable data are lost, and the write verifier changes.</summary>
    /// <param name="survives">Picks the unstable writes of each file that are on the disk.</param>
    /// <param name="grace">Clients may reclaim their state.</param>
    public void Restart(Func<int, bool>? survives = null, bool grace = true)
    {
        lock (_gate)
        {
            _boot++;
            // A client that has not reclaimed before a second restart still may: the server's record of clients is on its disk.
            if (!grace)
                _mayReclaim.Clear();
            else
                _mayReclaim.UnionWith(_heldState.Values.Where(IsKnown).Select(held => held.Client.Owner));
            InGrace = _mayReclaim.Count > 0;
            ForgetHeld();
            _clients.Clear();
            _sessions.Clear();
            _expired.Clear();
            foreach (FakeFile file in _files.Values)
                file.Crash(survives ?? (_ => false));
            foreach (IFakeConnection channel in _channels)
                channel.Shutdown();
        }
    }

    /// <summary>Opens, locks and unstable data are lost, but no session. SEQUENCE tells RESTART_RECLAIM_NEEDED until the reclaim.</summary>
    public void ForgetState(Func<int, bool>? survives = null)
    {
        lock (_gate)
        {
            _boot++;
            InGrace = true;
            // State that was revoked earlier can't be reclaimed (RFC 8881 section 8.4.3).
            _mayReclaim.UnionWith(_heldState.Values.Where(IsKnown).Select(held => held.Client.Owner));
            ForgetHeld();
            foreach (FakeClient client in _clients.Values)
            {
                client.ReclaimNeeded = true;
                client.ReclaimComplete = false;
            }
            foreach (FakeFile file in _files.Values)
                file.Crash(survives ?? (_ => false));
        }
    }

    /// <summary>The state's holder is a client. Otherwise a test has made the state.</summary>
    private bool IsKnown(FakeHeld held) => _clients.ContainsKey(held.Client.Id);

    /// <summary>Drops the clients' state. Holders that a test has made count as reclaimed.</summary>
    private void ForgetHeld()
    {
        foreach (FakeHeld held in _heldState.Values.Where(IsKnown).ToArray())
            _heldState.Remove(held.Id);
    }

    /// <summary>Only unstable writes are lost, and only the write verifier tells. A hole has no verifier, so holes stay.</summary>
    public void LoseUnstable(Func<int, bool> survives)
    {
        lock (_gate)
        {
            _losses += 0x10000;
            foreach (FakeFile file in _files.Values)
                file.Crash(survives, keepsHoles: true);
        }
    }

    public void ForgetSessions()
    {
        lock (_gate)
            _sessions.Clear();
    }

    /// <summary>Revokes all opens and locks, as after a lease's end.</summary>
    public void Revoke()
    {
        lock (_gate)
        {
            Revocations++;
            _mayReclaim.Clear();
            InGrace = false;
            foreach (StateId id in _heldState.Keys)
                _expired.Add(id);
            _heldState.Clear();
        }
    }

    /// <summary>As <see cref="Revoke"/>. Revoked state is in the way until its client starts over, as in nfs-ganesha 4.3.</summary>
    public void RevokeAndKeep()
    {
        lock (_gate)
        {
            FakeHeld[] kept = [.. _heldState.Values];
            Revoke();
            foreach (FakeHeld held in kept)
            {
                StateId id = new(1, ++_ids, (uint)_boot);
                _heldState[id] = held with { Id = id, Owner = "expired" };
            }
        }
    }

    public int Revocations { get; private set; }

    /// <summary>Another client takes open and lock of a file whose owner has lost them, finds the file on the disk, and writes.</summary>
    /// <param name="name">The file.</param>
    /// <param name="record">The owner record, which the other client writes first; null for none.</param>
    /// <param name="leaves">The other client closes the file again.</param>
    public void TakeOver(string name, string? record = null, bool leaves = false)
    {
        lock (_gate)
        {
            Revoke();
            FakeFile file = _files[name];
            FakeClient other = new(++_ids, "intruder"u8.ToArray(), 1);
            StateId id = new(1, ++_ids, (uint)_boot);
            if (record is not null)
                Put(record, "intruder"u8.ToArray());
            if (!leaves)
                _heldState[id] = new FakeHeld(id, other, "intruder", file, DenyWrite: true, IsLock: true);
            file.Write(0, new byte[64], stable: true);
        }
    }

    private byte[] Execute(FakeRequest request, int connection, out FakeSlot? slot)
    {
        slot = null;
        FakeClient? client = null;
        byte[] results = new byte[request.Has(OperationCode.Read) ? ResultBytes : 8192];
        XdrWriter writer = new(results);
        int first = 0;
        bool keeps = false;
        if (request.Sequence is { } sequence)
        {
            first = 1;
            NfsStatus status = CheckSequence(request, sequence, out FakeSession? session, out byte[]? replay);
            _arrivals.Add(new FakeArrival(request, connection, replay is not null || status == NfsStatus.RetryUncachedRep));
            if (session is not null && sequence.Slot < session.Slots.Length && status is NfsStatus.Ok or NfsStatus.RetryUncachedRep)
                slot = session!.Slots[sequence.Slot];
            if (replay is not null)
                return replay;
            writer.WriteOperation(OperationCode.Sequence);
            writer.WriteUInt32((uint)status);
            if (status != NfsStatus.Ok)
                return Encode(request.Xid, status, 1, results.AsSpan(0, writer.Position));
            CheckSize(request);
            client = session!.Client;
            WriteSequence(ref writer, session, sequence);
            keeps = KeepsAllReplies || sequence.Flag;
        }
        else
        {
            _arrivals.Add(new FakeArrival(request, connection, false));
        }
        byte[] reply = ExecuteOperations(request, first, client, writer, results);
        if (slot is not null)
        {
            slot.Sequence = request.Sequence!.Sequence;
            slot.Request = request.Bytes;
            slot.Reply = reply;
            slot.Kept = keeps;
            slot.Delivered = false;
        }
        return reply;
    }

    private NfsStatus CheckSequence(FakeRequest request, FakeOperation sequence, out FakeSession? session, out byte[]? replay)
    {
        replay = null;
        session = null;
        if (TryTakeFailure(OperationCode.Sequence, out NfsStatus injected))
        {
            if (injected == NfsStatus.Delay)
                NotePutOff(request, sequence);
            return injected;
        }
        if (!_sessions.TryGetValue(sequence.Session, out session))
            return NfsStatus.BadSession;
        if (sequence.Slot >= session.Slots.Length)
            return NfsStatus.BadSlot;
        FakeSlot slot = session.Slots[sequence.Slot];
        if (sequence.Sequence == slot.Sequence && slot.Request is { } before)
        {
            if (!before.AsSpan().SequenceEqual(request.Bytes))
            {
                _violations.Add($"slot {sequence.Slot} sequence {sequence.Sequence}: the retry has other bytes");
                return NfsStatus.SeqFalseRetry;
            }
            if (Defect == FakeDefect.ExecutesRetries)
                return NfsStatus.Ok;
            if (!slot.Kept)
                return NfsStatus.RetryUncachedRep;
            replay = slot.Reply;
            return NfsStatus.Ok;
        }
        if (sequence.Sequence != slot.Sequence + 1)
            return NfsStatus.SeqMisordered;
        if (!slot.Delivered)
            _violations.Add($"slot {sequence.Slot} sequence {sequence.Sequence}: used again before the answer to the last request arrived");
        if (slot.PutOff is { } putOff && !putOff.AsSpan().SequenceEqual(request.Bytes))
            _violations.Add($"slot {sequence.Slot} sequence {sequence.Sequence}: given to another request after DELAY");
        slot.PutOff = null;
        if (time.GetUtcNow() - session.Client.Renewed > Lease)
            Revoke();
        session.Client.Renewed = time.GetUtcNow();
        Renewals++;
        return NfsStatus.Ok;
    }

    /// <summary>What the session was made for binds the client.</summary>
    private void CheckSize(FakeRequest request)
    {
        if (request.Operations.Count > MostOperations)
            _violations.Add($"{request.Operations.Count} operations, at most {MostOperations} are allowed");
        if (request.Operations.Where(operation => operation.Code == OperationCode.Read).Sum(read => read.Length) > MostResponseBytes)
            _violations.Add($"READs whose answers are longer than the {MostResponseBytes} bytes of an answer");
    }

    private void NotePutOff(FakeRequest request, FakeOperation sequence)
    {
        if (_sessions.TryGetValue(sequence.Session, out FakeSession? session) && sequence.Slot < session.Slots.Length && session.Slots[sequence.Slot] is var slot && sequence.Sequence == slot.Sequence + 1)
            slot.PutOff = request.Bytes;
    }

    private void WriteSequence(ref XdrWriter writer, FakeSession session, FakeOperation sequence)
    {
        uint highest = (uint)session.Slots.Length - 1;
        session.Id.Write(ref writer);
        writer.WriteUInt32(sequence.Sequence);
        writer.WriteUInt32(sequence.Slot);
        writer.WriteUInt32(highest);
        writer.WriteUInt32(Math.Min(TargetHighestSlot ?? highest, highest));
        writer.WriteUInt32((session.Client.ReclaimNeeded ? Sequence.RestartReclaimNeeded : 0) | TakeStatusFlags());
    }

    private NfsStatus DoExchangeId(FakeOperation operation, ref XdrWriter writer)
    {
        string owner = Convert.ToHexString(operation.Owner);
        FakeClient? client = _clients.Values.FirstOrDefault(known => known.Owner == owner);
        if (client is not null && client.Verifier != operation.Verifier)
        {
            Forget(client);
            client = null;
        }
        if (client is null)
        {
            client = new FakeClient((_boot << 32) | ++_ids, operation.Owner, operation.Verifier) { Renewed = time.GetUtcNow() };
            _clients.Add(client.Id, client);
        }
        writer.WriteUInt64(client.Id);
        writer.WriteUInt32(client.CreateSequence);
        writer.WriteUInt32(0x00010000 | (client.Confirmed ? 0x80000000 : 0));
        writer.WriteUInt32(0);
        writer.WriteUInt64(0);
        writer.WriteOpaque("fake"u8);
        writer.WriteOpaque("fake"u8);
        writer.WriteUInt32(0);
        return NfsStatus.Ok;
    }

    private NfsStatus DoCreateSession(FakeOperation operation, ref XdrWriter writer)
    {
        if (!_clients.TryGetValue(operation.ClientId, out FakeClient? client))
            return NfsStatus.StaleClientId;
        if (operation.Sequence == client.CreateSequence - 1 && client.LastCreateReply is { } before)
        {
            writer.WriteFixed(before);
            return NfsStatus.Ok;
        }
        if (operation.Sequence != client.CreateSequence)
            return NfsStatus.SeqMisordered;
        client.Confirmed = true;
        client.CreateSequence++;
        int slots = (int)Math.Min(operation.Slots, (uint)Slots);
        FakeSession session = new(new SessionId(_boot, ++_ids), client, [.. Enumerable.Range(0, slots).Select(_ => new FakeSlot())]);
        _sessions.Add(session.Id, session);
        byte[] body = new byte[256];
        XdrWriter own = new(body);
        session.Id.Write(ref own);
        own.WriteUInt32(operation.Sequence);
        own.WriteUInt32(0);
        new CreateSession.Channel((1 << 20) + 4096, MostResponseBytes, 4096, MostOperations, slots).Write(ref own);
        new CreateSession.Channel(4096, 4096, 0, 2, 1).Write(ref own);
        client.LastCreateReply = body[..own.Position];
        writer.WriteFixed(client.LastCreateReply);
        return NfsStatus.Ok;
    }

    private NfsStatus DoReclaimComplete(FakeClient client)
    {
        if (client.ReclaimComplete)
            return NfsStatus.CompleteAlready;
        client.ReclaimComplete = true;
        client.ReclaimNeeded = false;
        _mayReclaim.Remove(client.Owner);
        InGrace &= _mayReclaim.Count > 0;
        return NfsStatus.Ok;
    }

    private NfsStatus DoDestroyClient(ulong id)
    {
        if (!_clients.TryGetValue(id, out FakeClient? client))
            return NfsStatus.StaleClientId;
        if (_sessions.Values.Any(session => session.Client == client) || _heldState.Values.Any(held => held.Client == client))
            return NfsStatus.ClientIdBusy;
        _clients.Remove(id);
        return NfsStatus.Ok;
    }

    private void Forget(FakeClient client)
    {
        _clients.Remove(client.Id);
        foreach (SessionId id in _sessions.Where(session => session.Value.Client == client).Select(session => session.Key).ToArray())
            _sessions.Remove(id);
        foreach (StateId id in _heldState.Where(held => held.Value.Client == client).Select(held => held.Key).ToArray())
            _heldState.Remove(id);
    }
}
