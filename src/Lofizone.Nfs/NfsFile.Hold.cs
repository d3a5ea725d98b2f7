using Lofizone.Nfs.Protocol;

namespace Lofizone.Nfs;

/// <summary>A server without room (NFS4ERR_NOSPC, NFS4ERR_DQUOT): what was asked for waits and is tried again, if the file was opened so.</summary>
public sealed partial class NfsFile
{
    private static readonly TimeSpan _firstHoldPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan _longestHoldPause = TimeSpan.FromSeconds(2);

    private readonly Lock _holdGate = new();
    private readonly CancellationTokenSource _ended = new();
    private int _holding;
    private NfsStatus _holdStatus;
    private DateTimeOffset _holdSince;

    /// <summary>What waits for room on the server now; null when nothing does.</summary>
    public NfsHold? Hold
    {
        get
        {
            lock (_holdGate)
                return _holding == 0 ? null : new NfsHold(_holdStatus, _holding, _holdSince);
        }
    }

    /// <summary>Called when the first request begins to wait for room (with the hold), and when the last one does no more (null); on threads of the client, which it must not hold up.</summary>
    public event Action<NfsHold?>? HoldChanged;

    private bool IsHeldBy(NfsStatus status) => _options.HoldWhenFull && status is NfsStatus.NoSpc or NfsStatus.DQuot;

    /// <summary>One request that waits for room: counted from its first refusal until it is disposed of.</summary>
    private sealed class Holding(NfsFile file) : IDisposable
    {
        private int _attempts;

        /// <summary>Returns when it is time for another try; throws when the file is fenced or closed.</summary>
        public async Task PauseAsync(NfsStatus status, CancellationToken cancellation)
        {
            using CancellationTokenSource linked = CancellationTokenSource.CreateLinkedTokenSource(file._ended.Token, cancellation);
            try
            {
                await Task.Delay(Next(status), file._session.Options.TimeProvider, linked.Token);
            }
            catch (OperationCanceledException)
            {
                cancellation.ThrowIfCancellationRequested();
            }
            file.ThrowIfUnusable();
        }

        /// <summary>The same on the session's thread.</summary>
        public void Pause(NfsStatus status) => file._session.Pause(Next(status));

        public void Dispose()
        {
            if (_attempts == 0)
                return;
            lock (file._holdGate)
            {
                // Told under the lock: in the order in which it happened.
                if (--file._holding == 0)
                    file.HoldChanged?.Invoke(null);
            }
        }

        private TimeSpan Next(NfsStatus status)
        {
            lock (file._holdGate)
            {
                bool begins = _attempts == 0 && file._holding++ == 0;
                file._holdStatus = status;
                if (begins)
                {
                    file._holdSince = file._session.Options.TimeProvider.GetUtcNow();
                    file.HoldChanged?.Invoke(new NfsHold(status, file._holding, file._holdSince));
                }
            }
            long ticks = _firstHoldPause.Ticks << Math.Min(_attempts++, 10);
            return TimeSpan.FromTicks(Math.Min(ticks, _longestHoldPause.Ticks));
        }
    }
}
