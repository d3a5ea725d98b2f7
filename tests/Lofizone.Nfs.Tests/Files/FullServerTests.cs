using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Tests.Fake;

namespace Lofizone.Nfs.Tests.Files;

/// <summary>A server without room, and a server that takes less than it announced.</summary>
public sealed class FullServerTests
{
    [Theory]
    [InlineData(NfsStatus.NoSpc)]
    [InlineData(NfsStatus.DQuot)]
    public async Task A_write_without_room_waits_is_seen_and_goes_on_when_there_is_room(NfsStatus status)
    {
        await using FakeRun run = new();
        NfsFile file = await run.OpenAsync(holdWhenFull: true);
        DateTimeOffset before = run.Clock.GetUtcNow();
        bool full = true;
        run.Server.OnRequest = request =>
        {
            if (full && request.Main.Code == OperationCode.Write)
                run.Server.Fail(OperationCode.Write, status);
            return FakeAction.Execute;
        };
        Task[] writes = [.. Enumerable.Range(0, 3).Select(i => file.WriteAsync(i, new byte[] { (byte)i }).AsTask())];
        await FakeRun.UntilAsync(() => file.Hold is { Waiting: 3 });
        Assert.Equal(status, file.Hold!.Status);
        Assert.True(file.Hold.Since >= before);
        // Reads work while the server has no room.
        Assert.Equal(0, await run.FinishAsync(file.ReadAsync(0, new byte[1])));
        for (int i = 0; i < 10; i++)
            run.Clock.Advance(TimeSpan.FromSeconds(2));
        Assert.All(writes, write => Assert.False(write.IsCompleted));
        full = false;
        await run.FinishAsync(Task.WhenAll(writes));
        await run.FinishAsync(file.CommitAsync());
        Assert.Null(file.Hold);
        Assert.Equal([0, 1, 2], run.Server.File("image").Stable);
        Assert.Empty(run.Server.Violations);
    }

    [Theory]
    [InlineData(NfsStatus.NoSpc)]
    [InlineData(NfsStatus.DQuot)]
    public async Task A_commit_without_room_waits_and_everything_is_sent_again_before_it_succeeds(NfsStatus status)
    {
        await using FakeRun run = new();
        NfsFile file = await run.OpenAsync(holdWhenFull: true);
        await run.FinishAsync(file.WriteAsync(0, new byte[] { 1, 2, 3 }));
        run.Server.Fail(OperationCode.Commit, status, times: 3);
        run.Server.Fail(OperationCode.Write, status, times: 3);
        Task commit = file.CommitAsync().AsTask();
        await FakeRun.UntilAsync(() => file.Hold is not null);
        // The server reports the failure once, and forgets the data at that time.
        run.Server.File("image").Crash(_ => false);
        await run.FinishAsync(commit);
        Assert.Equal([1, 2, 3], run.Server.File("image").Stable);
        Assert.Null(file.Hold);
    }

    [Fact]
    public async Task A_failed_commit_fails_the_flush_and_the_next_one_sends_everything_again()
    {
        await using FakeRun run = new();
        NfsFile file = await run.OpenAsync();
        await run.FinishAsync(file.WriteAsync(0, new byte[] { 1, 2, 3 }));
        run.Server.Fail(OperationCode.Commit, NfsStatus.Io);
        NfsException error = await Assert.ThrowsAsync<NfsException>(() => run.FinishAsync(file.CommitAsync()));
        Assert.Equal(NfsStatus.Io, error.Status);
        run.Server.File("image").Crash(_ => false);
        await run.FinishAsync(file.CommitAsync());
        Assert.Equal([1, 2, 3], run.Server.File("image").Stable);
    }

    [Fact]
    public async Task Without_the_wish_to_wait_no_room_is_an_error_at_once()
    {
        await using FakeRun run = new();
        NfsFile file = await run.OpenAsync();
        run.Server.Fail(OperationCode.Write, NfsStatus.NoSpc);
        NfsException error = await Assert.ThrowsAsync<NfsException>(() => run.FinishAsync(file.WriteAsync(0, new byte[1])));
        Assert.Equal(NfsStatus.NoSpc, error.Status);
        Assert.Null(file.Hold);
    }

    [Fact]
    public async Task What_waits_for_room_ends_with_the_fence()
    {
        await using FakeRun run = new();
        NfsFile file = await run.OpenAsync(holdWhenFull: true);
        run.Server.Fail(OperationCode.Write, NfsStatus.NoSpc);
        Task held = file.WriteAsync(0, new byte[1]).AsTask();
        await FakeRun.UntilAsync(() => file.Hold is not null);
        run.Server.Fail(OperationCode.Read, NfsStatus.Expired);
        await Assert.ThrowsAsync<NfsFencedException>(() => run.FinishAsync(file.ReadAsync(0, new byte[1])));
        // The clock stands: only the fence can wake the write.
        await Assert.ThrowsAsync<NfsFencedException>(() => held);
        Assert.Null(file.Hold);
    }

    [Theory]
    [InlineData(NfsStatus.ReqTooBig)]
    [InlineData(NfsStatus.TooSmall)]
    [InlineData(NfsStatus.RepTooBig)]
    public async Task A_server_that_takes_less_at_once_than_it_said_gets_smaller_pieces(NfsStatus status)
    {
        await using FakeRun run = new();
        NfsFile file = await run.OpenAsync();
        byte[] data = new byte[64 << 10];
        Random.Shared.NextBytes(data);
        run.Server.OnRequest = request =>
        {
            if (request.Main is { Code: OperationCode.Write, Data.Length: > 10_000 } or { Code: OperationCode.Read, Length: > 10_000 })
                run.Server.Fail(request.Main.Code, status);
            return FakeAction.Execute;
        };
        await run.FinishAsync(file.WriteAsync(0, data));
        await run.FinishAsync(file.CommitAsync());
        byte[] back = new byte[data.Length];
        Assert.Equal(data.Length, await run.FinishAsync(file.ReadAsync(0, back)));
        Assert.Equal(data, back);
        Assert.Equal(data, run.Server.File("image").Stable);
    }

    [Fact]
    public async Task A_server_short_of_resources_is_asked_again()
    {
        await using FakeRun run = new();
        NfsFile file = await run.OpenAsync();
        run.Server.Fail(OperationCode.Write, NfsStatus.Resource, times: 3);
        await run.FinishAsync(file.WriteAsync(0, new byte[] { 5 }));
        Assert.Equal([5], run.Server.File("image").Current);
    }
}
