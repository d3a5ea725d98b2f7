using System.Threading.Tasks.Sources;
using Lofizone.Nfs.Operations;
using Lofizone.Nfs.Protocol;

namespace Lofizone.Nfs.Session.Calls;

/// <summary>
/// One READ or WRITE, pooled and used again, awaited through <see cref="Completion"/>. The caller's memory is in use until the block
/// completes.
/// </summary>
internal class BlockIo : IValueTaskSource<NfsStatus>
{
    private ManualResetValueTaskSourceCore<NfsStatus> _source;

    /// <summary>A WRITE; otherwise a READ.</summary>
    public bool IsWrite { get; private set; }

    public long Offset { get; private set; }

    /// <summary>The data that a WRITE sends.</summary>
    public ReadOnlyMemory<byte> Data { get; private set; }

    /// <summary>The memory that a READ fills.</summary>
    public Memory<byte> Destination { get; private set; }

    /// <summary>Bytes to move.</summary>
    public int Length => IsWrite ? Data.Length : Destination.Length;

    /// <summary>Result of a READ: bytes in <see cref="Destination"/>.</summary>
    public int ReadCount { get; set; }

    /// <summary>Result of a READ.</summary>
    public bool EndOfFile { get; set; }

    /// <summary>Result of a WRITE.</summary>
    public Write.Result Written { get; set; }

    /// <summary>Epoch of the COMPOUND that carried the block, see <see cref="CompoundCall.Epoch"/>.</summary>
    public long Epoch { get; set; }

    /// <summary>The block's status. Continuations run on the thread that receives.</summary>
    public ValueTask<NfsStatus> Completion => new(this, _source.Version);

    public void BeginRead(long offset, Memory<byte> destination)
    {
        Begin(offset);
        (IsWrite, Destination) = (false, destination);
    }

    public void BeginWrite(long offset, ReadOnlyMemory<byte> data)
    {
        Begin(offset);
        (IsWrite, Data) = (true, data);
    }

    /// <summary>Lets go of the caller's memory.</summary>
    public void Clear() => (Data, Destination) = (default, default);

    public void Complete(NfsStatus status) => _source.SetResult(status);

    public void Fail(Exception failure) => _source.SetException(failure);

    NfsStatus IValueTaskSource<NfsStatus>.GetResult(short token) => _source.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<NfsStatus>.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource<NfsStatus>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);

    private void Begin(long offset)
    {
        _source.Reset();
        Offset = offset;
        ReadCount = 0;
        EndOfFile = false;
        Written = default;
    }
}
