using System.Globalization;
using Lofizone.Nfs.Options;
using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Tests.Fake;

namespace Lofizone.Nfs.Tests.Sim;

/// <summary>The run of one seed: workers read, write, punch and flush while server and network have faults, and a model judges.</summary>
internal sealed class SimRun
{
    public const string Image = "image";
    private const int Cells = 1536;

    /// <summary>Simulated time after the last fault within which the run must end.</summary>
    private static readonly TimeSpan _recovery = TimeSpan.FromMinutes(30);

    private readonly SimSetup _setup;
    private readonly SimScheduler _scheduler;
    private readonly SimNetwork _network;
    private readonly SimFaults _faults;
    private readonly SimWorkload _workload;
    private readonly SimModel _model = new(Cells);
    private byte[]? _afterTakeover;

    private SimRun(SimSetup setup, Action<FakeNfsServer>? sabotage)
    {
        _setup = setup;
        _scheduler = new SimScheduler(setup.Seed, Trace);
        Trace.Time = _scheduler.Time;
        Server = new FakeNfsServer(_scheduler.Time) { Lease = setup.Lease, Slots = setup.ServerSlots, KeepsAllReplies = setup.KeepsAllReplies, TellsRevoked = setup.TellsRevoked };
        _network = new SimNetwork(_scheduler, Server, Trace, unchecked(setup.Seed * 31 + 7));
        _faults = new SimFaults(_network, Server, Trace, setup, unchecked(setup.Seed * 17 + 3));
        _workload = new SimWorkload(_model, Server, _faults, _scheduler, Trace, setup);
        sabotage?.Invoke(Server);
    }

    public SimTrace Trace { get; } = new();

    /// <summary>The fault of the client; null for none.</summary>
    public string? Failure { get; private set; }

    /// <summary>The file was fenced, as some faults demand.</summary>
    public bool WasFenced { get; private set; }

    private FakeNfsServer Server { get; }

    /// <summary>Runs a seed from start to end. A fault of the client does not throw.</summary>
    /// <param name="setup">The run.</param>
    /// <param name="sabotage">Breaks the server, for tests of the model.</param>
    public static SimRun Play(SimSetup setup, Action<FakeNfsServer>? sabotage = null)
    {
        SimRun run = new(setup, sabotage);
        try
        {
            run._scheduler.Run(run.PlayAsync, TimeSpan.FromHours(4));
            if (!run._scheduler.RunUntil(() => !run._scheduler.LiveThreads.Any(), TimeSpan.FromMinutes(2)))
                throw new SimFailureException("threads of the client outlive it: " + string.Join(", ", run._scheduler.LiveThreads));
            run.Judge();
        }
        catch (SimFailureException error)
        {
            run.Failure = error.Message;
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException or OperationCanceledException)
        {
            run.Failure = "the run ended with: " + error;
        }
        finally
        {
            run._scheduler.Abort();
        }
        if (run.Failure is { } failure)
            run.Trace.Add("FAILED: " + failure);
        return run;
    }

    /// <summary>Options of every simulated client.</summary>
    public static NfsClientOptions ClientOptions(SimScheduler scheduler) => new()
    {
        Server = "simulated",
        ClientOwner = [.. Enumerable.Range(0, 16).Select(i => (byte)i)],
        MachineName = "simhost",
        TimeProvider = scheduler.Time,
        Threads = scheduler,
        MaxIoBytes = 4096,
    };

    private async Task PlayAsync()
    {
        NfsClientOptions options = ClientOptions(_scheduler) with
        {
            ConnectionsPerPath = _setup.ConnectionsPerPath,
            MaxSlots = _setup.ClientSlots,
            Packing = _setup.PacksWrites ? NfsPacking.All : NfsPacking.Reads,
        };
        NfsClient client = await NfsClient.ConnectAsync(options, [.. Enumerable.Range(0, _setup.Paths).Select(path => new SimConnector(_network, path))], CancellationToken.None);
        NfsFile file = await client.OpenAsync("/" + Image, new NfsOpenOptions { Create = NfsCreate.Unchecked, Write = true, DenyWrite = true, Synchronous = _setup.IsSynchronous, HoldWhenFull = _setup.HoldsWhenFull });
        await file.LockAsync();
        if (_setup.IsGuarded)
        {
            Server.Put(SimOwnerRecord.Name, SimOwnerRecord.Own);
            file.GuardBy(new SimOwnerRecord());
        }
        await file.SetLengthAsync(Cells * SimModel.CellBytes);
        _network.Weather = new SimWeather(Copies: 0.03, FullSockets: 0.05);
        _faults.Attach();
        Server.OnChange = operation =>
        {
            if (_faults.IsTakenOver)
                throw new SimFailureException($"{operation.Code} was executed after somebody else had taken the file over");
        };

        Task work = _workload.RunAsync(file);
        Random pauses = new(unchecked(_setup.Seed * 13 + 5));
        for (int faults = 0; faults < _setup.Faults && !work.IsCompleted && _workload.HasMore; faults++)
        {
            await Task.Delay(_setup.FaultPeriod * pauses.NextDouble(), _scheduler.Time);
            if (_workload.HasMore)
                _faults.Happen();
            if (_faults.IsTakenOver)
                _afterTakeover ??= Server.File(Image).Current;
        }
        Trace.Add("no more faults");
        _faults.End();
        await FinishAsync(work, "the operations under way");
        WasFenced = file.IsFenced;
        if (!WasFenced)
        {
            await FinishAsync(_workload.CheckAllAsync(file), "the last flush and read");
            // Only the content of the server's disk is left.
            Server.File(Image).Crash(_ => false);
            _workload.CheckStable(_model.Now(), "after a crash of the server");
        }
        else if (!_faults.MayFence && (_setup.IsGuarded || Server.Revocations == 0))
        {
            throw new SimFailureException($"the file was fenced, and nobody else had it: {file.FencedBecause}");
        }
        await FinishAsync(file.DisposeAsync().AsTask(), "closing the file");
        await FinishAsync(client.DisposeAsync().AsTask(), "closing the client");
        if (client.Statistics.UncommittedBytes != 0 && !WasFenced)
            throw new SimFailureException($"{client.Statistics.UncommittedBytes} uncommitted bytes are left after closing");
    }

    private async Task FinishAsync(Task task, string what)
    {
        using CancellationTokenSource over = new();
        if (await Task.WhenAny(task, Task.Delay(_recovery, _scheduler.Time, over.Token)) != task)
            throw new SimFailureException($"{what}: not done {_recovery.TotalMinutes} minutes after the last fault; threads: {string.Join(", ", _scheduler.LiveThreads)}");
        over.Cancel();
        await task;
    }

    private void Judge()
    {
        if (Server.Violations.Count > 0)
            throw new SimFailureException("the client broke the protocol: " + string.Join("; ", Server.Violations));
        if (_afterTakeover is { } content && !content.AsSpan().SequenceEqual(Server.File(Image).Current))
            throw new SimFailureException("the file changed after somebody else had taken it over");
    }

    /// <summary>The failure, the command that plays it again, and the end of the trace.</summary>
    public string Describe(int lines)
    {
        string seed = _setup.Seed.ToString(CultureInfo.InvariantCulture);
        IEnumerable<string> end = Trace.Lines.Skip(Math.Max(0, Trace.Lines.Count - lines));
        return $"seed {seed}: {Failure}\nagain: make sim SEED={seed}\n{_setup}\n{string.Join('\n', end)}";
    }
}
