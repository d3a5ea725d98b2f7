using Lofizone.Basics;
using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Session;
using Lofizone.Nfs.Threading;

namespace Lofizone.Nfs.Files;

/// <summary>
/// Requests that wait because the server has no room (NFS4ERR_NOSPC, NFS4ERR_DQUOT). A file that is opened with HoldWhenFull repeats its
/// requests until there is room.
/// </summary>
internal sealed class RoomWait
{
    private static readonly BackOff _pauses = new(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(2));

    private readonly NfsSession _session;
    private readonly FileState _state;
    private readonly TaskCompletionSource _ended = new();

    /// <summary>
    /// Held while the number of waiting requests changes and listeners are told, so that listeners learn of the changes in order.
    /// </summary>
    private readonly Lock _gate = new();
    private NfsHold? _hold;

    public RoomWait(NfsSession session, FileState state)
    {
        (_session, _state) = (session, state);
        state.Ended += () => _ended.TrySetResult();
    }

    /// <summary>Raised when the first request begins to wait, and (with null) when the last wait has ended.</summary>
    public event Action<NfsHold?>? Changed;

    /// <summary>The present wait; null when no request waits.</summary>
    public NfsHold? Hold => Volatile.Read(ref _hold);

    /// <summary>Tells whether a request with this status waits for room instead of failing.</summary>
    public bool Holds(NfsStatus status) => _state.Options.HoldWhenFull && status is NfsStatus.NoSpc or NfsStatus.DQuot;

    private void Begin(NfsStatus status, bool isFirstTime)
    {
        lock (_gate)
        {
            if (_hold is { } hold)
            {
                Volatile.Write(ref _hold, hold with { Status = status, Waiting = hold.Waiting + (isFirstTime ? 1 : 0) });
                return;
            }
            Volatile.Write(ref _hold, new NfsHold(status, 1, _session.Options.TimeProvider.GetUtcNow()));
            Changed?.Invoke(_hold);
        }
    }

    private void End()
    {
        lock (_gate)
        {
            Volatile.Write(ref _hold, _hold is { Waiting: > 1 } hold ? hold with { Waiting = hold.Waiting - 1 } : null);
            if (_hold is null)
                Changed?.Invoke(null);
        }
    }

    /// <summary>One request. The request counts as waiting from its first pause until the turn is disposed of.</summary>
    public sealed class Turn(RoomWait wait) : IDisposable
    {
        private int _pausesMade;

        /// <summary>Returns when the request should be tried again. Throws when the file is fenced or closed.</summary>
        public async Task PauseAsync(NfsStatus status, CancellationToken cancellation)
        {
            try
            {
                await wait._ended.Task.WaitAsync(Next(status), wait._session.Options.TimeProvider, cancellation);
            }
            catch (TimeoutException)
            {
                // The file has not ended, so the request is tried again.
            }
            wait._state.ThrowIfUnusable();
        }

        /// <summary>Like <see cref="PauseAsync"/>, on the session's thread.</summary>
        public void Pause(NfsStatus status) => wait._session.Pause(Next(status));

        public void Dispose()
        {
            if (_pausesMade > 0)
                wait.End();
        }

        private TimeSpan Next(NfsStatus status)
        {
            wait.Begin(status, isFirstTime: _pausesMade == 0);
            return _pauses.After(_pausesMade++);
        }
    }
}
