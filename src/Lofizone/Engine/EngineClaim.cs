using Lofizone.Logs;
using Lofizone.Ownership;
using Lofizone.Shares;

namespace Lofizone.Engine;

/// <summary>
/// The claim that a killed engine still has on its server: the open that denies others, and the lock. The server keeps both for up to a
/// lease time. Only the same client owner can end the claim sooner. When the server sees the owner with another verifier, the owner is a
/// client that has restarted, and the server discards its old state (RFC 8881 sections 18.35.4 and 18.36.4).
/// </summary>
internal static class EngineClaim
{
    /// <summary>
    /// Limit for a server that does not answer, so that the command that cleans up goes on. The end of the lease then ends the claim.
    /// </summary>
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(3);

    /// <summary>Limit for a command that was told not to wait.</summary>
    private static readonly TimeSpan _forcedLimit = TimeSpan.FromMilliseconds(500);

    /// <summary>Releases the claim, if that is possible. The engine must have ended: the release would evict a living engine.</summary>
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
