using System.Net.Sockets;
using System.Text.Json;
using Lofizone.Interop;
using Lofizone.Tracing;

namespace Lofizone.Engine;

/// <summary>Answers requests on an engine's control socket (<see cref="EngineControl"/>).</summary>
internal sealed class EngineControlServer : IAsyncDisposable
{
    private const int Backlog = 16;

    /// <summary>Time that a client has to read its answer when the engine ends.</summary>
    private static readonly TimeSpan _answerLimit = TimeSpan.FromSeconds(2);

    private readonly FileDescriptor _directory;
    private readonly Socket _listener;
    private readonly CancellationTokenSource _noMore = new();
    private readonly CancellationTokenSource _end = new();
    private readonly Func<EngineStatus> _status;
    private readonly Func<EngineStatistics> _statistics;
    private readonly Func<Task<EngineStatus>> _probe;
    private readonly Func<Task<EngineReport>> _stop;
    private readonly EngineLog _log;
    private readonly Lock _gate = new();
    private readonly HashSet<Task> _answering = [];
    private readonly Task _accepting;

    public EngineControlServer(
        EngineDirectory directory, Func<EngineStatus> status, Func<EngineStatistics> statistics, Func<Task<EngineStatus>> probe,
        Func<Task<EngineReport>> stop, EngineLog log)
    {
        (_status, _statistics, _probe, _stop, _log) = (status, statistics, probe, stop, log);
        (_directory, UnixDomainSocketEndPoint endPoint) = EngineControl.Locate(directory);
        _listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            // A killed predecessor has left the socket's name behind.
            File.Delete(directory.Control);
            _listener.Bind(endPoint);
            File.SetUnixFileMode(directory.Control, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            _listener.Listen(Backlog);
        }
        catch
        {
            _listener.Dispose();
            _directory.Dispose();
            throw;
        }

        _accepting = AcceptAsync();
    }

    /// <summary>Called after the answer to a successful stop is sent.</summary>
    public Action Stopped { get; set; } = () => { };

    /// <summary>Sets the layers that are traced from now on.</summary>
    public Action<TraceLayers> Trace { get; init; } = _ => { };

    /// <summary>Sets the limits of the device's requests.</summary>
    public Action<IoLimits> Limit { get; init; } = _ => { };

    /// <summary>Accepts no more connections, sends the answers under way, and ends.</summary>
    public async ValueTask DisposeAsync()
    {
        await _noMore.CancelAsync();
        await _accepting;
        _listener.Dispose();
        _end.CancelAfter(_answerLimit);
        await Task.WhenAll(Answering());
        _noMore.Dispose();
        _directory.Dispose();
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                Track(AnswerAsync(await _listener.AcceptAsync(_noMore.Token)));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException && _noMore.IsCancellationRequested)
        {
            // The engine ends.
        }
    }

    private void Track(Task answer)
    {
        lock (_gate)
        {
            _answering.RemoveWhere(t => t.IsCompleted);
            _answering.Add(answer);
        }
    }

    private Task[] Answering()
    {
        lock (_gate)
            return [.. _answering];
    }

    private async Task AnswerAsync(Socket socket)
    {
        using (socket)
        {
            try
            {
                string? request = await EngineControl.ReadLineAsync(socket, EngineControl.RequestLimitBytes, _end.Token);
                EngineReport? stopped = request == EngineControl.Stop ? await _stop() : null;
                byte[] answer = request switch
                {
                    EngineControl.Status => JsonSerializer.SerializeToUtf8Bytes(_status(), EngineJson.Default.EngineStatus),
                    EngineControl.Probe => JsonSerializer.SerializeToUtf8Bytes(await _probe(), EngineJson.Default.EngineStatus),
                    EngineControl.Statistics => JsonSerializer.SerializeToUtf8Bytes(_statistics(), EngineJson.Default.EngineStatistics),
                    EngineControl.Stop => JsonSerializer.SerializeToUtf8Bytes(stopped!, EngineJson.Default.EngineReport),
                    _ when TraceRequest(request) is { } layers =>
                        JsonSerializer.SerializeToUtf8Bytes(StartTrace(layers), EngineJson.Default.EngineReport),
                    _ when LimitRequest(request) is { } limits =>
                        JsonSerializer.SerializeToUtf8Bytes(SetLimit(limits), EngineJson.Default.EngineReport),
                    _ => JsonSerializer.SerializeToUtf8Bytes(
                        new EngineReport
                        {
                            Outcome = EngineOutcome.Failed,
                            Message = $"no such request: {request}",
                        }, EngineJson.Default.EngineReport),
                };
                await SendAsync(socket, [.. answer, (byte)'\n']);
                if (stopped is { Outcome: EngineOutcome.Done })
                    Stopped();
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException)
            {
                _log.Write($"control: {e.Message}");
            }
        }
    }

    /// <summary>The layers of a request to trace; null when the request is another one.</summary>
    private static TraceLayers? TraceRequest(string? request) =>
        request?.Split(' ') is [EngineControl.Trace, var layers] ? TraceLayersText.TryParse(layers) : null;

    /// <summary>The limits of a request to limit; null when the request is another one.</summary>
    private static IoLimits? LimitRequest(string? request) =>
        request?.Split(' ') is [EngineControl.Limit, var operations, var bytes] ? IoLimits.TryParse(operations, bytes) : null;

    private EngineReport SetLimit(IoLimits limits)
    {
        Limit(limits);
        return new EngineReport { Outcome = EngineOutcome.Done };
    }

    private EngineReport StartTrace(TraceLayers layers)
    {
        Trace(layers);
        return new EngineReport { Outcome = EngineOutcome.Done };
    }

    private async Task SendAsync(Socket socket, byte[] data)
    {
        for (int sent = 0; sent < data.Length;)
            sent += await socket.SendAsync(data.AsMemory(sent), _end.Token);
    }
}
