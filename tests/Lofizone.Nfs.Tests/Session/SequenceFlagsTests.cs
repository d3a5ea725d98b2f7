using Lofizone.Nfs.Operations;
using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Tests.Fake;

namespace Lofizone.Nfs.Tests.Session;

/// <summary>The flags of SEQUENCE (RFC 8881 section 18.46.3), and the renewal of the lease.</summary>
public sealed class SequenceFlagsTests
{
    [Theory]
    [InlineData(0x001)] // CB_PATH_DOWN
    [InlineData(0x002)] // CB_GSS_CONTEXTS_EXPIRING
    [InlineData(0x004)] // CB_GSS_CONTEXTS_EXPIRED
    [InlineData(0x200)] // CB_PATH_DOWN_SESSION
    [InlineData(0x800)] // DEVID_CHANGED
    [InlineData(0x1000)] // DEVID_DELETED
    public async Task Flags_about_what_this_client_does_not_use_cost_nothing(uint flags)
    {
        await using FakeRun run = new();
        run.Server.StatusFlags = flags;
        NfsFile file = await run.OpenAsync();
        int before = run.Server.Arrivals.Count;
        await run.FinishAsync(file.WriteAsync(0, new byte[] { 1 }));
        await run.FinishAsync(file.CommitAsync());
        Assert.Equal(before + 2, run.Server.Arrivals.Count);
        Assert.Equal(0, run.Client.Statistics.SessionsLost);
    }

    [Theory]
    [InlineData(0x08)] // EXPIRED_ALL_STATE_REVOKED
    [InlineData(0x10)] // EXPIRED_SOME_STATE_REVOKED
    [InlineData(0x20)] // ADMIN_STATE_REVOKED
    [InlineData(0x40)] // RECALLABLE_STATE_REVOKED
    [InlineData(0x80)] // LEASE_MOVED
    public async Task State_that_may_be_gone_is_tested_once_and_I_O_goes_on_when_it_is_not(uint flags)
    {
        await using FakeRun run = new();
        NfsFile file = await run.OpenAsync();
        run.Server.StatusFlags = flags;
        for (int i = 0; i < 20; i++)
            await run.FinishAsync(file.WriteAsync(i, new byte[] { 1 }));
        await run.FinishAsync(file.CommitAsync());
        Assert.True(file.IsLocked);
        Assert.Single(run.Server.Arrivals, arrival => arrival.Request.Main.Code == OperationCode.TestStateId);
        // The next renewal still has the flag, so the client looks for revoked state again.
        run.Clock.Advance(run.Server.Lease / 3);
        await FakeRun.UntilAsync(() => run.Server.Arrivals.Count(arrival => arrival.Request.Main.Code == OperationCode.TestStateId) == 2);
        Assert.Empty(run.Server.Violations);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_file_system_that_has_moved_fences_with_a_message_that_says_so(bool idle)
    {
        const uint LeaseMoved = 0x80;
        await using FakeRun run = new();
        NfsFile file = await run.OpenAsync();
        await run.FinishAsync(file.WriteAsync(0, new byte[] { 1 }));
        TaskCompletionSource<NfsFencedException> fenced = new();
        file.Fenced += fenced.SetResult;
        run.Server.OnOperation = code => code == OperationCode.PutFh ? NfsStatus.Moved : NfsStatus.Ok;
        run.Server.StatusFlags = LeaseMoved;
        if (idle)
            run.Clock.Advance(run.Server.Lease / 3);
        else
            await Assert.ThrowsAsync<NfsFencedException>(() => run.FinishAsync(file.WriteAsync(1, new byte[] { 2 })));
        Assert.Contains("moved its file system to another server", (await run.FinishAsync(fenced.Task)).Why, StringComparison.Ordinal);
        int before = run.Server.Arrivals.Count(arrival => arrival.Request.Has(OperationCode.Write));
        await Assert.ThrowsAsync<NfsFencedException>(() => run.FinishAsync(file.CommitAsync()));
        Assert.Equal(before, run.Server.Arrivals.Count(arrival => arrival.Request.Has(OperationCode.Write)));
    }

    [Fact]
    public async Task A_back_channel_at_fault_has_the_session_replaced_after_its_requests_are_answered()
    {
        await using FakeRun run = new();
        NfsFile file = await run.OpenAsync();
        run.Server.NextStatusFlags.Enqueue(Sequence.BackChannelFault);
        await run.FinishAsync(Task.WhenAll(Enumerable.Range(0, 20).Select(i => file.WriteAsync(i, new byte[] { (byte)i }).AsTask())));
        await run.FinishAsync(file.CommitAsync());
        Assert.Equal(Enumerable.Range(0, 20).Select(i => (byte)i), run.Server.File("image").Stable);
        Assert.Equal(1, run.Client.Statistics.SessionsLost);
        // Requests use the new session before DESTROY_SESSION of the old session has reached the server.
        await run.RunUntilAsync(() => run.Server.Arrivals.Any(arrival => arrival.Request.Main.Code == OperationCode.DestroySession));
        Assert.Single(run.Server.Arrivals, arrival => arrival.Request.Main.Code == OperationCode.DestroySession);
        Assert.True(file.IsLocked);
        Assert.Empty(run.Server.Violations);
    }

    [Fact]
    public async Task A_connection_the_server_does_not_know_is_bound_anew_and_the_session_kept()
    {
        await using FakeRun run = new();
        NfsFile file = await run.OpenAsync();
        run.Server.Fail(OperationCode.Sequence, NfsStatus.ConnNotBoundToSession);
        await run.FinishAsync(file.WriteAsync(0, new byte[] { 1 }));
        Assert.Equal(0, run.Client.Statistics.SessionsLost);
        Assert.Equal(2, run.Server.Connections);
        Assert.Single(run.Server.Arrivals, arrival => arrival.Request.Main.Code == OperationCode.BindConnToSession);
        Assert.Empty(run.Server.Violations);
    }

    [Fact]
    public async Task A_lease_is_renewed_although_every_slot_waits_for_a_slow_server()
    {
        await using FakeRun run = new();
        run.Server.Slots = 8;
        NfsFile file = await run.OpenAsync();
        run.Server.OnRequest = request => request.Main.Code == OperationCode.Write ? FakeAction.Hold : FakeAction.Execute;
        Task[] writes = [.. Enumerable.Range(0, 20).Select(i => file.WriteAsync(i, new byte[] { 1 }).AsTask())];
        await FakeRun.UntilAsync(() => run.Server.HeldCount == 7);
        int renewals = run.Server.Renewals;
        for (int i = 1; i <= 3; i++)
        {
            run.Clock.Advance(run.Server.Lease / 3);
            await FakeRun.UntilAsync(() => run.Server.Renewals >= renewals + i && !run.Client.IsRenewing);
        }
        run.Server.OnRequest = _ => FakeAction.Execute;
        run.Server.DeliverHeld();
        await run.FinishAsync(Task.WhenAll(writes));
        Assert.Empty(run.Server.Violations);
    }

    [Fact]
    public async Task A_late_answer_does_not_count_as_a_renewal_of_its_time()
    {
        await using FakeRun run = new();
        NfsFile file = await run.OpenAsync();
        run.Server.OnRequest = request => request.Main.Code == OperationCode.Write ? FakeAction.Hold : FakeAction.Execute;
        Task write = file.WriteAsync(0, new byte[1]).AsTask();
        await FakeRun.UntilAsync(() => run.Server.HeldCount == 1);
        // The answer comes just before a tick. The client can't know how long ago the server executed the request.
        run.Clock.Advance(run.Server.Lease / 3 * 0.9);
        run.Server.DeliverHeld();
        await write;
        int renewals = run.Server.Renewals;
        run.Clock.Advance(run.Server.Lease / 3 * 0.2);
        await FakeRun.UntilAsync(() => run.Server.Renewals > renewals);
    }
}
