using System.Text;
using Lofizone.Nfs.Files;
using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Tests.Fake;

namespace Lofizone.Nfs.Tests.Files;

/// <summary>The owner of a dropped lock takes it again if no other host had the lock, and is fenced otherwise, even when idle.</summary>
public sealed class DroppedLockTests
{
    private const string Record = "/owner";

    private static readonly byte[] _mine = "generation 1"u8.ToArray();
    private static readonly byte[] _others = "generation 2"u8.ToArray();

    private sealed class Proof : IOwnershipProof
    {
        public string RecordPath => Record;

        public string? Refuse(ReadOnlyMemory<byte>? record) => record is { } found && found.Span.SequenceEqual(_mine) ? null
            : record is null ? "its record is gone" : $"taken with {Encoding.UTF8.GetString(record.Value.Span)}";
    }

    private static async Task<NfsFile> OpenGuardedAsync(FakeRun run)
    {
        run.Server.Put("owner", _mine);
        NfsFile file = await run.OpenAsync();
        file.GuardBy(new Proof());
        return file;
    }

    [Fact]
    public async Task A_lost_lease_with_an_unchanged_record_is_taken_up_again_and_uncommitted_data_goes_first()
    {
        await using FakeRun run = new();
        NfsFile file = await OpenGuardedAsync(run);
        await run.FinishAsync(file.WriteAsync(0, new byte[] { 1, 2, 3 }));
        run.Server.Revoke();
        await run.FinishAsync(file.WriteAsync(3, new byte[] { 4 }));
        await run.FinishAsync(file.CommitAsync());
        Assert.Equal([1, 2, 3, 4], run.Server.File("image").Stable);
        Assert.True(file.IsLocked);
        Assert.False(file.IsRetaking);
        Assert.Empty(run.Server.Violations);

        OperationCode[] after = [.. run.Server.Arrivals.SkipWhile(arrival => arrival.Request.Main.Code != OperationCode.Write).Skip(2).Select(arrival => arrival.Request.Main.Code)];
        int open = Array.IndexOf(after, OperationCode.Open);
        int taken = Array.IndexOf(after, OperationCode.Lock);
        int record = Array.IndexOf(after, OperationCode.Read, taken);
        int write = Array.IndexOf(after, OperationCode.Write);
        // The client reads the record before it asks for the lock, and again under the lock.
        Assert.True(Array.IndexOf(after, OperationCode.Read) < open && open < taken && taken < record && record < write, string.Join(' ', after));
    }

    [Theory]
    [InlineData(NfsStatus.BadStateId)]
    [InlineData(NfsStatus.StaleStateId)]
    [InlineData(NfsStatus.Expired)]
    [InlineData(NfsStatus.AdminRevoked)]
    [InlineData(NfsStatus.DelegRevoked)]
    public async Task Every_status_that_means_lost_state_has_it_taken_up_again(NfsStatus status)
    {
        await using FakeRun run = new();
        NfsFile file = await OpenGuardedAsync(run);
        run.Server.Fail(OperationCode.Read, status);
        await run.FinishAsync(file.WriteAsync(0, new byte[] { 1 }));
        byte[] back = new byte[1];
        Assert.Equal(1, await run.FinishAsync(file.ReadAsync(0, back)));
        Assert.Equal(1, back[0]);
        Assert.False(file.IsFenced);
        Assert.Equal(2, run.Server.Arrivals.Count(arrival => arrival.Request.Main.Code == OperationCode.Lock));
        Assert.Empty(run.Server.Violations);
    }

    /// <summary>A new owner replaces the record by RENAME. The handle of the LOOKUP may be stale by then.</summary>
    [Fact]
    public async Task A_record_that_is_replaced_while_it_is_read_is_read_again()
    {
        await using FakeRun run = new();
        NfsFile file = await OpenGuardedAsync(run);
        run.Server.Revoke();
        run.Server.Put("owner", _others);
        run.Server.Fail(OperationCode.Read, NfsStatus.Stale);
        NfsFencedException error = await Assert.ThrowsAsync<NfsFencedException>(() => run.FinishAsync(file.WriteAsync(0, new byte[] { 1 })));
        Assert.Contains("taken with generation 2", error.Message, StringComparison.Ordinal);
        Assert.Empty(run.Server.Violations);
    }

    /// <summary>Some servers forget an expired client and refuse its SEQUENCE. That failure says nothing about the record.</summary>
    [Fact]
    public async Task A_client_that_has_expired_makes_itself_known_before_it_reads_the_record()
    {
        await using FakeRun run = new();
        NfsFile file = await OpenGuardedAsync(run);
        await run.FinishAsync(file.WriteAsync(0, new byte[] { 1, 2 }));
        run.Server.Revoke();
        run.Server.OnRequest = request =>
        {
            if (request.Has(OperationCode.Lookup) && request.Has(OperationCode.Read))
            {
                run.Server.OnRequest = _ => FakeAction.Execute;
                run.Server.Fail(OperationCode.Sequence, NfsStatus.Expired);
            }
            return FakeAction.Execute;
        };
        await run.FinishAsync(file.WriteAsync(2, new byte[] { 3 }));
        await run.FinishAsync(file.CommitAsync());
        Assert.Equal([1, 2, 3], run.Server.File("image").Stable);
        Assert.False(file.IsFenced);
        Assert.True(file.IsLocked);
        Assert.Empty(run.Server.Violations);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_lost_lease_after_another_owner_fences_and_nothing_is_written_any_more(bool stillLocked)
    {
        await using FakeRun run = new();
        NfsFile file = await OpenGuardedAsync(run);
        await run.FinishAsync(file.WriteAsync(0, new byte[] { 1, 2, 3 }));
        run.Server.Revoke();
        run.Server.Put("image", [9, 9, 9]);
        run.Server.Put("owner", _others);
        if (stillLocked)
            run.Server.LockByAnother("image");
        int before = run.Server.Arrivals.Count;
        Task[] queued = [.. Enumerable.Range(0, 100).Select(i => file.WriteAsync(i, new byte[] { 1 }).AsTask())];
        foreach (Task write in queued)
            await Assert.ThrowsAsync<NfsFencedException>(() => run.FinishAsync(write));
        NfsFencedException fence = await Assert.ThrowsAsync<NfsFencedException>(() => run.FinishAsync(file.CommitAsync()));
        Assert.Contains("taken with generation 2", fence.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<NfsFencedException>(() => run.FinishAsync(file.ReadAsync(0, new byte[1])));
        Assert.Equal([9, 9, 9], run.Server.File("image").Current);
        Assert.Equal(0, run.Client.Statistics.UncommittedBytes);
        // After the read of the record the client sends nothing, not even a LOCK.
        OperationCode[] after = [.. run.Server.Arrivals.Skip(before)
            .Where(arrival => !arrival.Request.Has(OperationCode.Remove))
            .Select(arrival => arrival.Request.Main.Code)];
        Assert.DoesNotContain(OperationCode.Write, after.SkipWhile(code => code != OperationCode.Read));
        Assert.DoesNotContain(OperationCode.Open, after);
        Assert.DoesNotContain(OperationCode.Lock, after);
    }

    [Theory]
    [InlineData(OperationCode.Open)]
    [InlineData(OperationCode.Lock)]
    public async Task A_client_that_has_expired_as_a_whole_makes_itself_known_and_takes_the_lock_up_again(OperationCode refused)
    {
        await using FakeRun run = new();
        NfsFile file = await OpenGuardedAsync(run);
        await run.FinishAsync(file.WriteAsync(0, new byte[] { 1, 2, 3 }));
        run.Server.Revoke();
        run.Server.Fail(refused, NfsStatus.Expired);
        int before = run.Server.Arrivals.Count;
        await run.FinishAsync(file.WriteAsync(3, new byte[] { 4 }));
        await run.FinishAsync(file.CommitAsync());
        Assert.Equal([1, 2, 3, 4], run.Server.File("image").Stable);
        Assert.Contains(run.Server.Arrivals.Skip(before), arrival => arrival.Request.Has(OperationCode.ExchangeId));
        Assert.False(file.IsFenced);
        Assert.Empty(run.Server.Violations);
    }

    [Theory]
    [InlineData(OperationCode.Open, NfsStatus.ShareDenied)]
    [InlineData(OperationCode.Lock, NfsStatus.Denied)]
    public async Task A_server_that_still_keeps_the_expired_open_or_lock_is_asked_until_it_is_gone(OperationCode refused, NfsStatus status)
    {
        await using FakeRun run = new();
        NfsFile file = await OpenGuardedAsync(run);
        run.Server.Revoke();
        run.Server.Fail(refused, status, times: 10);
        await run.FinishAsync(file.WriteAsync(0, new byte[] { 1, 2 }));
        await run.FinishAsync(file.CommitAsync());
        Assert.Equal([1, 2], run.Server.File("image").Stable);
        Assert.False(file.IsFenced);
        Assert.Empty(run.Server.Violations);
    }

    [Fact]
    public async Task An_expired_open_that_the_server_keeps_for_good_ends_when_the_client_starts_over()
    {
        await using FakeRun run = new();
        NfsFile file = await OpenGuardedAsync(run);
        await run.FinishAsync(file.WriteAsync(0, new byte[] { 1, 2, 3 }));
        run.Server.RevokeAndKeep();
        await run.FinishAsync(file.WriteAsync(3, new byte[] { 4 }));
        await run.FinishAsync(file.CommitAsync());
        Assert.Equal([1, 2, 3, 4], run.Server.File("image").Stable);
        Assert.False(file.IsFenced);
        Assert.Empty(run.Server.Violations);
    }

    [Fact]
    public async Task A_client_that_is_refused_as_expired_again_and_again_is_given_up()
    {
        await using FakeRun run = new();
        NfsFile file = await OpenGuardedAsync(run);
        run.Server.Revoke();
        run.Server.Fail(OperationCode.Open, NfsStatus.Expired, times: 100);
        await Assert.ThrowsAsync<NfsFencedException>(() => run.FinishAsync(file.WriteAsync(0, new byte[1])));
    }

    [Fact]
    public async Task A_missing_record_fences()
    {
        await using FakeRun run = new();
        NfsFile file = await OpenGuardedAsync(run);
        await run.FinishAsync(run.Client.RemoveAsync(Record));
        run.Server.Revoke();
        await Assert.ThrowsAsync<NfsFencedException>(() => run.FinishAsync(file.WriteAsync(0, new byte[1])));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_server_restarted_without_grace_gives_the_lock_again_if_nobody_had_it(bool unchanged)
    {
        await using FakeRun run = new();
        NfsFile file = await OpenGuardedAsync(run);
        await run.FinishAsync(file.WriteAsync(0, new byte[] { 1, 2, 3 }));
        run.Server.Restart(grace: false);
        if (!unchanged)
            run.Server.Put("owner", _others);
        Task commit = file.CommitAsync().AsTask();
        if (unchanged)
        {
            await run.FinishAsync(commit);
            Assert.Equal([1, 2, 3], run.Server.File("image").Stable);
            Assert.True(file.IsLocked);
        }
        else
        {
            await Assert.ThrowsAsync<NfsFencedException>(() => run.FinishAsync(commit));
            Assert.Empty(run.Server.File("image").Current);
        }
    }

    [Theory]
    [InlineData(NfsStatus.NoGrace)]
    [InlineData(NfsStatus.ReclaimBad)]
    [InlineData(NfsStatus.ReclaimConflict)]
    public async Task A_refused_reclaim_leads_to_a_new_lock_with_proof(NfsStatus status)
    {
        await using FakeRun run = new();
        NfsFile file = await OpenGuardedAsync(run);
        await run.FinishAsync(file.WriteAsync(0, new byte[] { 1 }));
        run.Server.Fail(OperationCode.Lock, status);
        run.Server.Restart();
        await run.FinishAsync(file.CommitAsync());
        Assert.Equal([1], run.Server.File("image").Stable);
        Assert.True(file.IsLocked);
        Assert.Empty(run.Server.Violations);
    }

    [Fact]
    public async Task A_server_that_restarts_once_more_before_anything_is_reclaimed_gives_the_lock_again()
    {
        await using FakeRun run = new();
        NfsFile file = await OpenGuardedAsync(run);
        await run.FinishAsync(file.WriteAsync(0, new byte[] { 1, 2 }));
        run.Server.OnRequest = request =>
        {
            if (!request.Has(OperationCode.Open))
                return FakeAction.Execute;
            // The server forgets which clients may reclaim.
            run.Server.OnRequest = _ => FakeAction.Execute;
            run.Server.Restart(grace: false);
            return FakeAction.LoseAndCut;
        };
        run.Server.Restart();
        await run.FinishAsync(file.CommitAsync());
        Assert.Equal([1, 2], run.Server.File("image").Stable);
        Assert.True(file.IsLocked);
        Assert.Empty(run.Server.Violations);
    }

    [Fact]
    public async Task A_record_whose_answer_the_server_did_not_keep_is_read_again()
    {
        await using FakeRun run = new();
        run.Server.KeepsAllReplies = false;
        NfsFile file = await OpenGuardedAsync(run);
        int cuts = 0;
        run.Server.OnRequest = request => request.Has(OperationCode.Lookup) && cuts++ == 0 ? FakeAction.ExecuteAndCut : FakeAction.Execute;
        run.Server.Revoke();
        await run.FinishAsync(file.WriteAsync(0, new byte[] { 1 }));
        Assert.True(cuts > 1);
        Assert.True(file.IsLocked);
        Assert.Empty(run.Server.Violations);
    }

    [Theory]
    [InlineData(OperationCode.Open)]
    [InlineData(OperationCode.Lock)]
    [InlineData(OperationCode.Read)]
    public async Task A_retake_cut_in_the_middle_is_done_again(OperationCode code)
    {
        foreach (bool executed in (bool[])[true, false])
        {
            await using FakeRun run = new();
            NfsFile file = await OpenGuardedAsync(run);
            await run.FinishAsync(file.WriteAsync(0, new byte[] { 1 }));
            int cuts = 0;
            run.Server.OnRequest = request =>
                request.Has(code) && cuts++ == 0 ? executed ? FakeAction.ExecuteAndCut : FakeAction.LoseAndCut : FakeAction.Execute;
            run.Server.Revoke();
            await run.FinishAsync(file.WriteAsync(1, new byte[] { 2 }));
            await run.FinishAsync(file.CommitAsync());
            Assert.True(cuts > 0);
            Assert.True(file.IsLocked);
            Assert.Equal([1, 2], run.Server.File("image").Stable);
            Assert.Empty(run.Server.Violations);
        }
    }

    [Fact]
    public async Task A_server_that_takes_the_lock_away_again_and_again_is_given_up()
    {
        await using FakeRun run = new();
        NfsFile file = await OpenGuardedAsync(run);
        run.Server.Fail(OperationCode.Write, NfsStatus.BadStateId, times: 100);
        NfsFencedException fence = await Assert.ThrowsAsync<NfsFencedException>(() => run.FinishAsync(file.WriteAsync(0, new byte[1])));
        Assert.Contains("in a row", fence.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_idle_owner_learns_of_a_lost_lock_with_the_next_renewal(bool unchanged)
    {
        await using FakeRun run = new();
        run.Server.TellsRevoked = true;
        NfsFile file = await OpenGuardedAsync(run);
        TaskCompletionSource<NfsFencedException> fenced = new();
        file.Fenced += fenced.SetResult;
        run.Server.Revoke();
        if (!unchanged)
            run.Server.Put("owner", _others);
        int locks = run.Server.Arrivals.Count(arrival => arrival.Request.Main.Code == OperationCode.Lock);
        // The client reads and writes nothing. Only the clock runs.
        run.Clock.Advance(run.Server.Lease / 3);
        if (unchanged)
            await FakeRun.UntilAsync(() => run.Server.Arrivals.Count(arrival => arrival.Request.Main.Code == OperationCode.Lock) > locks && !file.IsRetaking);
        else
            Assert.Contains("generation 2", (await run.FinishAsync(fenced.Task)).Why, StringComparison.Ordinal);
        Assert.Equal(unchanged, file.IsLocked);
        // The server would tell of the revoked state until the client frees it.
        Assert.Equal(0, run.Server.RevokedLeft);
        Assert.Contains(run.Server.Arrivals, arrival => arrival.Request.Main.Code == OperationCode.TestStateId);
    }

    [Fact]
    public async Task A_server_without_TEST_STATEID_is_asked_by_a_read()
    {
        await using FakeRun run = new();
        run.Server.TellsRevoked = true;
        run.Server.Fail(OperationCode.TestStateId, NfsStatus.NotSupp);
        NfsFile file = await OpenGuardedAsync(run);
        run.Server.Revoke();
        await run.FinishAsync(run.Client.GetAttributesAsync(Record));
        await run.FinishAsync(file.WriteAsync(0, new byte[1]));
        Assert.True(file.IsLocked);
        Assert.Equal(2, run.Server.Arrivals.Count(arrival => arrival.Request.Main.Code == OperationCode.Lock));
    }

    [Fact]
    public async Task A_handler_of_the_fence_that_throws_ends_nothing()
    {
        await using FakeRun run = new();
        NfsFile file = await run.OpenAsync();
        int told = 0;
        file.Fenced += _ => throw new InvalidOperationException("a handler with a bug");
        file.Fenced += _ => told++;
        run.Server.Fail(OperationCode.Write, NfsStatus.Expired);
        await Assert.ThrowsAsync<NfsFencedException>(() => run.FinishAsync(file.WriteAsync(0, new byte[1])));
        Assert.Equal(1, told);
        await run.FinishAsync(run.Client.GetAttributesAsync("/image"));
    }
}
