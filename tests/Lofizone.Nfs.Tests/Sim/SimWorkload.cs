using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Tests.Fake;

namespace Lofizone.Nfs.Tests.Sim;

/// <summary>Workers that use one file like a file system: no two writes to one place overlap in time, and reads are free.</summary>
internal sealed class SimWorkload(SimModel model, FakeNfsServer server, SimFaults faults, SimScheduler scheduler, SimTrace trace, SimSetup setup)
{
    private readonly Random _choices = new(unchecked(setup.Seed * 7 + 11));
    private readonly bool[] _busy = new bool[model.Cells];
    private int _seenLosses;
    private int _left = setup.Workers * setup.Operations;

    /// <summary>Operations remain to be started.</summary>
    public bool HasMore => _left > 0;

    public Task RunAsync(NfsFile file) => Task.WhenAll(Enumerable.Range(0, setup.Workers).Select(_ => WorkAsync(file)));

    /// <summary>Flushes and reads the whole file. Both must succeed.</summary>
    public async Task CheckAllAsync(NfsFile file)
    {
        await FlushAsync(file);
        await ReadAsync(file, 0, model.Cells);
    }

    /// <summary>Checks what a death of the server would leave now.</summary>
    public void CheckStable(SimModel.Moment since, string when)
    {
        if (model.Check(since, server.File("image").Stable, 0) is { } wrong)
            throw new SimFailureException($"{when}: on the server's disk {wrong}");
    }

    private async Task WorkAsync(NfsFile file)
    {
        while (_left > 0 && !file.IsFenced)
        {
            _left--;
            await Task.Delay(TimeSpan.FromMicroseconds(_choices.Next(2000)), scheduler.Time);
            try
            {
                await OneAsync(file);
            }
            catch (NfsFencedException)
            {
                // The end of the run judges the failure.
                break;
            }
            catch (NfsException error) when (faults.MayFail)
            {
                trace.Add("failed: " + error.Message);
            }
            catch (Exception error) when (error is not SimFailureException)
            {
                throw new SimFailureException("an operation failed although no fault allows it: " + error, error);
            }
        }
        if (file.IsFenced)
            _left = 0;
    }

    private async Task OneAsync(NfsFile file)
    {
        int first = _choices.Next(model.Cells);
        int count = Math.Min(model.Cells - first, _choices.Next(8) == 0 ? _choices.Next(1, model.Cells) : _choices.Next(1, 80));
        switch (_choices.Next(12))
        {
            case < 6:
                await ChangeAsync(file, first, count, isHole: false);
                break;
            case 6:
                await ChangeAsync(file, first, count, isHole: true);
                break;
            case 7 or 8:
                await FlushAsync(file);
                break;
            default:
                await ReadAsync(file, first, count);
                break;
        }
    }

    private async Task ChangeAsync(NfsFile file, int first, int count, bool isHole)
    {
        // The part that no other worker is writing to.
        int free = Array.IndexOf(_busy, true, first, count) is >= 0 and int taken ? taken - first : count;
        if (free == 0)
            return;
        Array.Fill(_busy, true, first, free);
        SimModel.Change change = model.Begin(first, free, isHole);
        try
        {
            if (isHole)
                await file.DeallocateAsync((long)first * SimModel.CellBytes, (long)free * SimModel.CellBytes);
            else
                await file.WriteAsync((long)first * SimModel.CellBytes, SimModel.Data(change));
            trace.Add($"done: {change}");
            model.Acknowledge(change);
            if (setup.IsSynchronous && !isHole && !faults.IsTakenOver)
                CheckStable(model.Now(), "after a FILE_SYNC write", first, free);
        }
        finally
        {
            Array.Fill(_busy, false, first, free);
        }
    }

    private void CheckStable(SimModel.Moment since, string when, int first, int count)
    {
        byte[] stable = server.File("image").Stable;
        if (model.Check(since, stable.AsSpan(first * SimModel.CellBytes, count * SimModel.CellBytes), first) is { } wrong)
            throw new SimFailureException($"{when}: on the server's disk {wrong}");
    }

    private async Task FlushAsync(NfsFile file)
    {
        SimModel.Moment begun = model.Now();
        int losses = faults.UnseenLosses;
        await file.CommitAsync();
        _seenLosses = Math.Max(_seenLosses, losses);
        trace.Add("done: flush");
        if (!faults.IsTakenOver)
            CheckStable(begun, "after a flush");
    }

    private async Task ReadAsync(NfsFile file, int first, int count)
    {
        SimModel.Moment begun = model.Now();
        byte[] back = new byte[count * SimModel.CellBytes];
        int before = _seenLosses;
        int got = await file.ReadAsync((long)first * SimModel.CellBytes, back);
        if (got != back.Length)
            throw new SimFailureException($"a read of {back.Length} bytes inside the file returned {got}");
        if (faults.IsTakenOver || before != faults.UnseenLosses)
            return;
        if (model.Check(begun, back, first) is { } wrong)
            throw new SimFailureException($"read: {wrong}");
    }
}
