using System.Diagnostics;
using Lofizone.Nfs;

namespace Lofizone.Bench;

/// <summary>A fixed number of requests in flight on our NFS client, nothing above it.</summary>
internal sealed class ClientLoad(NfsFile file, FioRow row, long fileBytes)
{
    private readonly long _blocks = fileBytes / row.Bytes;
    private long _next;
    private long _answered;
    private volatile bool _stop;

    public async Task<double> MeasureAsync(TimeSpan warmUp, TimeSpan time, CancellationToken cancellation)
    {
        Task[] loops = [.. Enumerable.Range(0, row.Depth).Select(seed => LoopAsync(seed, cancellation))];
        await Task.Delay(warmUp, cancellation);
        long before = Interlocked.Read(ref _answered);
        long start = Stopwatch.GetTimestamp();
        await Task.WhenAny(Task.Delay(time, cancellation), Task.WhenAny(loops));
        long answered = Interlocked.Read(ref _answered) - before;
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        _stop = true;
        await Task.WhenAll(loops);
        return row.InUnit(answered, seconds);
    }

    private async Task LoopAsync(int seed, CancellationToken cancellation)
    {
        Random random = new(seed);
        byte[] buffer = new byte[row.Bytes];
        random.NextBytes(buffer);
        await Task.Yield();
        while (!_stop)
        {
            long block = row.IsRandom ? random.NextInt64(_blocks) : Interlocked.Increment(ref _next) % _blocks;
            if (row.Writes)
                await file.WriteAsync(block * row.Bytes, buffer, cancellation);
            else
                await file.ReadAsync(block * row.Bytes, buffer, cancellation);
            Interlocked.Increment(ref _answered);
        }
    }
}
