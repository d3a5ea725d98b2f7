using Lofizone.Interop;
using Lofizone.Nfs.Operations;
using Lofizone.Nfs.Resume;

namespace Lofizone.Nfs.Session.State;

/// <summary>
/// The identity of this client at the server, and the client's session: the state that a successor needs when this process is killed. Every
/// change is kept in the memory that the successor gets, if there is such a memory. Only the session's thread changes members other than
/// the file.
/// </summary>
internal sealed class ClientIdentity(SessionContext context)
{
    /// <summary>
    /// Guards the file and the order in which states are kept. This lock is taken before the session's gate, never while the gate is held.
    /// </summary>
    private readonly Lock _keeping = new();
    private NfsResumeState.FileState? _file;

    /// <summary>co_verifier of EXCHANGE_ID. Another verifier tells the server that the client has restarted.</summary>
    public ulong Verifier { get; private set; } = NewVerifier();

    /// <summary>Minor version of NFSv4, negotiated with the first EXCHANGE_ID.</summary>
    public int MinorVersion { get; set; } = context.Options.MaxMinorVersion;

    /// <summary>The client ID; 0 when the server must be asked for an ID.</summary>
    public ulong ClientId { get; private set; }

    /// <summary>csa_sequence of the next CREATE_SESSION.</summary>
    public uint CreateSequence { get; private set; }

    /// <summary>The current session, or the last one. Written with the session's gate held.</summary>
    public SessionId Session { get; private set; }

    /// <summary>Digest of the server's owner and scope; empty before the first EXCHANGE_ID.</summary>
    public string ServerIdentity { get; set; } = "";

    /// <summary>Takes over the identity of the client that kept the state.</summary>
    public void Inherit(NfsResumeState state)
    {
        Verifier = state.Verifier;
        MinorVersion = state.MinorVersion;
        ClientId = state.ClientId;
        CreateSequence = state.CreateSequence;
        Session = state.Session;
        ServerIdentity = state.ServerIdentity;
        _file = state.File;
    }

    /// <summary>
    /// Takes the answer to EXCHANGE_ID. A changed client ID means that the server has forgotten all of this client's state.
    /// </summary>
    public void MakeKnown(ExchangeId.Result server)
    {
        if (ClientId != server.ClientId)
            context.State.ReclaimAll();
        (ClientId, CreateSequence) = (server.ClientId, server.SequenceId);
        Keep();
    }

    /// <summary>Counts a CREATE_SESSION that the server has executed. The next CREATE_SESSION has the next number.</summary>
    public void CountSession() => CreateSequence++;

    /// <summary>Sets the session. The session's gate is held; the caller calls <see cref="Keep"/> after it has left the gate.</summary>
    public void SetSession(SessionId session) => Session = session;

    /// <summary>Has the next session begin with EXCHANGE_ID.</summary>
    public void Forget() => ClientId = 0;

    /// <summary>Presents this client as restarted with the next session.</summary>
    public void StartOver()
    {
        Verifier = NewVerifier();
        Forget();
    }

    /// <summary>Notes a change of the one file that a successor could take over. Null: there is no such file any more.</summary>
    public void KeepFile(NfsResumeState.FileState? file)
    {
        lock (_keeping)
        {
            _file = file;
            Keep();
        }
    }

    /// <summary>Keeps the state for a successor after a change. The session's gate is not held.</summary>
    public void Keep()
    {
        if (context.Options.ResumeMemory is not { } memory)
            return;
        lock (_keeping)
        {
            SessionId session;
            lock (context.Gate)
                session = Session;
            SessionState state = context.State;
            memory.WriteState(new NfsResumeState
            {
                ClientOwner = context.Options.ClientOwner,
                Verifier = Verifier,
                MinorVersion = MinorVersion,
                ClientId = ClientId,
                CreateSequence = CreateSequence,
                Session = session,
                ReclaimNeeded = state.Has(RecoveryWork.Reclaim | RecoveryWork.CompleteReclaim),
                StateReclaimed = !state.Has(RecoveryWork.Reclaim) && state.Has(RecoveryWork.CompleteReclaim),
                ResendNeeded = state.Has(RecoveryWork.FinishResend),
                File = _file,
                ServerIdentity = ServerIdentity,
            });
        }
    }

    private static ulong NewVerifier() => RandomBytes.GetUInt64();
}
