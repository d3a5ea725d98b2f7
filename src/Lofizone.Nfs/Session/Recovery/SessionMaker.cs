using Lofizone.Nfs.Operations;
using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Session.Calls;
using Lofizone.Nfs.Session.Connections;
using Lofizone.Nfs.Session.Slots;
using Lofizone.Nfs.Session.State;
using Lofizone.Nfs.Xdr;

namespace Lofizone.Nfs.Session.Recovery;

/// <summary>
/// Makes client ID and session (RFC 8881 section 8.4) with EXCHANGE_ID and CREATE_SESSION, after DESTROY_SESSION for the former session.
/// Only for the session's thread.
/// </summary>
internal sealed class SessionMaker(
    SessionContext context,
    ClientIdentity identity,
    PathJudge paths,
    CallQueue queue,
    CallMaker calls,
    Binder binder,
    RecoveryCalls requests,
    LeaseRenewal lease)
{
    private const int DefaultLeaseSeconds = 30;

    /// <summary>Largest data of one READ that the session can carry, bytes.</summary>
    public int MaxReadBytes { get; private set; }

    /// <summary>Largest data of one WRITE that the session can carry, bytes.</summary>
    public int MaxWriteBytes { get; private set; }

    /// <summary>Number of operations in one COMPOUND that the session can carry.</summary>
    public int MaxOperations { get; private set; }

    /// <summary>
    /// Has the server destroy the session that was given up. Otherwise a server that still knows the session could execute late requests,
    /// for example an old WRITE after the newer ones of the next session. A server that has already dropped the session answers BADSESSION,
    /// which is just as good.
    /// </summary>
    public void EndLostSession()
    {
        // DESTROY_SESSION must go over a connection of the session (RFC 8881 section 18.37.3).
        NfsStatus bound = requests.Ask(() => binder.BindCall(identity.Session)).Status;
        if (Binder.IsSessionGone(bound))
        {
            paths.OnSessionUnknown(requests.Leader);
        }
        else
        {
            if (bound == NfsStatus.Ok)
                paths.OnSessionKnown(requests.Leader);
            requests.Ask(() => calls.Outside((ref writer) => Destroy.EncodeSession(ref writer, identity.Session)));
        }
        lock (context.Gate)
            context.State.Proceed(SessionPhase.Creating);
    }

    public void NewSession()
    {
        bool known = identity.ClientId != 0;
        if (!known)
            MakeClientKnown();
        NfsStatus status;
        while ((status = TryCreateSession()) != NfsStatus.Ok)
        {
            if (!known || status is not (NfsStatus.StaleClientId or NfsStatus.SeqMisordered or NfsStatus.Expired))
                throw NfsException.For(status, "CREATE_SESSION", null, $"NFS server {context.Server}");
            MakeClientKnown();
            known = false;
        }
        binder.BindOthers();
        LearnLease();
    }

    private void MakeClientKnown()
    {
        while (true)
        {
            CompoundCall call = requests.Ask(() => calls.Outside(
                (ref writer) => ExchangeId.Encode(ref writer, identity.Verifier, context.Options.ClientOwner)));
            switch (call.Status)
            {
                case NfsStatus.Ok:
                    XdrReader reader = call.Results;
                    CompoundCall.Expect(ref reader, OperationCode.ExchangeId);
                    ExchangeId.Result result = ExchangeId.Decode(ref reader);
                    paths.CheckIdentity(requests.Leader, result);
                    identity.MakeKnown(result);
                    return;
                case NfsStatus.MinorVersMismatch when identity.MinorVersion > 1 && !context.State.WasOpen:
                    identity.MinorVersion--;
                    break;
                default:
                    throw NfsException.For(call.Status, "EXCHANGE_ID", null, $"NFS server {context.Server}");
            }
        }
    }

    private NfsStatus TryCreateSession()
    {
        CreateSession.Channel wanted = SessionSizes.Wanted(context.Options);
        CompoundCall call = requests.Ask(() => calls.Outside(
            (ref writer) => CreateSession.Encode(ref writer, identity.ClientId, identity.CreateSequence, wanted)));
        if (call.Status != NfsStatus.Ok)
            return call.Status;
        identity.CountSession();
        XdrReader reader = call.Results;
        CompoundCall.Expect(ref reader, OperationCode.CreateSession);
        (SessionId session, CreateSession.Channel fore) = CreateSession.Decode(ref reader);
        SessionSizes.Check(fore);
        lock (context.Gate)
        {
            identity.SetSession(session);
            queue.Reset(fore.MaxRequests);
            // CREATE_SESSION makes its connection part of the session (RFC 8881 section 18.36.3).
            if (requests.Leader.State != ConnectionState.Connected)
                throw new IOException("the connection ended");
            context.State.Proceed(SessionPhase.Restoring);
            paths.OnBound(requests.Leader);
        }
        identity.Keep();
        MaxReadBytes = SessionSizes.DataBytes(fore.MaxResponse, context.Options.MaxIoBytes);
        MaxWriteBytes = SessionSizes.DataBytes(fore.MaxRequest, context.Options.MaxIoBytes);
        MaxOperations = Math.Min(fore.MaxOperations, SessionSizes.Operations);
        return NfsStatus.Ok;
    }

    private void LearnLease()
    {
        CompoundCall call = calls.Within((ref writer) =>
        {
            FileHandle.EncodePutRoot(ref writer);
            GetAttr.Encode(ref writer, GetAttr.ServerAttributes);
        });
        int leaseSeconds = DefaultLeaseSeconds;
        if (requests.Execute(call) == NfsStatus.Ok)
        {
            XdrReader reader = call.Results;
            CompoundCall.Expect(ref reader, OperationCode.PutRootFh);
            CompoundCall.Expect(ref reader, OperationCode.GetAttr);
            leaseSeconds = Math.Max(1, GetAttr.Decode(ref reader).LeaseSeconds);
        }
        context.Statistics.SetSession(queue.SlotCount, leaseSeconds);
        lease.Start();
    }
}
