using Lofizone.Logs;
using Lofizone.Ownership;
using Lofizone.Shares;

namespace Lofizone.Engine;

/// <summary>
/// What a killed engine still has on its server: the open that denies others, and the lock, held for up to a lease time. Only the
/// same client owner can end them sooner: seen again with another verifier, it is a client that has restarted, and the server
/// discards its old state (RFC 8881 sections 18.35.4 and 18.36.4).
/// </summary>
internal static class EngineClaim
{
    /// <summary>A server that does not answer must not hold up whoever tidies up here: then the lease ends the claim.</summary>
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(3);

    /// <summary>The same for a command that was told not to wait.</summary>
    private static readonly TimeSpan _forcedLimit = TimeSpan.FromMilliseconds(500);

    /// <summary>Releases the claim; best effort. The engine must have ended: a living one would be thrown out.</summary>
    public static async Task ReleaseAsync(EngineParameters parameters, TimeProvider time, bool force, CancellationToken cancellation)
    {
        TimeSpan limitOfAll = force ? _forcedLimit : _limit;
        ShareUri uri = ShareUri.Parse(parameters.File);
        using CancellationTokenSource limit = new(limitOfAll, time);
        using CancellationTokenSource linked = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        string outcome = "released what the killed engine held on the server";
        try
        {
            await OwnerEviction.DiscardStateAsync(uri, parameters.Identity, parameters.ClientOwner, limitOfAll, time, linked.Token);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException && !cancellation.IsCancellationRequested)
        {
            outcome = $"the killed engine's lock stays on the server until its lease ends: {e.Message}";
        }

        EngineLog.Of(parameters).Write($"{parameters.File}: {outcome}");
    }
}
