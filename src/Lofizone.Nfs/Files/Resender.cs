using Lofizone.Nfs.Operations;
using Lofizone.Nfs.Packing;
using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Session;
using Lofizone.Nfs.Session.Calls;
using Lofizone.Nfs.Xdr;

namespace Lofizone.Nfs.Files;

/// <summary>
/// Writes again what the server may have lost: all data that no COMMIT has confirmed, in its order, with nothing else in flight.
/// </summary>
internal sealed class Resender(NfsSession session, FileState state, UncommittedData uncommitted, BlockSizes sizes, RoomWait room)
{
    private static readonly TimeSpan _serverPause = TimeSpan.FromMilliseconds(200);

    private volatile NfsStatus _refusal;
    private int _passes;

    /// <summary>Grows whenever data may be lost or is written again. A read counts only if this is the same before and after it.</summary>
    public int Passes => Volatile.Read(ref _passes);

    /// <summary>The server has refused what it had lost: a read would find older data.</summary>
    public bool IsRefused => _refusal != NfsStatus.Ok;

    /// <summary>
    /// What the server refused when the data was last sent again. While the lock is lost nothing is sent, so nothing was refused. A lock
    /// that
    /// is taken again clears the refusal before it ends the loss, so the refusal is looked at on both sides of the loss.
    /// </summary>
    private NfsStatus Refusal => _refusal == NfsStatus.Ok || state.IsLost ? NfsStatus.Ok : _refusal;

    /// <summary>Everything is sent again next, so the refusal says nothing any more.</summary>
    public void ForgetRefusal() => _refusal = NfsStatus.Ok;

    /// <summary>
    /// The server has refused the data, or has lost it with a COMMIT that failed: the data must be written again before the next read.
    /// </summary>
    public void NoteNotStored(NfsStatus status)
    {
        _refusal = status;
        Interlocked.Increment(ref _passes);
    }

    /// <summary>Has the session's thread write everything again.</summary>
    /// <exception cref="NfsException">The server refuses the data.</exception>
    public async Task RunAsync()
    {
        await session.ResendUncommittedAsync();
        if (Refusal is not NfsStatus.Ok and var refusal)
            throw NfsException.For(refusal, "WRITE", state.Path);
    }

    /// <summary>Has the data that the server refused written again, which may go well by now.</summary>
    /// <returns><see cref="Passes"/> from when on all data is where a read finds it.</returns>
    /// <exception cref="NfsException">The server still refuses the data.</exception>
    public async ValueTask<int> RequireStoredAsync()
    {
        while (true)
        {
            await session.ResendUncommittedAsync();
            state.ThrowIfUnusable();
            int passes = Passes;
            if (Refusal is not NfsStatus.Ok and var refusal)
                throw NfsException.For(refusal, "WRITE", state.Path);
            if (!IsRefused)
                return passes;
        }
    }

    /// <summary>The session's thread: writes everything again.</summary>
    public void Run()
    {
        ForgetRefusal();
        // Counted before the session is open for requests again: a read that was on its way may have found what is about to be mended.
        Interlocked.Increment(ref _passes);
        try
        {
            UncommittedData.Entry[] entries = uncommitted.BeginResend();
            foreach (UncommittedData.Entry entry in entries)
            {
                if (state.Now.Phase >= FilePhase.Fenced || !Send(entry))
                    return;
            }
            // Noted when all went well, not with each entry: a server that takes the first and not the second would have the lock taken
            // again without end.
            if (entries.Length > 0)
                state.NoteUse();
        }
        finally
        {
            uncommitted.EndResend();
        }
    }

    private bool Send(UncommittedData.Entry entry)
    {
        int done = 0;
        int lostAnswers = 0;
        // Reads would find older data until everything is sent, so all I/O waits for room with this entry.
        using RoomWait.Turn turn = new(room);
        while (entry.IsHole ? done == 0 : done < entry.Length)
        {
            CompoundCall call = new();
            if (entry.IsHole)
                EncodeDeallocate(call, entry);
            else
                EncodeWrite(call, entry, done);
            NfsStatus status = session.Execute(call);
            // Executed, and the answer was not kept: asked again by a request of its own.
            bool isAnswerLost = status == NfsStatus.RetryUncachedRep;
            if (isAnswerLost || Requests.IsLater(status))
            {
                if (!isAnswerLost || ++lostAnswers > Requests.RepeatsWithoutPause)
                    session.Pause(_serverPause);
                continue;
            }
            if (FileState.IsStateLost(status))
            {
                state.LoseOrFence(status, "the server does not accept its lock any more");
                return false;
            }
            if (sizes.TryShrink(status, write: true))
                continue;
            if (room.Holds(status) && state.Now.Phase != FilePhase.Closed)
            {
                turn.Pause(status);
                continue;
            }
            // Any other failure (an I/O error, no space) is left to the next COMMIT, which finds what is not stored and has it sent again.
            // Nothing newer may be sent before that: older data would overwrite it then.
            if (status != NfsStatus.Ok)
            {
                NoteNotStored(status);
                return false;
            }
            if (entry.IsHole)
            {
                uncommitted.SetVerifier(entry, 0);
                break;
            }
            Write.Result result = FileBlock.DecodeWrite(call);
            // Another verifier: the server has restarted between two pieces, and the first one may be gone.
            done = done > 0 && result.Verifier != entry.Verifier ? 0 : done + result.Count;
            uncommitted.SetVerifier(entry, result.Verifier);
            session.Statistics.CountResent(result.Count);
        }
        entry.IsStored = true;
        return true;
    }

    private void EncodeWrite(CompoundCall call, UncommittedData.Entry entry, int done)
    {
        Memory<byte> data = entry.Buffer!.Value.Memory[done..];
        FileBlock.EncodeWrite(session, call, state, entry.Offset + done, data[..Math.Min(data.Length, sizes.WriteLimit)]);
    }

    private void EncodeDeallocate(CompoundCall call, UncommittedData.Entry entry)
    {
        XdrWriter writer = session.Begin(call, cache: false, inline: true);
        FileHandle.EncodePut(ref writer, state.Handle);
        Deallocate.Encode(ref writer, state.StateId, entry.Offset, entry.Length);
        call.Owner = state;
        call.End(writer);
    }
}
