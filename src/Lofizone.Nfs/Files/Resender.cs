using Lofizone.Nfs.Operations;
using Lofizone.Nfs.Packing;
using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Session;
using Lofizone.Nfs.Session.Calls;
using Lofizone.Nfs.Xdr;

namespace Lofizone.Nfs.Files;

/// <summary>
/// Writes again the data that the server may have lost: all data that no COMMIT has confirmed, in its order, with no other request in
/// flight.
/// </summary>
internal sealed class Resender(NfsSession session, FileState state, UncommittedData uncommitted, BlockSizes sizes, RoomWait room)
{
    private static readonly TimeSpan _serverPause = TimeSpan.FromMilliseconds(200);

    private volatile NfsStatus _refusal;
    private int _passes;

    /// <summary>
    /// Grows whenever data may be lost or is written again. A read counts only if the value is the same before and after the read.
    /// </summary>
    public int Passes => Volatile.Read(ref _passes);

    /// <summary>The server has refused data that it had lost, so a read would find older data.</summary>
    public bool IsRefused => _refusal != NfsStatus.Ok;

    /// <summary>
    /// The status with which the server refused the last resending. While the lock is lost no data is sent, so there is no refusal. A
    /// retaken lock clears the refusal before it ends the loss. Therefore the refusal is read on both sides of the loss.
    /// </summary>
    private NfsStatus Refusal => _refusal == NfsStatus.Ok || state.IsLost ? NfsStatus.Ok : _refusal;

    /// <summary>Forgets the refusal, because all data is sent again next.</summary>
    public void ForgetRefusal() => _refusal = NfsStatus.Ok;

    /// <summary>
    /// Notes that the server has refused the data, or has lost the data with a COMMIT that failed. The data must be written again before
    /// the next read.
    /// </summary>
    public void NoteNotStored(NfsStatus status)
    {
        _refusal = status;
        Interlocked.Increment(ref _passes);
    }

    /// <summary>Has the session's thread write all data again.</summary>
    /// <exception cref="NfsException">The server refuses the data.</exception>
    public async Task RunAsync()
    {
        await session.ResendUncommittedAsync();
        if (Refusal is not NfsStatus.Ok and var refusal)
            throw NfsException.For(refusal, "WRITE", state.Path);
    }

    /// <summary>Has data that the server refused written again, which may succeed now.</summary>
    /// <returns>The value of <see cref="Passes"/> from which on reads find all data.</returns>
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

    /// <summary>Writes all data again. Only for the session's thread.</summary>
    public void Run()
    {
        ForgetRefusal();
        // The pass is counted before the session is open for requests again: a read on its way may have found data that this pass repairs.
        Interlocked.Increment(ref _passes);
        try
        {
            UncommittedData.Entry[] entries = uncommitted.BeginResend();
            foreach (UncommittedData.Entry entry in entries)
            {
                if (state.Now.Phase >= FilePhase.Fenced || !Send(entry))
                    return;
            }
            // The use is noted when all entries were taken, not with each entry. Otherwise a server that takes the first entry and refuses
            // the second would have the lock taken again without end.
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
        // Reads would find older data until all data is sent, so all I/O waits for room together with this entry.
        using RoomWait.Turn turn = new(room);
        while (entry.IsHole ? done == 0 : done < entry.Length)
        {
            CompoundCall call = new();
            if (entry.IsHole)
                EncodeDeallocate(call, entry);
            else
                EncodeWrite(call, entry, done);
            NfsStatus status = session.Execute(call);
            // The server has executed the request and has not kept the answer. A new request asks again.
            bool isAnswerLost = status == NfsStatus.RetryUncachedRep;
            if (isAnswerLost || RepeatedRequest.IsLater(status))
            {
                if (!isAnswerLost || ++lostAnswers > RepeatedRequest.RepeatsWithoutPause)
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
            // Any other failure (an I/O error, no space) is left to the next COMMIT, which finds the data that is not stored and has it
            // sent again. No newer data may be sent before that, because older data would later overwrite it.
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
            // A changed verifier means that the server has restarted between two pieces, and may have lost the first piece.
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
