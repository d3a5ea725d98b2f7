using Lofizone.Interop;

namespace Lofizone.Runtime;

/// <summary>Descriptors of whoever logs in.</summary>
public sealed record LoginStreams(int Input, int Output, int Error)
{
    public static LoginStreams Standard { get; } = new(0, 1, 2);
}

/// <summary>
/// Carries bytes between the streams of whoever logs in and those of a command in a zone, which are others: pipes, or a terminal of the
/// zone's own. The command's end is the relay's end, whoever in the zone still holds the other ends.
/// </summary>
internal sealed class LoginRelay : IDisposable
{
    /// <summary>
    /// Most that is passed on after the command's end, bytes: what a pipe can hold (pipe-max-size), and so all that the command wrote.
    /// </summary>
    private const int DrainLimitBytes = 1 << 20;

    private const int BufferBytes = 64 << 10;
    private static readonly TimeSpan _forEver = Timeout.InfiniteTimeSpan;

    private readonly Pipe _ended = Pipe.Open();
    private readonly List<Task> _outputs = [];

    /// <summary>Passes on what comes from <paramref name="from"/>; closes <paramref name="to"/> at its end.</summary>
    public void Input(int from, FileDescriptor to) => _ = Start(() =>
    {
        byte[] buffer = new byte[BufferBytes];
        while (ReadyBeforeEnd(from) && Polling.Read(from, buffer) is > 0 and int count)
            Polling.WriteAll(to.Number, buffer.AsSpan(0, count));
        if (!Terminal.IsMaster(to.Number))
            to.Dispose();
    });

    /// <summary>Passes on what the command says; when nobody takes it any more, the command is told so by SIGPIPE.</summary>
    public void Output(FileDescriptor from, int to) => _outputs.Add(Start(() =>
    {
        byte[] buffer = new byte[BufferBytes];
        try
        {
            while (ReadyBeforeEnd(from.Number))
            {
                if (Polling.Read(from.Number, buffer) is not (> 0 and int count))
                    return;
                Polling.WriteAll(to, buffer.AsSpan(0, count));
            }

            for (int left = DrainLimitBytes; left > 0 && IsReady(from.Number);)
            {
                int count = Polling.Read(from.Number, buffer.AsSpan(0, Math.Min(left, buffer.Length)));
                if (count <= 0)
                    return;
                left -= count;
                Polling.WriteAll(to, buffer.AsSpan(0, count));
            }
        }
        catch (LinuxException)
        {
            if (!Terminal.IsMaster(from.Number))
                from.Dispose();
        }
    }));

    /// <summary>The command has ended: passes on what it has left.</summary>
    public async Task EndAsync(CancellationToken cancellation)
    {
        _ended.Write.Dispose();
        await Task.WhenAll(_outputs).WaitAsync(cancellation);
    }

    // The read end stays: a thread may still wait in it, and ends with the process.
    public void Dispose() => _ended.Write.Dispose();

    private static bool IsReady(int descriptor)
    {
        PollDescriptor readable = new(descriptor);
        return Polling.Wait(new Span<PollDescriptor>(ref readable), TimeSpan.Zero);
    }

    /// <summary>Waits until something can be read; false once the command has ended.</summary>
    private bool ReadyBeforeEnd(int descriptor)
    {
        Span<PollDescriptor> watched = [new(descriptor), new(_ended.Read.Number)];
        while (!Polling.Wait(watched, _forEver))
        {
            // A signal came.
        }

        return !watched[1].Ready;
    }

    private static Task Start(Action work) => Task.Factory.StartNew(
        () =>
        {
            try
            {
                work();
            }
            catch (Exception e) when (e is LinuxException or ObjectDisposedException)
            {
                // The other side has gone.
            }
        },
        CancellationToken.None,
        TaskCreationOptions.LongRunning,
        TaskScheduler.Default);
}
