using Lofizone.Testing.Fuse;

namespace Lofizone.Fuse.Tests;

/// <summary>A file whose requests fail while a test wants that.</summary>
internal sealed class FailingFile(long length) : IBlockFile
{
    private readonly MemoryBlockFile _file = new(length);

    public bool Failing { get; set; }

    public long Length => length;

    public ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellation) =>
        Failing ? ValueTask.FromException<int>(new IOException("told to fail")) : _file.ReadAsync(offset, buffer, cancellation);

    public ValueTask WriteAsync(long offset, ReadOnlyMemory<byte> data, CancellationToken cancellation) => _file.WriteAsync(offset, data, cancellation);

    public ValueTask FlushAsync(CancellationToken cancellation) => _file.FlushAsync(cancellation);

    public ValueTask PunchHoleAsync(long offset, long length, CancellationToken cancellation) => _file.PunchHoleAsync(offset, length, cancellation);
}

/// <summary>
/// A file whose reads wait for each other. The reads end when their number reaches the gate's, or when the gate is opened.
/// </summary>
internal sealed class GatedFile(long length, int waiters) : IBlockFile
{
    private readonly TaskCompletionSource _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _entered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _waiting;

    public long Length => length;

    /// <summary>Completes at the first read.</summary>
    public Task Entered => _entered.Task;

    public void Open() => _gate.TrySetResult();

    public async ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellation)
    {
        _entered.TrySetResult();
        if (Interlocked.Increment(ref _waiting) == waiters)
            _gate.TrySetResult();
        await _gate.Task;
        buffer.Span.Clear();
        return buffer.Length;
    }

    public ValueTask WriteAsync(long offset, ReadOnlyMemory<byte> data, CancellationToken cancellation) => ValueTask.CompletedTask;

    public ValueTask FlushAsync(CancellationToken cancellation) => ValueTask.CompletedTask;

    public ValueTask PunchHoleAsync(long offset, long length, CancellationToken cancellation) => throw new NotSupportedException();
}

/// <summary>A file whose reads end one byte early, which breaks the contract.</summary>
internal sealed class ShortFile(long length) : IBlockFile
{
    public long Length => length;

    public ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellation) => ValueTask.FromResult(buffer.Length - 1);

    public ValueTask WriteAsync(long offset, ReadOnlyMemory<byte> data, CancellationToken cancellation) => ValueTask.CompletedTask;

    public ValueTask FlushAsync(CancellationToken cancellation) => ValueTask.CompletedTask;

    public ValueTask PunchHoleAsync(long offset, long length, CancellationToken cancellation) => ValueTask.CompletedTask;
}

/// <summary>A file whose reads end only by cancellation, like reads of a server that is away.</summary>
internal sealed class StuckFile(long length) : IBlockFile
{
    private readonly TaskCompletionSource _entered = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public long Length => length;

    /// <summary>Completes at the first read.</summary>
    public Task Entered => _entered.Task;

    public async ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellation)
    {
        _entered.TrySetResult();
        await Task.Delay(Timeout.Infinite, cancellation);
        return 0;
    }

    public ValueTask WriteAsync(long offset, ReadOnlyMemory<byte> data, CancellationToken cancellation) => ValueTask.CompletedTask;

    public ValueTask FlushAsync(CancellationToken cancellation) => ValueTask.CompletedTask;

    public ValueTask PunchHoleAsync(long offset, long length, CancellationToken cancellation) => throw new NotSupportedException();
}
