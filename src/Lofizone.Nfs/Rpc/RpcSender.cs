using Lofizone.Nfs.Threading;
using Lofizone.Observation;

namespace Lofizone.Nfs.Rpc;

/// <summary>
/// The sending side of one connection. The thread that submits a call sends that call and all calls that others have queued, without ever
/// waiting. The receiving thread submits calls, too. If that thread waited for a server that stops reading until its replies are taken,
/// both sides would wait forever. When the socket is full, a thread of this class waits and sends the rest.
/// </summary>
internal sealed class RpcSender : IDisposable
{
    private readonly IRpcChannel _channel;
    private readonly IMessageTap? _tap;
    private readonly string _route;
    private readonly Lock _gate = new();
    private readonly Queue<IRpcMessage> _queue = new();
    private readonly IClientThreads _threads;
    private readonly ThreadSignal _wake;
    private readonly ThreadSignal _idle;
    private bool _hasThread;
    private bool _threadRuns;
    private bool _busy;
    private bool _handedOver;
    private bool _closed;
    private IRpcMessage? _current;
    private int _sentBytes;

    /// <param name="channel">The connection.</param>
    /// <param name="threads">Starts the thread that waits for a full socket.</param>
    /// <param name="tap">Gets every call; null without a trace.</param>
    /// <param name="route">The connection's name in the trace.</param>
    public RpcSender(IRpcChannel channel, IClientThreads threads, IMessageTap? tap, string route)
    {
        (_channel, _tap, _route) = (channel, tap, route);
        _threads = threads;
        _wake = threads.NewSignal();
        _idle = threads.NewSignal();
    }

    /// <summary>True when no more calls are sent.</summary>
    public bool IsClosed
    {
        get
        {
            lock (_gate)
                return _closed;
        }
    }

    /// <summary>
    /// Queues the call's bytes and sends as many as fit now. Never throws: a broken connection shows on the receiving side.
    /// </summary>
    public void Send(IRpcMessage call)
    {
        lock (_gate)
        {
            if (_closed)
                return;
            // The call is shown before the server can answer it, so that a trace has the call before the reply.
            if (_tap is { IsOn: true } tap)
                call.Show(tap, _route);
            _queue.Enqueue(call);
            if (_busy)
                return;
            _busy = true;
        }
        Drain(wait: false);
    }

    /// <summary>Ends sending. After the return no thread touches the memory of any call.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_closed)
                return;
            _closed = true;
            _queue.Clear();
        }
        _channel.Shutdown();
        _wake.Set();
        while (IsInUse)
            _idle.Wait();
    }

    /// <summary>True while a thread is inside a call, or this class's own thread has not ended.</summary>
    private bool IsInUse
    {
        get
        {
            lock (_gate)
                return _busy || _threadRuns;
        }
    }

    /// <summary>Notes that no thread is inside a call. The gate is held.</summary>
    private void SetIdle()
    {
        _busy = false;
        if (!_closed)
            return;
        _wake.Set();
        _idle.Set();
    }

    private void Drain(bool wait)
    {
        while (true)
        {
            lock (_gate)
            {
                if (_current is null && (_closed || !_queue.TryDequeue(out _current)))
                {
                    SetIdle();
                    return;
                }
            }
            try
            {
                if (!SendCurrent(wait))
                {
                    HandToThread();
                    return;
                }
            }
            catch (IOException)
            {
                Abandon();
                return;
            }
        }
    }

    /// <summary>Sends the current call. False when the socket is full.</summary>
    private bool SendCurrent(bool wait)
    {
        IRpcMessage call = _current!;
        while (_sentBytes < call.TotalBytes)
        {
            call.Unsent(_sentBytes, out ReadOnlySpan<byte> header, out ReadOnlySpan<byte> payload, out ReadOnlySpan<byte> padding);
            int sent = _channel.Send(header, payload, padding, wait);
            if (sent == 0)
                return false;
            _sentBytes += sent;
        }
        _current = null;
        _sentBytes = 0;
        // The reply may have arrived already. After OnSent the call belongs to its waiter.
        call.OnSent();
        return true;
    }

    private void HandToThread()
    {
        lock (_gate)
            (_handedOver, _threadRuns) = (true, true);
        if (!_hasThread)
        {
            _hasThread = true;
            _threads.Start("nfs send", Run);
        }
        _wake.Set();
    }

    private void Run()
    {
        while (true)
        {
            bool sends;
            lock (_gate)
            {
                // Another thread may still be inside a call when this thread is told to end. That thread may then hand its call over to
                // this thread.
                sends = _handedOver;
                _handedOver = false;
                if (!sends && _closed && !_busy)
                {
                    _threadRuns = false;
                    _idle.Set();
                    return;
                }
            }
            if (sends)
                Drain(wait: true);
            else
                _wake.Wait();
        }
    }

    private void Abandon()
    {
        // A server may answer before it has read all of a request. Then only this thread still holds the call. The call is let go before
        // the closing, so that the thread in Dispose finds the call let go.
        _current!.OnSent();
        lock (_gate)
        {
            _closed = true;
            _queue.Clear();
            _current = null;
            SetIdle();
        }
        // The receiver notices the end and connects again. The sender's thread ends with the connection.
        _channel.Shutdown();
        _wake.Set();
    }
}
