using System.Diagnostics;
using Lofizone.Nfs.Files;
using Lofizone.Nfs.Options;
using Lofizone.Nfs.Protocol;
using Microsoft.Extensions.Time.Testing;

namespace Lofizone.Nfs.Tests.Fake;

/// <summary>A client of the fake server, with a clock that moves only while a test waits.</summary>
internal sealed class FakeRun : IAsyncDisposable
{
    /// <summary>Deadline of a setup, which the clock never reaches by accident.</summary>
    private static readonly TimeSpan _never = TimeSpan.FromDays(40);

    private static readonly TimeSpan _step = TimeSpan.FromMilliseconds(10);

    /// <summary>Real time after which a test counts as hanging.</summary>
    private static readonly TimeSpan _hang = TimeSpan.FromSeconds(60);

    /// <summary>
    /// Number of steps after which the clock stops for a moment of real time. Otherwise the clock of a busy machine would reach the
    /// client's deadlines before the client's threads have run.
    /// </summary>
    private const int StepsOfPause = 2;

    private readonly List<NfsClient> _killed = [];
    private IReadOnlyList<FakeConnector> _current = [];
    private NfsClient? _client;
    private int _steps;

    public FakeRun()
    {
        // The test framework's context would take the client's continuations away from the thread that runs them in production.
        SynchronizationContext.SetSynchronizationContext(null);
        Server = new FakeNfsServer(Clock) { Lease = TimeSpan.FromDays(1000) };
        Connectors = [new FakeConnector(Server)];
    }

    /// <summary>The paths to the server. A test sets them before it connects.</summary>
    public IReadOnlyList<FakeConnector> Connectors { get; set; }

    public FakeTimeProvider Clock { get; } = new();

    public FakeNfsServer Server { get; }

    public NfsClient Client => _client ?? throw new InvalidOperationException("not connected");

    public NfsClientOptions Options { get; init; } = Defaults;

    public static NfsClientOptions Defaults { get; } = new()
    {
        Server = "fake",
        ClientOwner = [.. Enumerable.Range(0, 16).Select(i => (byte)i)],
        MachineName = "testhost",
        SetupDeadline = _never,
        Packing = NfsPacking.Reads,
    };

    /// <summary>Connects, opens /image with DENY_WRITE, and locks the image.</summary>
    public async Task<NfsFile> OpenAsync(bool synchronous = false, bool holdWhenFull = false)
    {
        _current = Connectors;
        _client = await FinishAsync(NfsClient.ConnectAsync(Options with { TimeProvider = Clock }, Connectors, CancellationToken.None));
        NfsOpenOptions open = new() { Create = NfsCreate.Unchecked, Write = true, DenyWrite = true, Synchronous = synchronous, HoldWhenFull = holdWhenFull, Resumable = Options.ResumeMemory is not null };
        NfsFile file = await FinishAsync(_client.OpenAsync("/image", open));
        await FinishAsync(file.LockAsync());
        return file;
    }

    /// <summary>
    /// Kills the client as a process is killed: its connections end, and it sends nothing more. <see cref="NfsClientOptions.ResumeMemory"/>
    /// keeps its content of that moment: the client changes that memory only after an answer of the server.
    /// </summary>
    public void Kill()
    {
        foreach (FakeConnector connector in _current)
            connector.Cut();
        _killed.Add(Client);
        _client = null;
    }

    /// <summary>Starts a successor of the killed client.</summary>
    /// <param name="proof">The proof by which the successor may take a lost lock again.</param>
    /// <param name="paths">The successor's paths to the server; null for one path that works.</param>
    public NfsFile Resume(IOwnershipProof? proof = null, IReadOnlyList<FakeConnector>? paths = null)
    {
        _current = paths ?? [new FakeConnector(Server)];
        (_client, NfsFile file) = NfsClient.Resume(Options with { TimeProvider = Clock }, [.. _current], proof);
        return file;
    }

    public async Task FinishAsync(Task task)
    {
        long started = Stopwatch.GetTimestamp();
        while (!task.IsCompleted)
        {
            Assert.True(Stopwatch.GetElapsedTime(started) < _hang, $"the client hangs: {_client}");
            await StepAsync();
        }
        await task;
    }

    public async Task<T> FinishAsync<T>(Task<T> task)
    {
        await FinishAsync((Task)task);
        return await task;
    }

    public Task FinishAsync(ValueTask task) => FinishAsync(task.AsTask());

    public Task<T> FinishAsync<T>(ValueTask<T> task) => FinishAsync(task.AsTask());

    public async Task RunUntilAsync(Func<bool> condition)
    {
        long started = Stopwatch.GetTimestamp();
        while (!condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(started) < _hang, $"what was waited for does not come: {_client}");
            await StepAsync();
        }
    }

    private async Task StepAsync()
    {
        Clock.Advance(_step);
        // The client's threads need real time.
        if (++_steps % StepsOfPause == 0)
            await Task.Delay(1);
        else
            await Task.Yield();
    }

    /// <summary>Waits until the condition holds. The clock stands.</summary>
    public static async Task UntilAsync(Func<bool> condition)
    {
        long started = Stopwatch.GetTimestamp();
        while (!condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(started) < _hang, "what was waited for does not come");
            // No event tells a test of the progress of server or client.
            await Task.Delay(1);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (NfsClient killed in _killed)
            await FinishAsync(killed.DisposeAsync());
        if (_client is not null)
            await FinishAsync(_client.DisposeAsync());
    }
}
