using Lofizone.Nfs.Resume;

namespace Lofizone.Nfs.Session;

/// <summary>Going on where a killed process was: what is kept for a successor, and how the successor begins.</summary>
internal sealed partial class NfsSession
{
    private readonly Lock _keepGate = new();
    private NfsResumeState.FileState? _keptFile;
    private bool _takeOver;

    /// <summary>
    /// Begins as the successor of the process that kept <paramref name="state"/>: same client to the server, no session yet, and hard
    /// semantics from the start. The old session is destroyed before anything else is sent, so that no request of the predecessor that
    /// is still on its way can be executed after one of ours. Does not wait; requests wait until the session is there.
    /// </summary>
    /// <param name="state">What was kept.</param>
    /// <param name="resend">Uncommitted data must be written again before anything else.</param>
    public void Resume(NfsResumeState state, bool resend)
    {
        _verifier = state.Verifier;
        MinorVersion = state.MinorVersion;
        ClientId = state.ClientId;
        _createSequence = state.CreateSequence;
        _sessionId = state.Session;
        _sessionToEnd = state.Session != default;
        _reclaimNeeded = state.ReclaimNeeded;
        _stateReclaimed = state.StateReclaimed;
        _resendNeeded = resend || state.ResendNeeded;
        _keptFile = state.File;
        _connectedBefore = true;
        _takeOver = true;
        _serverIdentity = state.ServerIdentity;
        // The predecessor told other servers apart when it began. What has changed since is found out before the old session is given up (NfsSession.Witness).
        foreach (NfsPath path in _paths)
            path.IsProven = true;
        StartThreads();
    }

    /// <summary>The one file that a successor could go on with has changed; null: there is none any more.</summary>
    public void KeepFile(NfsResumeState.FileState? file)
    {
        if (_options.ResumeMemory is not { } memory)
            return;
        lock (_keepGate)
        {
            _keptFile = file;
            Keep(memory);
        }
    }

    /// <summary>What a successor must know of client and session has changed.</summary>
    private void Keep()
    {
        if (_options.ResumeMemory is not { } memory)
            return;
        lock (_keepGate)
            Keep(memory);
    }

    private void Keep(NfsResumeMemory memory)
    {
        Operations.SessionId session;
        lock (_gate)
            session = _sessionId;
        memory.WriteState(new NfsResumeState
        {
            ClientOwner = _options.ClientOwner,
            Verifier = _verifier,
            MinorVersion = MinorVersion,
            ClientId = ClientId,
            CreateSequence = _createSequence,
            Session = session,
            ReclaimNeeded = _reclaimNeeded,
            StateReclaimed = _stateReclaimed,
            ResendNeeded = _resendNeeded,
            File = _keptFile,
            ServerIdentity = _serverIdentity,
        });
    }

    /// <summary>Called when nothing has happened for a while and the lease is renewed: what only now has time, and needs no timer of its own.</summary>
    public Action OnQuiet { get; set; } = () => { };

    /// <summary>Completes when the session is there for the first time; a resumed one can take as long as the server is away.</summary>
    public Task WhenReady => _firstReady.Task;

    private void TakeOver()
    {
        IRecoverable[] all;
        lock (_recoverables)
            all = [.. _recoverables];
        foreach (IRecoverable state in all)
            state.TakeOver();
        // What was encoded before carries the predecessor's state IDs.
        lock (_gate)
            _epoch++;
    }
}
