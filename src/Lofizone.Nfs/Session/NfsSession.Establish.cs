using System.Security.Cryptography;
using Lofizone.Nfs.Operations;
using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Session.Calls;
using Lofizone.Nfs.Xdr;

namespace Lofizone.Nfs.Session;

/// <summary>Client ID and session: EXCHANGE_ID, CREATE_SESSION, BIND_CONN_TO_SESSION, RECLAIM_COMPLETE, and the renewal of the lease (RFC 8881 sections 8.3, 8.4).</summary>
internal sealed partial class NfsSession
{
    /// <summary>Renewals per lease time: two may get lost and the lease still holds.</summary>
    private const int RenewalsPerLease = 3;

    private const int DefaultLeaseSeconds = 30;

    private ulong _verifier = NewVerifier();
    private uint _createSequence;
    private int _renewalPending;
    private bool _sessionToEnd;

    /// <summary>A COMPOUND of SEQUENCE alone is under way.</summary>
    public bool IsRenewing => Volatile.Read(ref _renewalPending) != 0;

    /// <summary>Tells the server that client and session end here, if a connection is up; waits no longer than the cancellation.</summary>
    public async Task EndAsync(CancellationToken cancellation)
    {
        NfsConnection? connection;
        lock (_gate)
        {
            connection = _ready ? Pick() : null;
            if (connection is null)
                return;
        }
        CompoundCall session = new();
        XdrWriter writer = session.Begin(_prefix, MinorVersion, null, inline: false);
        Destroy.EncodeSession(ref writer, _sessionId);
        session.End(writer);
        if (await SubmitControl(connection, session).AsTask().WaitAsync(cancellation) != NfsStatus.Ok)
            return;
        CompoundCall client = new();
        writer = client.Begin(_prefix, MinorVersion, null, inline: false);
        Destroy.EncodeClientId(ref writer, ClientId);
        client.End(writer);
        await SubmitControl(connection, client).AsTask().WaitAsync(cancellation);
    }

    /// <summary>
    /// The server does not take the client ID for new state any more, although it still answers in the session: the next session begins with
    /// EXCHANGE_ID. Only on the session's thread; the caller throws what is returned.
    /// </summary>
    public SessionLostException ForgetClient(NfsStatus status)
    {
        ClientId = 0;
        return new SessionLostException(status);
    }

    /// <summary>
    /// As <see cref="ForgetClient"/>, and to the server a client that has restarted: it discards all that it still holds for the one before
    /// (RFC 8881 section 18.35.4, case 5).
    /// </summary>
    public SessionLostException StartOver(NfsStatus status)
    {
        _verifier = NewVerifier();
        return ForgetClient(status);
    }

    private static ulong NewVerifier() => BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8));

    /// <summary>Makes the leading connection part of the session that is given up.</summary>
    private NfsStatus BindLeader()
    {
        while (true)
        {
            CompoundCall call = new();
            XdrWriter writer = call.Begin(_prefix, MinorVersion, null, inline: true);
            BindConnToSession.Encode(ref writer, _sessionId);
            call.End(writer);
            if (Execute(call) is not NfsStatus.Delay and var status)
                return status;
            Pause(_delayPause);
        }
    }

    /// <summary>
    /// A session that is given up while the server still knows it could execute requests of ours that are under way: an old WRITE after
    /// the newer ones of the next session. So it is destroyed first; a session that is gone already says BADSESSION, which is as good.
    /// </summary>
    private void EndLostSession()
    {
        if (!_sessionToEnd)
            return;
        // DESTROY_SESSION belongs on a connection of the session (section 18.37.3).
        while (BindLeader() is var bound)
        {
            if (IsSessionGone(bound))
            {
                OnSessionUnknown();
                break;
            }
            if (bound == NfsStatus.Ok)
                OnSessionKnown();
            CompoundCall call = new();
            XdrWriter writer = call.Begin(_prefix, MinorVersion, null, inline: true);
            Destroy.EncodeSession(ref writer, _sessionId);
            call.End(writer);
            if (Execute(call) is not NfsStatus.Delay)
                break;
            Pause(_delayPause);
        }
        _sessionToEnd = false;
    }

    private void NewSession()
    {
        bool known = ClientId != 0;
        if (!known)
            MakeClientKnown();
        while (true)
        {
            NfsStatus status = TryCreateSession();
            switch (status)
            {
                case NfsStatus.Ok:
                    _sessionToEnd = true;
                    BindOthers();
                    if (_reclaimNeeded && !_connectedBefore)
                        CompleteFirstReclaim();
                    LearnLease();
                    return;
                case NfsStatus.StaleClientId or NfsStatus.SeqMisordered or NfsStatus.Expired when known:
                    MakeClientKnown();
                    known = false;
                    break;
                case NfsStatus.Delay:
                    Pause(_delayPause);
                    break;
                default:
                    throw NfsException.For(status, "CREATE_SESSION", null, $"NFS server {Server}");
            }
        }
    }

    /// <summary>EXCHANGE_ID. Another client ID than before means that the server has forgotten all our state.</summary>
    private void MakeClientKnown()
    {
        while (true)
        {
            CompoundCall call = new();
            XdrWriter writer = call.Begin(_prefix, MinorVersion, null, inline: true);
            ExchangeId.Encode(ref writer, _verifier, _options.ClientOwner);
            call.End(writer);
            NfsStatus status = Execute(call);
            switch (status)
            {
                case NfsStatus.Ok:
                    XdrReader reader = call.Results;
                    CompoundCall.Expect(ref reader, OperationCode.ExchangeId);
                    ExchangeId.Result result = ExchangeId.Decode(ref reader);
                    CheckIdentity(result);
                    if (ClientId != result.ClientId)
                    {
                        lock (_gate)
                        {
                            _reclaimNeeded = true;
                            _stateReclaimed = false;
                        }
                    }
                    ClientId = result.ClientId;
                    _createSequence = result.SequenceId;
                    Keep();
                    return;
                case NfsStatus.MinorVersMismatch when MinorVersion > 1 && !_connectedBefore:
                    MinorVersion--;
                    break;
                case NfsStatus.Delay:
                    Pause(_delayPause);
                    break;
                default:
                    throw NfsException.For(status, "EXCHANGE_ID", null, $"NFS server {Server}");
            }
        }
    }

    private NfsStatus TryCreateSession()
    {
        CompoundCall call = new();
        XdrWriter writer = call.Begin(_prefix, MinorVersion, null, inline: true);
        CreateSession.Encode(ref writer, ClientId, _createSequence, SessionSizes.Wanted(_options));
        call.End(writer);
        NfsStatus status = Execute(call);
        if (status != NfsStatus.Ok)
            return status;
        _createSequence++;
        XdrReader reader = call.Results;
        CompoundCall.Expect(ref reader, OperationCode.CreateSession);
        (SessionId session, CreateSession.Channel fore) = CreateSession.Decode(ref reader);
        SessionSizes.Check(fore);
        lock (_gate)
        {
            _sessionId = session;
            _slots.Reset(Math.Min(fore.MaxRequests, _options.MaxSlots), _options.MaxSlots);
            // CREATE_SESSION makes its connection part of the session (section 18.36.3).
            if (_leader!.State != ConnectionState.Connected)
                throw new IOException("the connection ended");
            OnBound(_leader);
            _hasSession = true;
        }
        Keep();
        MaxReadBytes = SessionSizes.DataBytes(fore.MaxResponse, _options.MaxIoBytes);
        MaxWriteBytes = SessionSizes.DataBytes(fore.MaxRequest, _options.MaxIoBytes);
        MaxOperations = Math.Min(fore.MaxOperations, SessionSizes.Operations);
        return NfsStatus.Ok;
    }

    private void CompleteFirstReclaim()
    {
        CompleteReclaim();
        _reclaimNeeded = false;
    }

    private void CompleteReclaim()
    {
        const int Results = 2;
        while (true)
        {
            CompoundCall call = new();
            XdrWriter writer = Begin(call, cache: true, inline: true);
            ReclaimComplete.Encode(ref writer);
            call.End(writer);
            NfsStatus status = Execute(call);
            if (status == NfsStatus.Ok || status == NfsStatus.CompleteAlready && call.ResultCount == Results)
                return;
            if (status != NfsStatus.Delay)
                throw NfsException.For(status, "RECLAIM_COMPLETE", null, $"NFS server {Server}");
            Pause(_delayPause);
        }
    }

    private void LearnLease()
    {
        CompoundCall call = new();
        XdrWriter writer = Begin(call, cache: false, inline: true);
        FileHandle.EncodePutRoot(ref writer);
        GetAttr.Encode(ref writer, GetAttr.ServerAttributes);
        call.End(writer);
        int leaseSeconds = DefaultLeaseSeconds;
        if (Execute(call) == NfsStatus.Ok)
        {
            XdrReader reader = call.Results;
            CompoundCall.Expect(ref reader, OperationCode.PutRootFh);
            CompoundCall.Expect(ref reader, OperationCode.GetAttr);
            leaseSeconds = Math.Max(1, GetAttr.Decode(ref reader).LeaseSeconds);
        }
        Statistics.SetSession(_slots.Count, leaseSeconds);
        TimeSpan period = TimeSpan.FromSeconds(leaseSeconds) / RenewalsPerLease;
        if (_renewTimer is null)
            _renewTimer = Threads.NewTimer("nfs renewal " + Server, RenewWhenIdle, period);
        else
            _renewTimer.Change(period, period);
    }

    private void RenewWhenIdle()
    {
        TimeSpan period = TimeSpan.FromSeconds(Statistics.LeaseSeconds) / RenewalsPerLease;
        // Any SEQUENCE renews the lease. Half a period of slack: an answer just before the last tick must not lead to two periods without one.
        if (_time.GetElapsedTime(Volatile.Read(ref _lastActivity)) < period / 2)
            return;
        OnQuiet();
        SubmitRenewal();
    }

    /// <summary>A COMPOUND of SEQUENCE alone.</summary>
    private void SubmitRenewal()
    {
        if (Interlocked.Exchange(ref _renewalPending, 1) != 0)
        {
            // The last one got no answer in all this time.
            lock (_gate)
                StartMonitor();
            return;
        }
        _ = RenewAsync();
    }

    /// <summary>Asks, over any connection of the session, whether the session still exists.</summary>
    private ValueTask<NfsStatus> ProbeAsync()
    {
        CompoundCall call = new();
        XdrWriter writer = Begin(call, cache: false, inline: true);
        call.End(writer);
        ValueTask<NfsStatus> completion = call.Completion;
        Submit(call);
        return completion;
    }

    private async Task RenewAsync()
    {
        CompoundCall call = new() { IsRenewal = true };
        XdrWriter writer = Begin(call, cache: false, inline: true);
        call.End(writer);
        ValueTask<NfsStatus> completion = call.Completion;
        Submit(call);
        try
        {
            await completion;
        }
        catch (NfsException)
        {
            // Closed meanwhile; nothing to renew.
        }
        finally
        {
            Volatile.Write(ref _renewalPending, 0);
        }
    }
}
