using System.Text;
using Lofizone.Interop;

namespace Lofizone.Cli.Output;

/// <summary>
/// Standard output and error of a command. .NET's own writer silently drops output that a closed pipe refuses, so a command whose reader is
/// gone would run forever. A full disk behind standard error would throw an exception during the report of another one.
/// </summary>
internal static class CommandOutput
{
    private const int Output = 1, Error = 2;

    /// <summary>Called once, before any file is opened.</summary>
    public static void Open()
    {
        StandardDescriptors.Reserve();
        Encoding encoding = Console.OutputEncoding;
        Console.SetOut(Writer(new DescriptorStream(Output, errno => throw new OutputLostException(errno)), encoding));
        Console.SetError(Writer(new DescriptorStream(Error, _ => { }), encoding));
    }

    /// <summary>
    /// A token that is cancelled when standard output has no reader any more. Null where that shows only at a write (a file, a terminal).
    /// </summary>
    public static CancellationTokenSource? WatchReader(CancellationToken cancellation)
    {
        if (!StandardDescriptors.HasReader(Output))
            return null;
        CancellationTokenSource gone = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Thread watch = new(() =>
        {
            StandardDescriptors.WaitForReadersEnd(Output);
            try
            {
                gone.Cancel();
            }
            catch (ObjectDisposedException)
            {
                // The command has ended earlier.
            }
        })
        {
            IsBackground = true,
            Name = "output",
        };
        watch.Start();
        return gone;
    }

    /// <summary>Ends an endless display when its reader ends, and not only at the next line.</summary>
    public static async Task<int> WhileReadAsync(Func<CancellationToken, Task<int>> run, CancellationToken cancellation)
    {
        using CancellationTokenSource? reader = WatchReader(cancellation);
        int result = await run(reader?.Token ?? cancellation);
        return reader is { IsCancellationRequested: true } && !cancellation.IsCancellationRequested ? Failure.ExitNoReader : result;
    }

    private static StreamWriter Writer(Stream stream, Encoding encoding) => new(stream, WithoutPreamble(encoding)) { AutoFlush = true };

    /// <summary>Replaces characters that the terminal's character set lacks by question marks.</summary>
    private static Encoding WithoutPreamble(Encoding encoding) => encoding is UTF8Encoding
        ? new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)
        : encoding;

    private sealed class DescriptorStream(int descriptor, Action<Errno> lost) : Stream
    {
        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            try
            {
                Polling.WriteAll(descriptor, buffer);
            }
            catch (LinuxException error)
            {
                lost(error.Errno);
            }
        }

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
