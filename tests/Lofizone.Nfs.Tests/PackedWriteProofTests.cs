using Lofizone.Nfs.Operations;
using Lofizone.Nfs.Session;
using Lofizone.Nfs.Tests.Fake;

namespace Lofizone.Nfs.Tests;

/// <summary>WRITEs go together only after the server has shown that it stores each one's data, and it leaves nothing behind.</summary>
public sealed class PackedWriteProofTests
{
    private const int Writes = 40;

    /// <summary>Reads that the server holds, more than may be in flight, so that what comes behind them waits.</summary>
    private static async Task<Task<int>[]> HoldAsync(FakeRun run, NfsFile file)
    {
        await FakeRun.UntilAsync(() => run.Client.Statistics.InFlight == 0);
        run.Server.OnRequest = request => request.Has(OperationCode.Read) && !IsProbe(request) ? FakeAction.Hold : FakeAction.Execute;
        Task<int>[] held = [.. Enumerable.Range(0, SlotTable.OrdinaryLimit).Select(_ => file.ReadAsync(0, new byte[PackingTests.Block]).AsTask())];
        await FakeRun.UntilAsync(() => run.Server.HeldCount > 0);
        run.Server.OnRequest = _ => FakeAction.Execute;
        return held;
    }

    /// <summary>More WRITEs than calls may be in flight; returns how many were in each COMPOUND that wrote to the image.</summary>
    private static async Task<int[]> WriteAsync(FakeRun run, NfsFile file, int seed)
    {
        Task<int>[] held = await HoldAsync(run, file);
        int before = run.Server.Arrivals.Count;
        Task[] writes = [.. Enumerable.Range(0, Writes).Select(block => file.WriteAsync((long)block * PackingTests.Block, PackingTests.Pattern(seed + block)).AsTask())];
        run.Server.DeliverHeld();
        await run.FinishAsync(Task.WhenAll([.. held, .. writes]));
        await run.FinishAsync(file.CommitAsync());
        Assert.Equal([.. Enumerable.Range(seed, Writes).SelectMany(PackingTests.Pattern)], run.Server.File("image").Stable);
        return [.. run.Server.Arrivals.Skip(before)
            .Where(arrival => !IsProbe(arrival.Request))
            .Select(arrival => arrival.Request.Operations.Count(operation => operation.Code == OperationCode.Write))];
    }

    private static bool IsProbe(FakeRequest request) => request.Has(OperationCode.Remove);

    private static int Probes(FakeRun run) => run.Server.Arrivals.Count(arrival => IsProbe(arrival.Request));

    private static void AssertNothingLeft(FakeRun run)
    {
        Assert.Equal(["image"], run.Server.Names);
        // The image's open and lock.
        Assert.Equal(2, run.Server.StateCount);
        Assert.Empty(run.Server.Violations);
    }

    [Fact]
    public async Task A_server_that_stores_them_right_gets_several_and_no_file_is_left()
    {
        await using FakeRun run = new();
        NfsFile file = await PackingTests.OpenFilledAsync(run, blocks: 1);
        Assert.Equal(0, Probes(run));

        int[] first = await WriteAsync(run, file, seed: 0);
        Assert.Equal(1, first.Max());
        await run.RunUntilAsync(() => run.Client.Statistics.PackedWrites == true);
        int[] second = await WriteAsync(run, file, seed: 100);

        Assert.True(second.Max() > 10, string.Join(", ", second));
        Assert.Equal(1, Probes(run));
        AssertNothingLeft(run);
    }

    [Fact]
    public async Task A_server_that_mixes_up_their_data_gets_one_at_a_time()
    {
        await using FakeRun run = new();
        run.Server.Defect = FakeDefect.MixesUpPackedWrites;
        NfsFile file = await PackingTests.OpenFilledAsync(run, blocks: 1);
        await WriteAsync(run, file, seed: 0);
        await run.RunUntilAsync(() => run.Client.Statistics.PackedWrites == false);

        int[] sizes = await WriteAsync(run, file, seed: 100);

        Assert.Equal(1, sizes.Max());
        Assert.Equal(1, Probes(run));
        AssertNothingLeft(run);
    }

    [Fact]
    public async Task A_restarted_server_must_show_it_anew()
    {
        await using FakeRun run = new();
        NfsFile file = await PackingTests.OpenFilledAsync(run, blocks: 1);
        await WriteAsync(run, file, seed: 0);
        await run.RunUntilAsync(() => run.Client.Statistics.PackedWrites == true);
        run.Server.Defect = FakeDefect.MixesUpPackedWrites;
        run.Server.Restart();

        // With calls under way that were sent to the server as it was, and those that only the other one sees.
        Assert.Equal(1, (await WriteAsync(run, file, seed: 100)).Max());
        Assert.Equal(1, (await WriteAsync(run, file, seed: 200)).Max());
        AssertNothingLeft(run);
    }

    [Theory]
    [InlineData(OperationCode.Open, NfsStatus.Access)]
    [InlineData(OperationCode.Remove, NfsStatus.Perm)]
    [InlineData(OperationCode.Write, NfsStatus.DQuot)]
    [InlineData(OperationCode.Close, NfsStatus.Io)]
    public async Task A_server_that_refuses_any_part_of_it_gets_one_at_a_time_and_no_file_is_left(OperationCode refused, NfsStatus status)
    {
        await using FakeRun run = new();
        NfsFile file = await PackingTests.OpenFilledAsync(run, blocks: 1);
        Task<int>[] held = await HoldAsync(run, file);
        run.Server.OnRequest = request =>
        {
            if (IsProbe(request) && request.Has(OperationCode.Open))
                run.Server.Fail(refused, status);
            return FakeAction.Execute;
        };
        Task[] writes = [.. Enumerable.Range(0, Writes).Select(block => file.WriteAsync((long)block * PackingTests.Block, PackingTests.Pattern(block)).AsTask())];
        run.Server.DeliverHeld();
        await run.FinishAsync(Task.WhenAll([.. held, .. writes]));
        await run.RunUntilAsync(() => Probes(run) > 0 && run.Server.Names.Count == 1 && run.Server.StateCount == 2);

        Assert.Null(run.Client.Statistics.PackedWrites);
        Assert.Equal(1, (await WriteAsync(run, file, seed: 0)).Max());
        AssertNothingLeft(run);
    }

    [Fact]
    public async Task An_answer_that_is_lost_is_asked_for_again()
    {
        await using FakeRun run = new();
        NfsFile file = await PackingTests.OpenFilledAsync(run, blocks: 1);
        Task<int>[] held = await HoldAsync(run, file);
        bool lost = false;
        run.Server.OnRequest = request =>
        {
            if (lost || !IsProbe(request))
                return FakeAction.Execute;
            lost = true;
            return FakeAction.ExecuteAndCut;
        };
        Task[] writes = [.. Enumerable.Range(0, Writes).Select(block => file.WriteAsync((long)block * PackingTests.Block, PackingTests.Pattern(block)).AsTask())];
        run.Server.DeliverHeld();
        await run.FinishAsync(Task.WhenAll([.. held, .. writes]));
        await run.RunUntilAsync(() => run.Client.Statistics.PackedWrites == true);

        Assert.True(lost);
        Assert.True((await WriteAsync(run, file, seed: 0)).Max() > 10);
        AssertNothingLeft(run);
    }
}
