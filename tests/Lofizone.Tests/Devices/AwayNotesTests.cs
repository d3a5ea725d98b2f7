using System.Collections.Concurrent;
using Lofizone.Devices;
using Lofizone.Engine;
using Lofizone.Measures;
using Lofizone.Shares;
using Microsoft.Extensions.Time.Testing;

namespace Lofizone.Tests.Devices;

/// <summary>A listing asks no server. These tests show its knowledge of the server of a device on the kernel's NFS client.</summary>
public sealed class AwayNotesTests : IDisposable
{
    private static readonly ShareUri _file = ShareUri.Parse("nfs://nas/export/web/root.img");

    private readonly TemporaryHost _host = new();
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 5, 4, 3, 2, 1, TimeSpan.Zero));
    private readonly ConcurrentQueue<bool> _answers = new();
    private readonly RecordingLog _log = new();
    private int _asked;

    public void Dispose()
    {
        _log.Dispose();
        _host.Dispose();
    }

    [Fact]
    public async Task A_server_that_falls_silent_is_noted_with_the_time_and_one_that_is_back_is_not_noted_any_more()
    {
        EngineDirectory directory = new LofiRecords(_host.Paths, _clock).Engine(1);
        Directory.CreateDirectory(directory.Path);
        using CancellationTokenSource gone = new();
        Task notes = new AwayNotes(_file, directory, new EngineLog(_log), _clock).KeepAsync(AnswerAsync, gone.Token);

        await AnswerAsync(true);
        Assert.Null(directory.ReadAway());
        await AnswerAsync(false);
        DateTimeOffset away = Assert.NotNull(directory.ReadAway());
        await AnswerAsync(false);
        Assert.Equal(away, directory.ReadAway());
        await AnswerAsync(true);
        Assert.Null(directory.ReadAway());
        await gone.CancelAsync();
        await notes;
        Assert.Equal([$"{_file}: its server does not answer", $"{_file}: its server answers again"], _log.Entries);
    }

    [Fact]
    public void A_device_whose_server_is_away_has_a_problem_and_a_health_that_say_so()
    {
        LofiDevice device = new()
        {
            Number = 1,
            Link = "/dev/lofi/1",
            File = _file,
            State = LofiState.Attached,
            Transport = "kernel",
            Token = "t",
            Since = _clock.GetUtcNow(),
            Health = LofiHealth.Ok,
        };
        Assert.Equal((null, "Ok"), (EngineProblem.Of(device, null), device.HealthText));
        device = device with { AwaySince = _clock.GetUtcNow() };
        Assert.Equal(("server: unreachable since 2026-05-04 03:02:01 UTC", "Silent"), (EngineProblem.Of(device, null), device.HealthText));
    }

    /// <summary>Sets the server's next answer, and returns when the server has been asked once more after that answer.</summary>
    private async Task AnswerAsync(bool answer)
    {
        _answers.Enqueue(answer);
        int until = Volatile.Read(ref _asked) + 2;
        while (Volatile.Read(ref _asked) < until)
        {
            _clock.Advance(AwayNotes.Interval);
            // The code under test runs in other threads, which need real time at each step of the clock.
            await Task.Delay(1, TestContext.Current.CancellationToken);
        }
    }

    private bool _last = true;

    private Task<bool> AnswerAsync(CancellationToken cancellation)
    {
        if (_answers.TryDequeue(out bool next))
            _last = next;
        Interlocked.Increment(ref _asked);
        return Task.FromResult(_last);
    }
}
