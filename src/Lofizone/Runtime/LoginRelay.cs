using System.Runtime.InteropServices;
using Lofizone.Interop;

namespace Lofizone.Runtime;

/// <summary>Descriptors of the user who logs in.</summary>
public sealed record LoginStreams(int Input, int Output, int Error)
{
    public static LoginStreams Standard { get; } = new(0, 1, 2);
}

/// <summary>
/// Carries bytes between the streams of a login and those of a command in a zone. The command has streams of its own: pipes, or a terminal
/// of the zone. The relay ends when the command ends, even if other processes in the zone still hold the other ends.
/// </summary>
internal sealed class LoginRelay : IDisposable
{
    /// <summary>
    /// Limit for the bytes that are passed on after the command's end: the capacity of a pipe (pipe-max-size), and so all that the command
    /// wrote.
    /// </summary>
    private const int DrainLimitBytes = 1 << 20;

    private const int BufferBytes = 64 << 10;
    private static readonly TimeSpan _forEver = Timeout.InfiniteTimeSpan;

    private readonly Pipe _ended = Pipe.Open();
    private readonly CancellationTokenSource _left = new();
    private readonly List<Task> _outputs = [];

    /// <summary>Cancelled when the user leaves by the escape.</summary>
    public CancellationToken Left => _left.Token;

    /// <summary>Passes on bytes from <paramref name="from"/>, and closes <paramref name="to"/> at their end.</summary>
    /// <param name="from">The user's input.</param>
    /// <param name="to">The command's input.</param>
    /// <param name="escapeKey">The key that leaves the login; null for no such key.</param>
    public void Input(int from, FileDescriptor to, byte? escapeKey = null) => _ = Start(() =>
    {
        ConsoleEscape escape = new(escapeKey);
        List<byte> passed = [];
        byte[] buffer = new byte[BufferBytes];
        while (ReadyBeforeEnd(from) && Polling.Read(from, buffer) is > 0 and int count)
        {
            passed.Clear();
            bool left = escape.Take(buffer.AsSpan(0, count), passed);
            Polling.WriteAll(to.Number, CollectionsMarshal.AsSpan(passed));
            if (!left)
                continue;
            _left.Cancel();
            return;
        }

        if (!Terminal.IsMaster(to.Number))
            to.Dispose();
    });

    /// <summary>Passes on the command's output. When the reader is gone, the command gets SIGPIPE.</summary>
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

    /// <summary>Passes on the rest of the output after the command's end.</summary>
    public async Task EndAsync(CancellationToken cancellation)
    {
        _ended.Write.Dispose();
        await Task.WhenAll(_outputs).WaitAsync(cancellation);
    }

    // The read end stays open, because a thread may still wait on it. It ends with the process.
    // The same holds for the source of Left.
    public void Dispose() => _ended.Write.Dispose();

    private static bool IsReady(int descriptor)
    {
        PollDescriptor readable = new(descriptor);
        return Polling.Wait(new Span<PollDescriptor>(ref readable), TimeSpan.Zero);
    }

    /// <summary>Waits until a byte can be read. False once the command has ended.</summary>
    private bool ReadyBeforeEnd(int descriptor)
    {
        Span<PollDescriptor> watched = [new(descriptor), new(_ended.Read.Number)];
        while (!Polling.Wait(watched, _forEver))
        {
            // A signal interrupted the wait, so the loop waits again.
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
                // The other side has closed its end.
            }
        },
        CancellationToken.None,
        TaskCreationOptions.LongRunning,
        TaskScheduler.Default);
}
