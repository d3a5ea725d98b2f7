using System.Runtime.CompilerServices;
using Lofizone.Interop;

namespace Lofizone.Fuse;

/// <summary>
/// One READ, WRITE, FSYNC or FALLOCATE under way. The object is used again and again, and its continuations are made once, so that a
/// request costs no allocation. The reply is sent by the thread that completes the store's task, on the descriptor that the request came
/// from.
/// </summary>
internal sealed class FuseRequest
{
    private static readonly int _headerBytes = Unsafe.SizeOf<FuseOutHeader>();

    private readonly FuseServer _server;
    private readonly Action _readDone;
    private readonly Action _otherDone;
    private ValueTaskAwaiter<int> _read;
    private ValueTaskAwaiter _other;
    private byte[]? _buffer;
    private int _descriptor;
    private ulong _unique;
    private FuseOpcode _opcode;
    private int _size;
    private long _startedAt;
    private bool _failed;

    public FuseRequest(FuseServer server)
    {
        _server = server;
        _readDone = FinishRead;
        _otherDone = FinishOther;
    }

    /// <param name="descriptor">The descriptor that the request came from and the reply must go to.</param>
    /// <param name="header">The request's header.</param>
    /// <param name="buffer">The request's buffer, which the reply gives back to the pool; null for a request without data.</param>
    public void Begin(int descriptor, in FuseInHeader header, byte[]? buffer)
    {
        _descriptor = descriptor;
        _unique = header.Unique;
        _opcode = header.Opcode;
        _buffer = buffer;
        _size = 0;
        _failed = false;
        _startedAt = _server.Statistics.Now;
        _server.Statistics.Begin();
    }

    public void Read(IBlockFile file, long offset, int size)
    {
        _size = size;
        try
        {
            // The reply's header stands directly before the data, so that one write sends both.
#pragma warning disable CA2012 // the awaiter is used once, by FinishRead
            _read = file.ReadAsync(offset, _buffer.AsMemory(_headerBytes, size), _server.Stopping).GetAwaiter();
#pragma warning restore CA2012
        }
        catch (Exception error)
        {
            Fail(error);
            return;
        }

        if (_read.IsCompleted)
            FinishRead();
        else
            _read.UnsafeOnCompleted(_readDone);
    }

    public void Write(IBlockFile file, long offset, ReadOnlyMemory<byte> data)
    {
        _size = data.Length;
        try
        {
            Await(file.WriteAsync(offset, data, _server.Stopping));
        }
        catch (Exception error)
        {
            Fail(error);
        }
    }

    public void Flush(IBlockFile file)
    {
        try
        {
            Await(file.FlushAsync(_server.Stopping));
        }
        catch (Exception error)
        {
            Fail(error);
        }
    }

    public void Punch(IBlockFile file, long offset, long length)
    {
        try
        {
            Await(file.PunchHoleAsync(offset, length, _server.Stopping));
        }
        catch (Exception error)
        {
            Fail(error);
        }
    }

    /// <summary>
    /// Continues the request when the store's task completes. An exception that the store throws before it returns a task reaches the
    /// callers' handlers. All later exceptions are caught here.
    /// </summary>
    private void Await(ValueTask task)
    {
        _other = task.GetAwaiter();
        if (_other.IsCompleted)
            FinishOther();
        else
            _other.UnsafeOnCompleted(_otherDone);
    }

    private void FinishRead()
    {
        try
        {
            int count = _read.GetResult();
            // The size was cut to the end of the file earlier. A smaller count would reach the block layer as an early end of the device. A
            // larger count would send memory that belongs to others.
            if (count != _size)
                throw new InvalidDataException($"the store returned {count} bytes where {_size} were asked for");
            FuseReply.Header(_buffer, _unique, 0, count);
            Send(_headerBytes + count);
        }
        catch (Exception error)
        {
            Fail(error);
            return;
        }

        End();
    }

    private void FinishOther()
    {
        try
        {
            _other.GetResult();
            if (_opcode == FuseOpcode.Write)
                _server.Replies.Send(_descriptor, _unique, new FuseWriteOut { Size = (uint)_size });
            else
                _server.Replies.Send(_descriptor, _unique, Errno.None);
        }
        catch (Exception error)
        {
            Fail(error);
            return;
        }

        End();
    }

    private unsafe void Send(int length)
    {
        fixed (byte* data = _buffer)
            _server.Replies.SendData(_descriptor, data, length);
    }

    /// <summary>
    /// Ends the request with an error. Never throws: any thread may complete the store's task, and the request must end exactly once.
    /// </summary>
    private void Fail(Exception error)
    {
        Errno errno = StoreErrors.ErrnoOf(error);
        _failed = true;
        if (errno != Errno.EOPNOTSUPP)
            _server.Report($"{_opcode} of {_size} bytes", error);
        try
        {
            _server.Replies.Send(_descriptor, _unique, errno);
        }
        catch (LinuxException refused)
        {
            _server.Report($"reply to {_opcode}", refused);
        }

        End();
    }

    private void End()
    {
        byte[]? buffer = _buffer;
        _buffer = null;
        (_read, _other) = (default, default);
        _server.Statistics.Record(_opcode, _startedAt, _failed ? 0 : _size, _failed);
        _server.Ended(this, buffer);
    }
}
