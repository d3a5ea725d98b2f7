using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Tests.Fake;

namespace Lofizone.Nfs.Tests.Sim;

/// <summary>
/// A client that meets one status (<see cref="SimStatusCase"/>), with a network and a server that have no other fault. The run must end in
/// success, in a failure that names the server's status, or with a fenced file. The client may not hang, loop, or hold wrong data.
/// </summary>
internal sealed class SimStatusRun
{
    /// <summary>Time for which a status persists.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromSeconds(20);

    private const int Cells = 64;

    /// <summary>More requests than a client can send that waits between its attempts: some 20 each second, and its work.</summary>
    private const int MostRequests = 1000;

    private static readonly TimeSpan _limit = TimeSpan.FromMinutes(10);

    private readonly SimStatusCase _case;
    private readonly SimScheduler _scheduler;
    private readonly SimNetwork _network;
    private readonly SimModel _model = new(Cells);
    private readonly FakeNfsServer _server;
    private TimeSpan? _failsUntil;
    private bool _armed;

    private SimStatusRun(SimStatusCase @case)
    {
        _case = @case;
        _scheduler = new SimScheduler(seed: 1, Trace);
        Trace.Time = _scheduler.Time;
        _server = new FakeNfsServer(_scheduler.Time) { Lease = TimeSpan.FromSeconds(60), TellsRevoked = true, OnOperation = Fail };
        _network = new SimNetwork(_scheduler, _server, Trace, seed: 1);
    }

    public SimTrace Trace { get; } = new();

    /// <summary>Number of failures of the operation.</summary>
    public int Taken { get; private set; }

    /// <summary>The fault of the client; null for none.</summary>
    public string? Failure { get; private set; }

    /// <summary>The first exception that the caller saw; null for success.</summary>
    public Exception? Seen { get; private set; }

    public static SimStatusRun Play(SimStatusCase @case)
    {
        SimStatusRun run = new(@case);
        try
        {
            run._scheduler.Run(run.PlayAsync, TimeSpan.FromHours(1));
            if (!run._scheduler.RunUntil(() => !run._scheduler.LiveThreads.Any(), TimeSpan.FromMinutes(2)))
                throw new SimFailureException("threads of the client outlive it: " + string.Join(", ", run._scheduler.LiveThreads));
            if (run._server.Violations.Count > 0)
                throw new SimFailureException("the client broke the protocol: " + string.Join("; ", run._server.Violations));
            if (run._server.Arrivals.Count > MostRequests)
                throw new SimFailureException($"{run._server.Arrivals.Count} requests: the client does not wait between its attempts");
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            run.Failure = error is SimFailureException ? error.Message : "the run ended with: " + error;
        }
        finally
        {
            run._scheduler.Abort();
        }
        return run;
    }

    private async Task PlayAsync()
    {
        if (_case.Phase == SimPhase.Open)
            Arm();
        NfsClient? client = await TryAsync(ConnectAsync);
        NfsFile? file = client is null ? null : await TryAsync(() => OpenAsync(client));
        if (file is not null)
        {
            await UseAsync(file);
            await ChangeAsync(file, 56, 8, isHole: false);
            if (_case.Phase == SimPhase.Close)
                Arm();
            await TryAsync(() => file.CloseAsync());
            await FinishAsync(file.DisposeAsync().AsTask(), "closing the file");
        }
        if (client is not null)
            await FinishAsync(client.DisposeAsync().AsTask(), "closing the client");
        if (file is { IsFenced: false } && _model.Check(_model.Now(), _server.File(SimRun.Image).Stable, 0) is { } wrong && _case.Phase != SimPhase.Close)
            throw new SimFailureException("on the server's disk " + wrong);
    }

    private Task<NfsClient> ConnectAsync() => NfsClient.ConnectAsync(
        SimRun.ClientOptions(_scheduler) with { MaxSlots = 4, ConnectionsPerPath = 2 }, [new SimConnector(_network, 0)], CancellationToken.None);

    private async Task<NfsFile> OpenAsync(NfsClient client)
    {
        _server.Put(SimOwnerRecord.Name, SimOwnerRecord.Own);
        NfsFile file = await client.OpenAsync("/" + SimRun.Image, new NfsOpenOptions { Create = NfsCreate.Unchecked, Write = true, DenyWrite = true, HoldWhenFull = true });
        try
        {
            await file.LockAsync();
            await file.SetLengthAsync(Cells * SimModel.CellBytes);
        }
        catch (NfsException)
        {
            await file.DisposeAsync();
            throw;
        }
        file.GuardBy(new SimOwnerRecord());
        return file;
    }

    private async Task UseAsync(NfsFile file)
    {
        await ChangeAsync(file, 0, 40, isHole: false);
        await ChangeAsync(file, 8, 8, isHole: true);
        Begin();
        await ChangeAsync(file, 32, 16, isHole: false);
        await ChangeAsync(file, 16, 4, isHole: true);
        await TryAsync(() => ReadAsync(file));
        await TryAsync(() => file.CommitAsync().AsTask());
        await TryAsync(() => ReadAsync(file));
        // The fault is over. From now on all calls succeed, or the file is fenced.
        _armed = false;
        Exception? before = Seen;
        Seen = null;
        await ChangeAsync(file, 48, 8, isHole: false);
        await TryAsync(() => file.CommitAsync().AsTask());
        await TryAsync(() => ReadAsync(file));
        if (Seen is not null && !file.IsFenced)
            throw new SimFailureException("it fails although the server is well again: " + Seen.Message);
        Seen = before ?? Seen;
    }

    /// <summary>Brings the client into the phase.</summary>
    private void Begin()
    {
        switch (_case.Phase)
        {
            case SimPhase.Plain:
                Arm();
                break;
            case SimPhase.Recovery when _case.Code is OperationCode.BindConnToSession or OperationCode.DestroySession:
                // The client ends a session that the server still has.
                Arm();
                _server.Fail(OperationCode.Sequence, NfsStatus.SeqMisordered);
                break;
            case SimPhase.Recovery:
                Arm();
                _server.ForgetSessions();
                break;
            case SimPhase.Reclaim:
                Arm();
                _server.Restart();
                break;
            case SimPhase.Retake:
                Arm();
                _server.Revoke();
                break;
        }
    }

    private async Task ChangeAsync(NfsFile file, int first, int count, bool isHole)
    {
        SimModel.Change change = _model.Begin(first, count, isHole);
        await TryAsync(async () =>
        {
            if (isHole)
                await file.DeallocateAsync(first * SimModel.CellBytes, count * SimModel.CellBytes);
            else
                await file.WriteAsync(first * SimModel.CellBytes, SimModel.Data(change));
            _model.Acknowledge(change);
        });
    }

    private async Task ReadAsync(NfsFile file)
    {
        SimModel.Moment begun = _model.Now();
        byte[] back = new byte[Cells * SimModel.CellBytes];
        int got = await file.ReadAsync(0, back);
        if (got != back.Length)
            throw new SimFailureException($"a read of {back.Length} bytes inside the file returned {got}");
        if (_model.Check(begun, back, 0) is { } wrong)
            throw new SimFailureException($"read: {wrong}");
    }

    private Task<bool> TryAsync(Func<Task> action) => TryAsync(async () =>
    {
        await action();
        return true;
    });

    private async Task<T?> TryAsync<T>(Func<Task<T>> action)
    {
        Task<T> task = action();
        try
        {
            await FinishAsync(task, _case.Phase.ToString());
            return await task;
        }
        catch (Exception error) when (error is NfsException or NotSupportedException)
        {
            Trace.Add("failed: " + error.Message);
            Seen ??= error;
            if (Taken == 0)
                throw new SimFailureException("it fails before the server does: " + error.Message, error);
            return default;
        }
    }

    private async Task FinishAsync(Task task, string what)
    {
        using CancellationTokenSource over = new();
        if (await Task.WhenAny(task, Task.Delay(_limit, _scheduler.Time, over.Token)) != task)
            throw new SimFailureException($"{what}: not done after {_limit.TotalMinutes} minutes; threads: {string.Join(", ", _scheduler.LiveThreads)}");
        over.Cancel();
        await task;
    }

    private void Arm() => _armed = true;

    private NfsStatus Fail(OperationCode code)
    {
        if (!_armed || code != _case.Code)
            return NfsStatus.Ok;
        _failsUntil ??= _scheduler.Time.Now + Window;
        if (_case.Persists ? _scheduler.Time.Now > _failsUntil : Taken > 0)
            return NfsStatus.Ok;
        Taken++;
        Trace.Add($"server: {code} fails with {_case.Status}");
        return _case.Status;
    }
}
