using Lofizone.Nfs.Options;
using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Session.Slots;
using Lofizone.Nfs.Statistics;
using Lofizone.Nfs.Tests.Fake;

namespace Lofizone.Nfs.Tests.Packing;

/// <summary>Requests share a COMPOUND only after the server has proved that it can. The proof leaves nothing behind.</summary>
public sealed class PackingProofTests
{
    private const int Requests = 40;

    /// <summary>Rounds within which the client asks for the proof. Two would do if the client were never late.</summary>
    private const int Rounds = 100;

    private static readonly NfsClientOptions _asking = FakeRun.Defaults with { Packing = null };

    /// <summary>Fills the window with READs that the server holds, so that later requests wait.</summary>
    private static async Task<Task<int>[]> HoldAsync(FakeRun run, NfsFile file)
    {
        await FakeRun.UntilAsync(() => run.Client.Statistics.InFlight == 0);
        run.Server.OnRequest = request => request.Has(OperationCode.Read) && !IsProbe(request) ? FakeAction.Hold : FakeAction.Execute;
        Task<int>[] held = [.. Enumerable.Range(0, SlotTable.OrdinaryLimit).Select(_ => file.ReadAsync(0, new byte[PackingTests.Block]).AsTask())];
        await FakeRun.UntilAsync(() => run.Server.HeldCount > 0);
        run.Server.OnRequest = _ => FakeAction.Execute;
        return held;
    }

    /// <summary>Sends more WRITEs than the window holds. Returns the number of WRITEs in each COMPOUND to the image.</summary>
    private static async Task<int[]> WriteAsync(FakeRun run, NfsFile file, int seed)
    {
        Task<int>[] held = await HoldAsync(run, file);
        int before = run.Server.Arrivals.Count;
        Task[] writes = [.. Enumerable.Range(0, Requests).Select(block => file.WriteAsync((long)block * PackingTests.Block, PackingTests.Pattern(seed + block)).AsTask())];
        run.Server.DeliverHeld();
        await run.FinishAsync(Task.WhenAll([.. held, .. writes]));
        await run.FinishAsync(file.CommitAsync());
        Assert.Equal([.. Enumerable.Range(seed, Requests).SelectMany(PackingTests.Pattern)], run.Server.File("image").Stable);
        return [.. run.Server.Arrivals.Skip(before)
            .Where(arrival => !IsProbe(arrival.Request))
            .Select(arrival => arrival.Request.Operations.Count(operation => operation.Code == OperationCode.Write))];
    }

    private static bool IsProbe(FakeRequest request) => request.Has(OperationCode.Remove);

    private static int Probes(FakeRun run) => run.Server.Arrivals.Count(arrival => IsProbe(arrival.Request));

    private static void AssertNothingLeft(FakeRun run)
    {
        Assert.Equal(["image"], run.Server.Names);
        // Open and lock of the image.
        Assert.Equal(2, run.Server.StateCount);
        Assert.Empty(run.Server.Violations);
    }

    /// <summary>The same with READs, of a file with the pattern of <paramref name="seed"/>.</summary>
    private static async Task<int[]> ReadAsync(FakeRun run, NfsFile file, int seed)
    {
        Task<int>[] held = await HoldAsync(run, file);
        int before = run.Server.Arrivals.Count;
        byte[][] buffers = [.. Enumerable.Range(0, Requests).Select(_ => new byte[PackingTests.Block])];
        Task<int>[] reads = [.. buffers.Select((buffer, block) => file.ReadAsync((long)block * PackingTests.Block, buffer).AsTask())];
        run.Server.DeliverHeld();
        await run.FinishAsync(Task.WhenAll([.. held, .. reads]));
        Assert.All(buffers, (buffer, block) => Assert.Equal(PackingTests.Pattern(seed + block), buffer));
        return [.. run.Server.Arrivals.Skip(before)
            .Where(arrival => !IsProbe(arrival.Request))
            .Select(arrival => arrival.Request.Operations.Count(operation => operation.Code == OperationCode.Read))];
    }

    /// <summary>Writes until the server has given the proof, or has failed to.</summary>
    private static async Task ShowAsync(FakeRun run, NfsFile file, Func<NfsStatistics, bool> shown)
    {
        for (int round = 0; round < Rounds && !shown(run.Client.Statistics); round++)
        {
            await WriteAsync(run, file, seed: 0);
            // The client asks for nothing in a round in which it has not yet seen the last answer.
            await run.RunUntilAsync(() => run.Client.Statistics.InFlight == 0 && run.Server.StateCount == 2);
        }
        await run.RunUntilAsync(() => shown(run.Client.Statistics));
    }

    [Fact]
    public async Task A_server_that_takes_them_right_gets_several_and_no_file_is_left()
    {
        await using FakeRun run = new() { Options = _asking };
        NfsFile file = await PackingTests.OpenFilledAsync(run, blocks: 1);
        Assert.Equal(0, Probes(run));

        Assert.Equal(1, (await WriteAsync(run, file, seed: 0)).Max());
        await run.RunUntilAsync(() => run.Client.Statistics.PackedReads == true);
        Assert.Null(run.Client.Statistics.PackedWrites);
        int[] reads = await ReadAsync(run, file, seed: 0);
        Assert.True(reads.Max() > 10, string.Join(", ", reads));

        await ShowAsync(run, file, statistics => statistics.PackedWrites == true);
        int[] writes = await WriteAsync(run, file, seed: 100);
        Assert.True(writes.Max() > 10, string.Join(", ", writes));
        Assert.Equal(2, Probes(run));
        AssertNothingLeft(run);
    }

    [Fact]
    public async Task A_server_that_mixes_up_the_data_of_WRITEs_gets_one_at_a_time_and_several_READs()
    {
        await using FakeRun run = new() { Options = _asking };
        run.Server.Defect = FakeDefect.MixesUpPackedWrites;
        NfsFile file = await PackingTests.OpenFilledAsync(run, blocks: 1);
        await ShowAsync(run, file, statistics => statistics.PackedWrites == false);

        Assert.Equal(1, (await WriteAsync(run, file, seed: 100)).Max());
        Assert.True((await ReadAsync(run, file, seed: 100)).Max() > 10);
        Assert.Equal(2, Probes(run));
        AssertNothingLeft(run);
    }

    [Fact]
    public async Task A_server_that_mixes_up_the_data_of_READs_gets_every_request_alone()
    {
        await using FakeRun run = new() { Options = _asking };
        run.Server.Defect = FakeDefect.MixesUpPackedReads;
        NfsFile file = await PackingTests.OpenFilledAsync(run, blocks: 1);
        await ShowAsync(run, file, statistics => statistics.PackedReads == false);

        Assert.Equal(1, (await WriteAsync(run, file, seed: 100)).Max());
        Assert.Equal(1, (await ReadAsync(run, file, seed: 100)).Max());
        Assert.Null(run.Client.Statistics.PackedWrites);
        Assert.Equal(1, Probes(run));
        AssertNothingLeft(run);
    }

    [Theory]
    [InlineData(FakeDefect.MixesUpPackedWrites)]
    [InlineData(FakeDefect.MixesUpPackedReads)]
    public async Task A_restarted_server_must_show_it_anew(FakeDefect defect)
    {
        await using FakeRun run = new() { Options = _asking };
        NfsFile file = await PackingTests.OpenFilledAsync(run, blocks: 1);
        await ShowAsync(run, file, statistics => statistics.PackedWrites == true);
        run.Server.Defect = defect;
        run.Server.Restart();

        // Some calls were sent to the old server, and some reach only the new one.
        Assert.Equal(1, (await WriteAsync(run, file, seed: 100)).Max());
        await ReadAsync(run, file, seed: 100);
        Assert.Equal(1, (await WriteAsync(run, file, seed: 200)).Max());
        await ReadAsync(run, file, seed: 200);
        AssertNothingLeft(run);
    }

    [Theory]
    [InlineData(OperationCode.Open, NfsStatus.Access)]
    [InlineData(OperationCode.Remove, NfsStatus.Perm)]
    [InlineData(OperationCode.Write, NfsStatus.DQuot)]
    [InlineData(OperationCode.Close, NfsStatus.Io)]
    public async Task A_server_that_refuses_any_part_of_it_gets_one_at_a_time_and_no_file_is_left(OperationCode refused, NfsStatus status)
    {
        await using FakeRun run = new() { Options = _asking };
        NfsFile file = await PackingTests.OpenFilledAsync(run, blocks: 1);
        Task<int>[] held = await HoldAsync(run, file);
        run.Server.OnRequest = request =>
        {
            if (IsProbe(request) && request.Has(OperationCode.Open))
                run.Server.Fail(refused, status);
            return FakeAction.Execute;
        };
        Task[] writes = [.. Enumerable.Range(0, Requests).Select(block => file.WriteAsync((long)block * PackingTests.Block, PackingTests.Pattern(block)).AsTask())];
        run.Server.DeliverHeld();
        await run.FinishAsync(Task.WhenAll([.. held, .. writes]));
        await run.RunUntilAsync(() => Probes(run) > 0 && run.Server.Names.Count == 1 && run.Server.StateCount == 2);

        Assert.Null(run.Client.Statistics.PackedReads);
        Assert.Equal(1, (await WriteAsync(run, file, seed: 0)).Max());
        Assert.Equal(1, (await ReadAsync(run, file, seed: 0)).Max());
        AssertNothingLeft(run);
    }

    [Fact]
    public async Task An_answer_that_is_lost_is_asked_for_again()
    {
        await using FakeRun run = new() { Options = _asking };
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
        Task[] writes = [.. Enumerable.Range(0, Requests).Select(block => file.WriteAsync((long)block * PackingTests.Block, PackingTests.Pattern(block)).AsTask())];
        run.Server.DeliverHeld();
        await run.FinishAsync(Task.WhenAll([.. held, .. writes]));
        await run.RunUntilAsync(() => run.Client.Statistics.PackedReads == true);

        Assert.True(lost);
        Assert.True((await ReadAsync(run, file, seed: 0)).Max() > 10);
        AssertNothingLeft(run);
    }
}
