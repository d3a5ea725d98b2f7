using System.Diagnostics;
using Lofizone.Nfs.Files;
using Lofizone.Nfs.Options;
using Lofizone.Nfs.Protocol;
using Microsoft.Extensions.Time.Testing;

namespace Lofizone.Nfs.Tests.Fake;

/// <summary>A client against the fake server on a clock that only moves when a test waits; no test sleeps.</summary>
internal sealed class FakeRun : IAsyncDisposable
{
    /// <summary>Deadlines of setup that the pumped clock does not reach by accident.</summary>
    private static readonly TimeSpan _never = TimeSpan.FromDays(40);

    private static readonly TimeSpan _step = TimeSpan.FromMilliseconds(10);

    /// <summary>Real time after which a test counts as hanging.</summary>
    private static readonly TimeSpan _hang = TimeSpan.FromSeconds(60);

    /// <summary>
    /// After so many steps the clock stops for a moment of real time: a machine that is busy otherwise would let it reach the client's
    /// deadlines before the client's threads had their turn.
    /// </summary>
    private const int StepsOfPause = 2;

    private readonly List<NfsClient> _killed = [];
    private IReadOnlyList<FakeConnector> _current = [];
    private NfsClient? _client;
    private int _steps;

    public FakeRun()
    {
        // The test framework's context would take the client's continuations away from the thread they run on in production.
        SynchronizationContext.SetSynchronizationContext(null);
        Server = new FakeNfsServer(Clock) { Lease = TimeSpan.FromDays(1000) };
        Connectors = [new FakeConnector(Server)];
    }

    /// <summary>The paths to the server; set before connecting.</summary>
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

    /// <summary>Connects, opens /image with other writers denied, and locks it.</summary>
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
    /// Kills the client as a process is killed: its connections end, nothing of it is sent any more. With <see cref="NfsClientOptions.ResumeMemory"/>
    /// that holds what it held at that moment, since it changes nothing there without an answer of the server.
    /// </summary>
    public void Kill()
    {
        foreach (FakeConnector connector in _current)
            connector.Cut();
        _killed.Add(Client);
        _client = null;
    }

    /// <summary>A successor of the killed client.</summary>
    /// <param name="proof">By which a lost lock may be taken again.</param>
    /// <param name="paths">Its paths to the server; null for one that works.</param>
    public NfsFile Resume(IOwnershipProof? proof = null, IReadOnlyList<FakeConnector>? paths = null)
    {
        _current = paths ?? [new FakeConnector(Server)];
        (_client, NfsFile file) = NfsClient.Resume(Options with { TimeProvider = Clock }, [.. _current], proof);
        return file;
    }

    /// <summary>Lets the clock run until the task is done.</summary>
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

    /// <summary>Lets the clock run until the condition holds.</summary>
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
        // The client's threads need real time for their turn.
        if (++_steps % StepsOfPause == 0)
            await Task.Delay(1);
        else
            await Task.Yield();
    }

    /// <summary>Waits until the condition holds, without moving the clock.</summary>
    public static async Task UntilAsync(Func<bool> condition)
    {
        long started = Stopwatch.GetTimestamp();
        while (!condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(started) < _hang, "what was waited for does not come");
            // Of what the server or the client has come to, nothing tells a test.
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
