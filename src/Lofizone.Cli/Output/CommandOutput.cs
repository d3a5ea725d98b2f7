using System.Text;
using Lofizone.Interop;

namespace Lofizone.Cli.Output;

/// <summary>
/// Standard output and error as a command needs them. .NET's own writer drops what a closed pipe refuses without a word, so that a command
/// whose reader is gone would go on for ever; and a full disk below standard error would be an exception in the midst of telling another
/// one.
/// </summary>
internal static class CommandOutput
{
    private const int Output = 1, Error = 2;

    /// <summary>Called once, before anything else is opened.</summary>
    public static void Open()
    {
        StandardDescriptors.Reserve();
        Encoding encoding = Console.OutputEncoding;
        Console.SetOut(Writer(new DescriptorStream(Output, errno => throw new OutputLostException(errno)), encoding));
        Console.SetError(Writer(new DescriptorStream(Error, _ => { }), encoding));
    }

    /// <summary>
    /// A token that ends when nobody reads standard output any more; null where that can't be known before a write (a file, a terminal).
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
                // The command was faster.
            }
        })
        {
            IsBackground = true,
            Name = "output",
        };
        watch.Start();
        return gone;
    }

    private static StreamWriter Writer(Stream stream, Encoding encoding) => new(stream, WithoutPreamble(encoding)) { AutoFlush = true };

    /// <summary>What the terminal's character set lacks becomes a question mark.</summary>
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
