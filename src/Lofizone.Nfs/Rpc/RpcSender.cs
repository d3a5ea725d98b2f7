using Lofizone.Nfs.Threading;
using Lofizone.Observation;

namespace Lofizone.Nfs.Rpc;

/// <summary>
/// The sending side of one connection. Whoever submits a call sends it and what others queued meanwhile, without ever waiting: the
/// receive thread submits too, and a server that stops reading until we take its replies would otherwise be waited for in vain.
/// When the socket is full a thread of our own waits and sends the rest.
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
    /// <param name="threads">For the thread that waits for a full socket.</param>
    /// <param name="tap">Sees every call.</param>
    /// <param name="route">The connection's name for it.</param>
    public RpcSender(IRpcChannel channel, IClientThreads threads, IMessageTap? tap, string route)
    {
        (_channel, _tap, _route) = (channel, tap, route);
        _threads = threads;
        _wake = threads.NewSignal();
        _idle = threads.NewSignal();
    }

    /// <summary>Nothing is sent any more.</summary>
    public bool IsClosed
    {
        get
        {
            lock (_gate)
                return _closed;
        }
    }

    /// <summary>
    /// Queues the call's bytes and sends as much as fits now. Never throws: a broken connection shows on the receiving side.
    /// </summary>
    public void Send(IRpcMessage call)
    {
        lock (_gate)
        {
            if (_closed)
                return;
            // Before it can be answered: a trace shows the call first.
            if (_tap is { IsOn: true } tap)
                call.Show(tap, _route);
            _queue.Enqueue(call);
            if (_busy)
                return;
            _busy = true;
        }
        Drain(wait: false);
    }

    /// <summary>Ends sending; when it returns no thread touches any call's memory any more.</summary>
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

    /// <summary>Some thread is inside a call, or our own thread has not ended.</summary>
    private bool IsInUse
    {
        get
        {
            lock (_gate)
                return _busy || _threadRuns;
        }
    }

    /// <summary>The gate is held.</summary>
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

    /// <summary>False when the socket is full.</summary>
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
        // The reply may be here already: from now on the call belongs to whoever waits for it.
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
                // Another thread may still be inside a call when we are told to end: it may hand that over to us.
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
        // A server may answer before it has read all of a request: then nobody but us holds the call back.
        // Before closing: who disposes us must find the call let go.
        _current!.OnSent();
        lock (_gate)
        {
            _closed = true;
            _queue.Clear();
            _current = null;
            SetIdle();
        }
        // The receiver notices and reconnects; the sender's thread ends with the connection.
        _channel.Shutdown();
        _wake.Set();
    }
}
