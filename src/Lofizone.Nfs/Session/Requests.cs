using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Session.Calls;
using Lofizone.Nfs.Session.Slots;
using Lofizone.Nfs.Xdr;

namespace Lofizone.Nfs.Session;

/// <summary>Requests off the hot path: with a deadline for each answer, and again when the server says so.</summary>
internal static class Requests
{
    /// <summary>"At once" has an end: a server that answers so again and again is given time.</summary>
    public const int RepeatsWithoutPause = 4;

    /// <summary>
    /// Sends until there is an answer other than "later" or "session lost"; statuses of the operations are the caller's to judge.
    /// </summary>
    /// <param name="session">The session.</param>
    /// <param name="operation">Name for messages.</param>
    /// <param name="encode">Called anew for every try, so that it finds the current state IDs.</param>
    /// <param name="hard">Wait for the server without limit.</param>
    /// <param name="cancellation">Ends the waiting, not the request when it is sent already.</param>
    /// <param name="keepReply">The server keeps the answer for a retry; false for answers too large for that, of requests that may be
    /// executed twice.</param>
    /// <param name="requestBytes">Room for the encoded request.</param>
    /// <param name="answer">A status that says something to the caller, although it means "again" elsewhere.</param>
    /// <exception cref="NfsUnreachableException">No answer within the deadline.</exception>
    public static async Task<CompoundCall> RunAsync(
        NfsSession session, string operation, CompoundEncoder encode, CancellationToken cancellation, bool hard = false,
        bool keepReply = true, int requestBytes = CompoundCall.RequestBytes, NfsStatus answer = NfsStatus.Ok)
    {
        bool mayHaveRun = false;
        bool cache = keepReply;
        int repeats = 0;
        for (int attempt = 0; ; attempt++)
        {
            CompoundCall call = new();
            call.Reserve(requestBytes);
            Encode(session, call, encode, cache);
            Task<NfsStatus> completion = call.Completion.AsTask();
            session.Submit(call);
            NfsStatus status;
            try
            {
                TimeSpan limit = hard ? Timeout.InfiniteTimeSpan : session.Options.SetupDeadline;
                status = await completion.WaitAsync(limit, session.Options.TimeProvider, cancellation);
            }
            catch (TimeoutException error)
            {
                call.IsAbandoned = true;
                string limit = $"{session.Options.SetupDeadline.TotalSeconds:0.#} s";
                throw new NfsUnreachableException(session.Server, operation, $"no answer to {operation} within {limit}", error);
            }
            catch (OperationCanceledException)
            {
                call.IsAbandoned = true;
                throw;
            }
            if (IsLater(status))
            {
                await PauseAsync(session.Options.TimeProvider, attempt, cancellation);
            }
            else if (status == NfsStatus.RepTooBigToCache && cache)
            {
                // Not executed (section 15.1.10.6); only requests that may be executed twice have answers of that size.
                cache = false;
            }
            else if (IsRepeat(status) && status != answer)
            {
                // Executed and its answer lost, or never executed: only what it has changed can tell.
                mayHaveRun |= call.WasBound && status is NfsStatus.BadSession or NfsStatus.RetryUncachedRep;
                if (repeats++ >= RepeatsWithoutPause)
                    await PauseAsync(session.Options.TimeProvider, repeats - RepeatsWithoutPause, cancellation);
            }
            else
            {
                call.MayHaveRunBefore = mayHaveRun;
                return call;
            }
        }
    }

    /// <summary>The server is busy or in its grace period: ask again after a pause.</summary>
    public static bool IsLater(NfsStatus status) => status is NfsStatus.Delay or NfsStatus.Grace;

    /// <summary>The answer is lost or belongs to replaced state: ask again at once.</summary>
    public static bool IsRepeat(NfsStatus status) => status is NfsStatus.BadSession or NfsStatus.RetryUncachedRep or NfsStatus.OldStateId;

    /// <param name="time">The clock.</param>
    /// <param name="attempt">Refusals before this one.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    public static Task PauseAsync(TimeProvider time, int attempt, CancellationToken cancellation) =>
        Task.Delay(CallQueue.Pauses.After(attempt), time, cancellation);

    private static void Encode(NfsSession session, CompoundCall call, CompoundEncoder encode, bool cache)
    {
        XdrWriter writer = session.Begin(call, cache, inline: false);
        encode(ref writer);
        call.End(writer);
    }
}
