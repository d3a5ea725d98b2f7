using System.Security.Cryptography;
using Lofizone.Nfs.Operations;
using Lofizone.Nfs.Resume;

namespace Lofizone.Nfs.Session.State;

/// <summary>
/// Who this client is to the server, and its session: what a successor must know when this process is killed. Every change is kept in
/// the memory that the successor gets, if there is one. Only the session's thread changes anything but the file.
/// </summary>
internal sealed class ClientIdentity(SessionContext context)
{
    /// <summary>
    /// Guards the file and the order in which states are kept. It is taken before the session's gate, never inside of it.
    /// </summary>
    private readonly Lock _keeping = new();
    private NfsResumeState.FileState? _file;

    /// <summary>co_verifier of EXCHANGE_ID: another one says that the client has restarted.</summary>
    public ulong Verifier { get; private set; } = NewVerifier();

    /// <summary>Negotiated with the first EXCHANGE_ID.</summary>
    public int MinorVersion { get; set; } = context.Options.MaxMinorVersion;

    /// <summary>0 when the server has to be asked for one.</summary>
    public ulong ClientId { get; private set; }

    /// <summary>csa_sequence of the next CREATE_SESSION.</summary>
    public uint CreateSequence { get; private set; }

    /// <summary>The session, or the last one. Written with the session's gate held.</summary>
    public SessionId Session { get; private set; }

    /// <summary>Digest of what the server said of itself; empty before.</summary>
    public string ServerIdentity { get; set; } = "";

    /// <summary>Goes on as the client that kept the state.</summary>
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

    /// <summary>The answer to EXCHANGE_ID. Another client ID than before means that the server has forgotten all our state.</summary>
    public void MakeKnown(ExchangeId.Result server)
    {
        if (ClientId != server.ClientId)
            context.State.ReclaimAll();
        (ClientId, CreateSequence) = (server.ClientId, server.SequenceId);
        Keep();
    }

    /// <summary>The server has executed CREATE_SESSION: the next one has the next number.</summary>
    public void CountSession() => CreateSequence++;

    /// <summary>The session's gate is held; <see cref="Keep"/> follows without it.</summary>
    public void SetSession(SessionId session) => Session = session;

    /// <summary>The next session begins with EXCHANGE_ID.</summary>
    public void Forget() => ClientId = 0;

    /// <summary>The next session is that of a client that has restarted.</summary>
    public void StartOver()
    {
        Verifier = NewVerifier();
        Forget();
    }

    /// <summary>The one file that a successor could go on with has changed; null: there is none any more.</summary>
    public void KeepFile(NfsResumeState.FileState? file)
    {
        lock (_keeping)
        {
            _file = file;
            Keep();
        }
    }

    /// <summary>What a successor must know has changed. The session's gate is not held.</summary>
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

    private static ulong NewVerifier() => BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8));
}
