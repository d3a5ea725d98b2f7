using System.Text.Json;
using Lofizone.Engine;
using Lofizone.Fuse;
using Lofizone.Hosts;
using Lofizone.Ownership;
using Microsoft.Extensions.Time.Testing;

namespace Lofizone.Tests.Engine;

/// <summary>The engine's life with a fake store and mount: its reports, its end, its promises.</summary>
public sealed class EngineHostTests : IAsyncLifetime
{
    // The path is longer than a socket's path may be (unix(7)). The control socket must still be reachable.
    private readonly EngineDirectory _directory = new(Path.Combine(Directory.CreateTempSubdirectory("lofizone-").FullName, new string('d', 120)));
    private readonly FakeStore _store = new();
    private readonly FakeMount _mount = new();
    private readonly FakeTimeProvider _time = new();
    private readonly RecordingLog _log = new();
    private readonly TaskCompletionSource<EngineReport> _report = new();
    private Exception? _openFailure;
    private Task<int> _running = Task.FromResult(0);

    public ValueTask InitializeAsync()
    {
        HostFile.MakeDirectory(_directory.Path);
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _running;
        Directory.Delete(Path.GetDirectoryName(_directory.Path)!, recursive: true);
    }

    [Fact]
    public async Task An_engine_serves_answers_for_its_status_and_stops_when_all_is_stored()
    {
        EngineHost host = await StartAsync();
        Assert.Equal(EngineOutcome.Done, (await _report.Task).Outcome);

        EngineStatus status = JsonSerializer.Deserialize((await AskAsync(EngineControl.Status))!, EngineJson.Default.EngineStatus)!;
        Assert.Equal((4711, "held", 42), (status.Pid, status.LockState, status.UncommittedBytes));

        EngineReport stopped = Report(await AskAsync(EngineControl.Stop));
        Assert.Equal((EngineOutcome.Done, 1, 1), (stopped.Outcome, _mount.Unmounts, _store.Closes));
        Assert.Equal(0, await _running);
        Assert.True(_store.Disposed);
        Assert.Null(await AskAsync(EngineControl.Status));
        Assert.NotNull(host);
    }

    [Fact]
    public async Task The_control_socket_is_for_root_alone()
    {
        EngineHost host = await StartAsync();
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_directory.Control));
        await host.StopAsync();
        host.Finish();
    }

    [Fact]
    public async Task A_stop_is_refused_while_the_device_is_attached_and_the_engine_serves_on()
    {
        await StartAsync();
        _mount.Busy = true;
        Task<string?> asked = AskAsync(EngineControl.Stop);
        while (!asked.IsCompleted)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        EngineReport refused = Report(await asked);
        Assert.Equal((EngineOutcome.Failed, 0), (refused.Outcome, _store.Closes));
        Assert.Contains("lofiadm -d", refused.Advice, StringComparison.Ordinal);
        Assert.NotNull(await AskAsync(EngineControl.Status));

        _mount.Busy = false;
        Assert.Equal(EngineOutcome.Done, Report(await AskAsync(EngineControl.Stop)).Outcome);
    }

    [Fact]
    public async Task Data_that_could_not_be_stored_keeps_the_engine_alive_for_another_try()
    {
        await StartAsync();
        _store.CloseFailure = new IOException("COMMIT /web/root.img: no space left");
        Assert.Equal("COMMIT /web/root.img: no space left", Report(await AskAsync(EngineControl.Stop)).Message);
        Assert.False(_running.IsCompleted);
        _store.CloseFailure = null;
        Assert.Equal(EngineOutcome.Done, Report(await AskAsync(EngineControl.Stop)).Outcome);
        Assert.Equal(0, await _running);
    }

    [Fact]
    public async Task Limits_are_set_while_it_serves_and_a_stop_is_not_delayed_by_them()
    {
        await StartAsync();
        Assert.Equal(EngineOutcome.Done, Report(await AskAsync("limit 500 1048576")).Outcome);
        Assert.Equal(new IoLimits(500, 1048576), _store.Limits);
        EngineStatus status = JsonSerializer.Deserialize((await AskAsync(EngineControl.Status))!, EngineJson.Default.EngineStatus)!;
        Assert.Equal((500, 1048576), (status.MaxOperations, status.MaxBytes));
        foreach (string wrong in new[] { "limit", "limit 1", "limit -1 5", "limit 1 x", "limit 1 2 3", "limit 99999999999999999999 1" })
            Assert.Contains("no such request", Report(await AskAsync(wrong)).Message, StringComparison.Ordinal);

        // A stop that fails leaves the device, and its limits, to its users.
        _store.CloseFailure = new IOException("no space left");
        Assert.Equal(EngineOutcome.Failed, Report(await AskAsync(EngineControl.Stop)).Outcome);
        Assert.True(_store.LimitsAtClose.IsNone);
        Assert.Equal(new IoLimits(500, 1048576), _store.Limits);
        _store.CloseFailure = null;
        Assert.Equal(EngineOutcome.Done, Report(await AskAsync(EngineControl.Stop)).Outcome);
        Assert.Equal(0, await _running);
    }

    [Fact]
    public async Task A_request_that_does_not_exist_is_answered_with_an_error()
    {
        EngineHost host = await StartAsync();
        Assert.Contains("no such request", Report(await AskAsync("dance")).Message, StringComparison.Ordinal);
        await host.StopAsync();
        host.Finish();
    }

    [Fact]
    public async Task A_mount_taken_away_by_somebody_else_ends_the_engine_after_it_has_stored_everything()
    {
        await StartAsync();
        _mount.End();
        Assert.Equal(0, await _running);
        Assert.Equal(1, _store.Closes);
    }

    [Fact]
    public async Task An_image_that_another_host_holds_is_reported_as_locked_and_the_engine_ends()
    {
        _openFailure = new ImageLockedException("locked");
        await StartAsync();
        Assert.Equal(EngineOutcome.Locked, (await _report.Task).Outcome);
        Assert.Equal(1, await _running);
    }

    [Fact]
    public async Task A_failure_with_advice_reaches_the_launcher_with_its_advice()
    {
        _openFailure = new LofizoneException("nfs://nas/z: no such export", "ask the server's administrator");
        await StartAsync();
        EngineReport report = await _report.Task;
        Assert.Equal((EngineOutcome.Failed, "nfs://nas/z: no such export", "ask the server's administrator"), (report.Outcome, report.Message, report.Advice));
        Assert.Equal(1, await _running);
        Assert.Contains("no such export", string.Join("\n", _log.Entries), StringComparison.Ordinal);
    }

    private async Task<EngineHost> StartAsync()
    {
        EngineParameters parameters = new("nfs://nas/z/root.img", 0, 0, new byte[32], "/var/log/lofizone/lofi-1.log");
        EngineHost host = new(
            _directory, parameters, new EngineLog(_log), _time,
            (_, _) => _openFailure is null ? Task.FromResult<IEngineStore>(_store) : Task.FromException<IEngineStore>(_openFailure),
            (_, _, _, _) => Task.FromResult<IEngineMount>(_mount));
        _running = host.RunAsync(_report.SetResult, TestContext.Current.CancellationToken);
        await _report.Task;
        return host;
    }

    private Task<string?> AskAsync(string request) => EngineControl.AskAsync(_directory, request, TestContext.Current.CancellationToken);

    private static EngineReport Report(string? answer) => JsonSerializer.Deserialize(answer!, EngineJson.Default.EngineReport)!;

    private sealed class FakeStore : IEngineStore
    {
        public IBlockFile File => null!;

        public IoLimits Limits { get; set; }

        public IoLimits LimitsAtClose { get; private set; } = new(1, 1);

        public Exception? CloseFailure { get; set; }

        public int Closes { get; private set; }

        public bool Disposed { get; private set; }

        public EngineStatus Status(DateTimeOffset since) => new()
        {
            Pid = 4711,
            File = "nfs://nas/z/root.img",
            ServerAddress = "192.0.2.1:2049",
            MinorVersion = 2,
            Connected = true,
            Fenced = false,
            Reads = 1,
            Writes = 2,
            BytesRead = 3,
            BytesWritten = 4,
            Operations = 5,
            InFlight = 6,
            UncommittedBytes = 42,
            Reconnects = 0,
            Retransmits = 0,
            LeaseSeconds = 60,
            Since = since,
        };

        public Task CloseAsync(CancellationToken cancellation)
        {
            LimitsAtClose = Limits;
            if (CloseFailure is not null)
                return Task.FromException(CloseFailure);
            Closes++;
            return Task.CompletedTask;
        }

        public ValueTask DisposeAsync()
        {
            Disposed = true;
            return ValueTask.CompletedTask;
        }
    }

    private sealed class FakeMount : IEngineMount
    {
        private readonly TaskCompletionSource _end = new();

        public bool Busy { get; set; }

        public int Unmounts { get; private set; }

        public Task Completion => _end.Task;

        public void End() => _end.TrySetResult();

        public async Task UnmountAsync(CancellationToken cancellation)
        {
            if (Busy)
                await Task.Delay(Timeout.Infinite, cancellation);
            Unmounts++;
            End();
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
