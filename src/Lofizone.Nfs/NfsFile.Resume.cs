using Lofizone.Nfs.Operations;
using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Resume;
using Lofizone.Nfs.Session;
using Lofizone.Nfs.Session.Calls;
using Lofizone.Nfs.Session.Recovery;
using Lofizone.Nfs.Xdr;

namespace Lofizone.Nfs;

/// <summary>Going on with a file that a killed process had open and locked.</summary>
public sealed partial class NfsFile
{
    private static readonly TimeSpan _takeOverPause = TimeSpan.FromMilliseconds(50);

    /// <summary>Takes up what a predecessor has kept.</summary>
    internal NfsFile(NfsSession session, WriteBuffers buffers, NfsResumeState.FileState kept)
    {
        _session = session;
        _options = new NfsOpenOptions { Write = true, DenyWrite = kept.DenyWrite, Synchronous = kept.Synchronous, HoldWhenFull = true, Resumable = true };
        _handle = kept.Handle;
        _owner = kept.Owner;
        _uncommitted = new UncommittedData(buffers, session.Statistics, session.Options.ResumeMemory);
        _state = new OpenState(kept.Open, kept.Lock);
        _length = kept.Length;
        _readBytes = kept.ReadBytes;
        _writeBytes = kept.WriteBytes;
        (_readLimit, _writeLimit) = (_readBytes, _writeBytes);
        Path = kept.Path;
        _packer = new RequestPacker(session, this);
        if (kept.FencedBy != 0)
            _fence = new NfsFencedException(Path, (NfsStatus)kept.FencedBy, "the engine before this one found that the lock was lost");
        else
            KeptUnderOneVerifier = _uncommitted.Restore();
    }

    /// <summary>All that was taken up was written under the same write verifier: a COMMIT can tell whether the server still has it.</summary>
    internal bool KeptUnderOneVerifier { get; } = true;

    /// <summary>Confirms what was taken up as soon as the session is there.</summary>
    internal void CommitKept()
    {
        if (!IsFenced)
            CommitInBackground();
    }

    /// <summary>
    /// Repeats LOCK: the lock's state ID advances, and a request of the predecessor that the server still has somewhere gets OLD_STATEID.
    /// </summary>
    void IRecoverable.TakeOver()
    {
        NfsSession session = _session;
        if (IsFenced || _closed || _state.Lock is not { } held)
            return;
        while (true)
        {
            CompoundCall call = new();
            XdrWriter writer = session.Begin(call, cache: true, inline: true);
            FileHandle.EncodePut(ref writer, _handle);
            Locking.EncodeAgain(ref writer, held);
            call.End(writer);
            NfsStatus status = session.Execute(call);
            switch (status)
            {
                case NfsStatus.Ok:
                    SetState(_state with { Lock = DecodeState(call, OperationCode.Lock) });
                    return;
                case NfsStatus.OldStateId when held.Sequence != 0:
                    // A predecessor was killed between the server's answer and the note of it. Zero: whatever is the current one (RFC 8881 section 8.2.2).
                    held = held with { Sequence = 0 };
                    break;
                case NfsStatus.Grace:
                    // The server has restarted and the predecessor has reclaimed the lock; nobody is given new ones yet. The old session is gone, which must do.
                    return;
                case NfsStatus.Delay:
                    session.Pause(_takeOverPause);
                    break;
                default:
                    // One that says nothing about the lock's loss is met again by the first request.
                    if (IsStateLost(status) || status == NfsStatus.Denied)
                        LoseOrFence(status, "LOCK: the server does not know its lock any more");
                    return;
            }
        }
    }

    private void SetState(OpenState state)
    {
        _state = state;
        Keep();
    }

    /// <summary>Notes for a successor how the file is now.</summary>
    internal void Keep()
    {
        if (!_options.Resumable)
            return;
        OpenState state = _state;
        _session.KeepFile(_closed ? null : new NfsResumeState.FileState
        {
            Path = Path,
            Handle = _handle,
            Owner = _owner,
            DenyWrite = _options.DenyWrite,
            Synchronous = _options.Synchronous,
            Open = state.Open,
            Lock = state.Lock,
            Length = Length,
            ReadBytes = _readBytes,
            WriteBytes = _writeBytes,
            FencedBy = _fence is { } fence ? (uint)(fence.Status ?? NfsStatus.ServerFault) : 0,
        });
    }
}
