using Lofizone.Nfs.Operations;
using Lofizone.Nfs.Packing;
using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Resume;
using Lofizone.Nfs.Session;

namespace Lofizone.Nfs.Files;

/// <summary>
/// The known facts of an open file: name, handle, owner, state IDs, length and <see cref="FilePhase"/>. This class sends nothing.
/// </summary>
/// <param name="start">The file as the reply to OPEN describes it, or as a predecessor has kept it.</param>
/// <param name="options">The options of the open.</param>
/// <param name="keep">Keeps the file's state for a successor. Null says that there is no file to take over.</param>
internal sealed class FileState(NfsResumeState.FileState start, NfsOpenOptions options, Action<NfsResumeState.FileState?> keep)
    : IPackedFile
{
    private const string MovedAway =
        "the server has moved its file system to another server (NFS4ERR_MOVED), where nobody renews the lock; "
        + "attach the image there, by that server's address";

    /// <summary>
    /// Held while the standing changes and is kept, so that a successor finds the changes in order. Readers take no lock.
    /// </summary>
    private readonly Lock _gate = new();
    private volatile Standing _now = Standing.Of(start);
    private long _length = start.Length;

    /// <summary>Phase and state IDs, replaced as a whole.</summary>
    public sealed record Standing(FilePhase Phase, StateId Open, StateId? Lock)
    {
        /// <summary>The server's status when it had dropped the lock; only in <see cref="FilePhase.Lost"/>.</summary>
        public NfsStatus LostBy { get; init; }

        /// <summary>Reason why the file is fenced. Stays when a fenced file is closed.</summary>
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
    /// Raised once, after <see cref="Ended"/>, when the file is fenced. The exception of a handler is kept in
    /// <see cref="NfsFencedException.HandlerFailure"/>.
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

    /// <summary>Proof of the image's ownership; null when there is none, and a lost lock fences the file at once.</summary>
    public IOwnershipProof? Proof { get; set; }

    /// <summary>Number of times that the lock was taken again since the server last accepted a request under the lock.</summary>
    public int Retakes { get; set; }

    /// <summary>
    /// The client has presented itself as restarted to get the lock, since the server last accepted a request under the lock.
    /// </summary>
    public bool HasStartedOver { get; set; }

    /// <summary>Length in bytes, as of the open, the last refresh or the last change.</summary>
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
    /// Tells whether the status means that the state is lost. The state of a file that has moved to another server is lost, because no
    /// client renews the state there (RFC 8881 section 11.11).
    /// </summary>
    public static bool IsStateLost(NfsStatus status) =>
        status is NfsStatus.Expired or NfsStatus.AdminRevoked or NfsStatus.DelegRevoked
            or NfsStatus.BadStateId or NfsStatus.StaleStateId or NfsStatus.Moved;

    /// <summary>Tells whether one phase may follow the other.</summary>
    public static bool MayFollow(FilePhase now, FilePhase next) => now switch
    {
        FilePhase.Open => next is not FilePhase.Lost,
        FilePhase.Locked => true,
        FilePhase.Lost => next is not FilePhase.Lost,
        FilePhase.Fenced => next is FilePhase.Closed,
        _ => false,
    };

    /// <summary>Notes the state IDs that the server has granted, or that the lock is given up.</summary>
    /// <returns>False when the file is fenced or closed, so that the state is not used.</returns>
    public bool Grant(StateId open, StateId? held) =>
        TryChange(_ => new Standing(held is null ? FilePhase.Open : FilePhase.Locked, open, held));

    /// <summary>
    /// Handles that the server does not know the file's state any more. With a proof the lock is taken again; otherwise the file is fenced.
    /// </summary>
    /// <param name="status">The server's status.</param>
    /// <param name="what">The request that found the loss, for the message of a fence.</param>
    public void LoseOrFence(NfsStatus status, string what)
    {
        if (status == NfsStatus.Moved || Proof is null || _now.Lock is null)
            FenceFor(status, what);
        else
            TryChange(now => now with { Phase = FilePhase.Lost, LostBy = status });
    }

    /// <summary>Fences the file, with the server's status in the message.</summary>
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
                // This is the session's thread, or the thread of another user's request. An exception of a handler must end neither.
                fence.HandlerFailure = error;
            }
        }
    }

    /// <returns>False when the file was closed already.</returns>
    public bool Close()
    {
        bool wasFenced = IsFenced;
        if (!TryChange(now => now with { Phase = FilePhase.Closed }))
            return false;
        if (!wasFenced)
            Ended?.Invoke();
        return true;
    }

    /// <summary>Notes that the server has accepted a request under the lock. Earlier losses do not count any more.</summary>
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

    /// <summary>Reason why the file can't be used; null while the file is usable.</summary>
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

    /// <summary>Keeps the file's state for a successor. The gate is held.</summary>
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
