using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Session.Calls;
using Lofizone.Nfs.Session.Slots;
using Lofizone.Nfs.Xdr;

namespace Lofizone.Nfs.Session;

/// <summary>Requests off the hot path. Each answer has a deadline, and a request is repeated when the server asks for that.</summary>
internal static class RepeatedRequest
{
    /// <summary>Number of immediate repeats. A server that asks for more repeats is given time.</summary>
    public const int RepeatsWithoutPause = 4;

    /// <summary>
    /// Sends the request until there is an answer other than "later" or "session lost". The caller judges the statuses of the operations.
    /// </summary>
    /// <param name="session">The session.</param>
    /// <param name="operation">The operation's name, for messages.</param>
    /// <param name="encode">Encodes the request. Called for every try, so that each try has the current state IDs.</param>
    /// <param name="hard">Wait for the server without limit.</param>
    /// <param name="cancellation">Ends the waiting. A request that is sent already goes on.</param>
    /// <param name="keepReply">
    /// The server keeps the answer for a retry (sa_cachethis). False for answers too large for the server's cache; such requests must be
    /// safe to execute twice.
    /// </param>
    /// <param name="requestBytes">Room for the encoded request, bytes.</param>
    /// <param name="answer">A status that the caller handles, although the status means "try again" elsewhere.</param>
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
                // The server did not execute the request (RFC 8881 section 15.1.10.6). Only requests that may be executed twice have
                // answers of that size.
                cache = false;
            }
            else if (IsRepeat(status) && status != answer)
            {
                // Either the request was executed and its answer was lost, or the request was never executed. Only the state of the file
                // can tell.
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

    /// <summary>The server is busy or in its grace period, so the request is repeated after a pause.</summary>
    public static bool IsLater(NfsStatus status) => status is NfsStatus.Delay or NfsStatus.Grace;

    /// <summary>The answer is lost, or concerns replaced state, so the request is repeated at once.</summary>
    public static bool IsRepeat(NfsStatus status) => status is NfsStatus.BadSession or NfsStatus.RetryUncachedRep or NfsStatus.OldStateId;

    /// <param name="time">The clock.</param>
    /// <param name="attempt">Number of refusals before this one.</param>
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
