using CsCheck;
using Lofizone.Nfs.Operations;
using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Tests.Fake;

namespace Lofizone.Nfs.Tests.Session;

/// <summary>Servers that restart and forget: uncommitted data, opens and locks, and fenced files.</summary>
public sealed class ServerRestartTests
{
    private static readonly Gen<DrawnStep[]> _steps = FileModel.Steps(
        (8, FileStep.Write), (4, FileStep.WriteInRestart), (2, FileStep.Deallocate), (3, FileStep.Flush), (2, FileStep.Read), (2, FileStep.Restart),
        (1, FileStep.Cut), (1, FileStep.ForgetSessions), (1, FileStep.ForgetState));

    [Fact]
    public void What_was_flushed_is_what_is_read_whatever_the_server_forgets() => _steps.Sample(steps => RunAsync(steps).GetAwaiter().GetResult(), iter: 150, threads: 1);

    private static async Task RunAsync(DrawnStep[] steps)
    {
        await using FakeRun run = new();
        run.Server.OnConnect = (channel, number) => channel.FullEvery = number % 4 + 2;
        FileModel model = await FileModel.OpenAsync(run);
        foreach (DrawnStep step in steps)
            await model.DoAsync(step);
        await model.EndAsync();
    }

    [Theory]
    [InlineData(OperationCode.Open)]
    [InlineData(OperationCode.Lock)]
    [InlineData(OperationCode.ReclaimComplete)]
    [InlineData(OperationCode.ExchangeId)]
    [InlineData(OperationCode.CreateSession)]
    public async Task A_recovery_cut_in_the_middle_still_takes_the_lock_up_again(OperationCode code)
    {
        foreach (bool executed in (bool[])[true, false])
        {
            await using FakeRun run = new();
            NfsFile file = await run.OpenAsync();
            await run.FinishAsync(file.WriteAsync(0, new byte[] { 1, 2, 3 }));
            int cuts = 0;
            run.Server.OnRequest = request =>
                request.Has(code) && cuts++ == 0 ? executed ? FakeAction.ExecuteAndCut : FakeAction.LoseAndCut : FakeAction.Execute;
            run.Server.Restart();
            await run.FinishAsync(file.WriteAsync(3, new byte[] { 4 }));
            await run.FinishAsync(file.CommitAsync());
            Assert.True(cuts > 1);
            Assert.True(file.IsLocked);
            Assert.Equal([1, 2, 3, 4], run.Server.File("image").Stable);
            Assert.Empty(run.Server.Violations);
        }
    }

    [Fact]
    public async Task A_server_that_kept_the_session_and_not_the_state_gets_it_reclaimed_once()
    {
        await using FakeRun run = new();
        NfsFile file = await run.OpenAsync();
        await run.FinishAsync(file.WriteAsync(0, new byte[] { 1, 2, 3 }));
        run.Server.ForgetState();
        await run.FinishAsync(run.Client.GetAttributesAsync("/image"));
        await run.FinishAsync(file.CommitAsync());
        Assert.Equal([1, 2, 3], run.Server.File("image").Stable);
        Assert.Equal(1, run.Client.Statistics.Reclaims);
        Assert.True(file.IsLocked);
        Assert.Empty(run.Server.Violations);
    }

    [Fact]
    public async Task A_hole_that_the_server_forgot_is_made_again_before_a_flush_succeeds()
    {
        await using FakeRun run = new();
        NfsFile file = await run.OpenAsync();
        await run.FinishAsync(file.WriteAsync(0, new byte[] { 1, 2, 3 }));
        await run.FinishAsync(file.CommitAsync());
        await run.FinishAsync(file.DeallocateAsync(1, 1));
        run.Server.ForgetState();
        await run.FinishAsync(file.CommitAsync());
        Assert.Equal([1, 0, 3], run.Server.File("image").Stable);
    }

    [Theory]
    [InlineData(NfsStatus.Expired)]
    [InlineData(NfsStatus.BadStateId)]
    [InlineData(NfsStatus.AdminRevoked)]
    public async Task A_fenced_file_sends_no_other_write(NfsStatus status)
    {
        await using FakeRun run = new();
        run.Server.Slots = 1;
        NfsFile file = await run.OpenAsync();
        int fences = 0;
        file.Fenced += _ => fences++;
        // The server holds the first WRITE. The other WRITEs wait for the only slot.
        int writes = 0;
        run.Server.OnRequest = request => request.Main.Code == OperationCode.Write && writes++ == 0 ? FakeAction.Hold : FakeAction.Execute;
        Task[] all = [.. Enumerable.Range(0, 10).Select(i => file.WriteAsync(i, new byte[] { 1 }).AsTask())];
        run.Server.Fail(OperationCode.Write, status);
        run.Server.DeliverHeld();
        foreach (Task write in all)
            await Assert.ThrowsAsync<NfsFencedException>(() => run.FinishAsync(write));
        await Assert.ThrowsAsync<NfsFencedException>(() => run.FinishAsync(file.WriteAsync(0, new byte[1])));
        await Assert.ThrowsAsync<NfsFencedException>(() => run.FinishAsync(file.CommitAsync()));
        Assert.Equal(1, writes);
        Assert.Equal(1, fences);
        Assert.Empty(run.Server.File("image").Current);
        Assert.Equal(0, run.Client.Statistics.UncommittedBytes);
    }

    [Fact]
    public async Task A_restart_without_grace_fences_the_file_and_uncommitted_data_is_not_sent_again()
    {
        await using FakeRun run = new();
        NfsFile file = await run.OpenAsync();
        await run.FinishAsync(file.WriteAsync(0, new byte[] { 1, 2, 3 }));
        run.Server.Restart(grace: false);
        await Assert.ThrowsAsync<NfsFencedException>(() => run.FinishAsync(file.CommitAsync()));
        Assert.Single(run.Server.Arrivals, arrival => arrival.Request.Main.Code == OperationCode.Write);
        Assert.Empty(run.Server.File("image").Current);
    }

    [Fact]
    public async Task Uncommitted_data_is_bounded_and_committed_before_the_bound_is_reached()
    {
        await using FakeRun run = new();
        NfsFile file = await run.OpenAsync();
        byte[] megabyte = new byte[1 << 20];
        for (int i = 0; i < 80; i++)
        {
            await run.FinishAsync(file.WriteAsync(0, megabyte));
            Assert.InRange(run.Client.Statistics.UncommittedBytes, 0, 64 << 20);
        }
        Assert.Contains(run.Server.Arrivals, arrival => arrival.Request.Main.Code == OperationCode.Commit);
    }
}
