using Lofizone.Nfs.Operations;
using Lofizone.Nfs.Packing;
using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Resume;
using Lofizone.Nfs.Session;

namespace Lofizone.Nfs.Files;

/// <summary>
/// What is known of an open file: name, handle, owner, state IDs, length, and its <see cref="FilePhase"/>. Sends nothing.
/// </summary>
/// <param name="start">The file as OPEN has given it, or as a predecessor has kept it.</param>
/// <param name="options">How it was opened.</param>
/// <param name="keep">Writes the file down for a successor; null says that there is no file to go on with.</param>
internal sealed class FileState(NfsResumeState.FileState start, NfsOpenOptions options, Action<NfsResumeState.FileState?> keep)
    : IPackedFile
{
    private const string MovedAway =
        "the server has moved its file system to another server (NFS4ERR_MOVED), where nobody renews the lock; "
        + "attach the image there, by that server's address";

    /// <summary>
    /// Held while the standing changes and is written down, so that a successor finds the changes in their order. Readers take no lock.
    /// </summary>
    private readonly Lock _gate = new();
    private volatile Standing _now = Standing.Of(start);
    private long _length = start.Length;

    /// <summary>Phase and state IDs; replaced as a whole.</summary>
    public sealed record Standing(FilePhase Phase, StateId Open, StateId? Lock)
    {
        /// <summary>What the server said when it had dropped the lock; only in <see cref="FilePhase.Lost"/>.</summary>
        public NfsStatus LostBy { get; init; }

        /// <summary>Why the file is fenced. Stays when a fenced file is closed.</summary>
        public NfsFencedException? Fence { get; init; }

        /// <summary>The state ID that reads and writes carry.</summary>
        public StateId ForIo => Lock ?? Open;

        public static Standing Of(NfsResumeState.FileState start)
        {
            Standing open = new(start.Lock is null ? FilePhase.Open : FilePhase.Locked, start.Open, start.Lock);
            return start.FencedBy == 0 ? open : open with
            {
                Phase = FilePhase.Fenced,
                Fence = new NfsFencedException(
                    start.Path, (NfsStatus)start.FencedBy, "the engine before this one found that the lock was lost"),
            };
        }
    }

    /// <summary>Raised once, when the file is fenced or closed.</summary>
    public event Action? Ended;

    /// <summary>
    /// Raised once, behind <see cref="Ended"/>, when the file is fenced. An exception of a handler is kept in <see
    /// cref="NfsFencedException.HandlerFailure"/>.
    /// </summary>
    public event Action<NfsFencedException>? Fenced;

    public string Path => start.Path;

    public byte[] Handle => start.Handle;

    /// <summary>Open owner and lock owner.</summary>
    public byte[] Owner => start.Owner;

    public NfsOpenOptions Options => options;

    public Stability Stability => options.Synchronous ? Stability.FileSync : Stability.Unstable;

    public Standing Now => _now;

    public StateId StateId => _now.ForIo;

    public bool IsFenced => _now.Fence is not null;

    public bool IsLost => _now.Phase == FilePhase.Lost;

    /// <summary>Without a proof, a lost lock fences the file at once.</summary>
    public IOwnershipProof? Proof { get; set; }

    /// <summary>How often the lock was taken again since the server has taken a request under it.</summary>
    public int Retakes { get; set; }

    /// <summary>The client has started over to get the lock, since the server has taken a request under it.</summary>
    public bool HasStartedOver { get; set; }

    /// <summary>Length in bytes when opened, refreshed or last set.</summary>
    public long Length
    {
        get => Volatile.Read(ref _length);
        set => Volatile.Write(ref _length, value);
    }

    public void GrowTo(long end)
    {
        long length = Length;
        while (end > length)
        {
            long seen = Interlocked.CompareExchange(ref _length, end, length);
            if (seen == length)
                return;
            length = seen;
        }
    }

    /// <summary>
    /// A file moved to another server is lost with its state, because nobody renews the state there (RFC 8881 section 11.11).
    /// </summary>
    public static bool IsStateLost(NfsStatus status) =>
        status is NfsStatus.Expired or NfsStatus.AdminRevoked or NfsStatus.DelegRevoked
            or NfsStatus.BadStateId or NfsStatus.StaleStateId or NfsStatus.Moved;

    /// <summary>The phases that may follow each other.</summary>
    public static bool MayFollow(FilePhase now, FilePhase next) => now switch
    {
        FilePhase.Open => next is not FilePhase.Lost,
        FilePhase.Locked => true,
        FilePhase.Lost => next is not FilePhase.Lost,
        FilePhase.Fenced => next is FilePhase.Closed,
        _ => false,
    };

    /// <summary>The server has granted these state IDs, or has taken the lock back.</summary>
    /// <returns>False when the file is fenced or closed: the state is not used.</returns>
    public bool Grant(StateId open, StateId? held) =>
        TryChange(_ => new Standing(held is null ? FilePhase.Open : FilePhase.Locked, open, held));

    /// <summary>
    /// The server does not know the file's state any more. With a proof the lock is taken again; otherwise the file is fenced.
    /// </summary>
    /// <param name="status">What the server said.</param>
    /// <param name="what">Who found out, for the message of a fence.</param>
    public void LoseOrFence(NfsStatus status, string what)
    {
        if (status == NfsStatus.Moved || Proof is null || _now.Lock is null)
            FenceFor(status, what);
        else
            TryChange(now => now with { Phase = FilePhase.Lost, LostBy = status });
    }

    /// <summary>Fences with the server's status in the message.</summary>
    public void FenceFor(NfsStatus status, string what) =>
        Fence(status, status == NfsStatus.Moved ? MovedAway : $"{what} ({NfsStatusText.Describe(status)})");

    public void Fence(NfsStatus status, string why)
    {
        NfsFencedException fence = new(Path, status, why);
        if (!TryChange(now => now with { Phase = FilePhase.Fenced, Fence = fence }))
            return;
        Ended?.Invoke();
        foreach (Action<NfsFencedException> handler in Fenced?.GetInvocationList().Cast<Action<NfsFencedException>>() ?? [])
        {
            try
            {
                handler(fence);
            }
            catch (Exception error)
            {
                // This thread is the session's, or a request's of another user: neither may end with a handler.
                fence.HandlerFailure = error;
            }
        }
    }

    /// <returns>False when the file was closed before.</returns>
    public bool Close()
    {
        bool wasFenced = IsFenced;
        if (!TryChange(now => now with { Phase = FilePhase.Closed }))
            return false;
        if (!wasFenced)
            Ended?.Invoke();
        return true;
    }

    /// <summary>The server has taken a request under the lock: earlier losses do not count any more.</summary>
    public void NoteUse()
    {
        if (Retakes != 0 && !IsLost)
            (Retakes, HasStartedOver) = (0, false);
    }

    public void ThrowIfUnusable()
    {
        if (_now.Phase >= FilePhase.Fenced)
            throw Unusable()!;
    }

    /// <summary>Why the file can't be used; null while it can.</summary>
    public Exception? Unusable() => _now switch
    {
        { Phase: FilePhase.Closed } => new ObjectDisposedException(Path),
        { Fence: { } fence } => new NfsFencedException(Path, fence.Status, fence.Why),
        _ => null,
    };

    private bool TryChange(Func<Standing, Standing> change)
    {
        lock (_gate)
        {
            Standing next = change(_now);
            if (!MayFollow(_now.Phase, next.Phase))
                return false;
            _now = next;
            Keep();
            return true;
        }
    }

    /// <summary>Writes the file down for a successor. The gate is held.</summary>
    private void Keep()
    {
        if (!options.Resumable)
            return;
        Standing now = _now;
        keep(now.Phase == FilePhase.Closed ? null : start with
        {
            Open = now.Open,
            Lock = now.Lock,
            Length = Length,
            FencedBy = now.Fence is { } fence ? (uint)(fence.Status ?? NfsStatus.ServerFault) : 0,
        });
    }
}
