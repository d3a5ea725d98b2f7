using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Tests.Fake;

namespace Lofizone.Nfs.Tests.Session;

/// <summary>Requests under way when a connection or a session ends are executed exactly once (RFC 8881 section 2.10.6).</summary>
public sealed class ExactlyOnceTests
{
    private const int WriteBytes = 512;

    private static byte[] Filled(byte value, int length = WriteBytes)
    {
        byte[] data = new byte[length];
        Array.Fill(data, value);
        return data;
    }

    [Theory]
    [InlineData(true, 1500, 11)]
    [InlineData(false, 900, 7)]
    public async Task A_connection_cut_at_any_byte_is_healed_by_retries_with_the_same_slot_sequence_and_bytes(bool inRequest, int bytes, int step)
    {
        long retransmits = 0;
        for (int cut = 0; cut < bytes; cut += step)
        {
            await using FakeRun run = new();
            List<FakeChannel> channels = [];
            run.Server.OnConnect = (channel, number) =>
            {
                channel.PieceBytes = 97;
                channel.FullEvery = number % 3 + 2;
                channels.Add(channel);
            };
            NfsFile file = await run.OpenAsync();
            if (inRequest)
                channels[0].RequestBytesLeft = cut;
            else
                channels[0].ReplyBytesLeft = cut;
            Task[] writes = [file.WriteAsync(0, Filled(1)).AsTask(), file.WriteAsync(WriteBytes, Filled(2)).AsTask()];
            await run.FinishAsync(Task.WhenAll(writes));
            await run.FinishAsync(file.CommitAsync());
            byte[] back = new byte[2 * WriteBytes];
            Assert.Equal(back.Length, await run.FinishAsync(file.ReadAsync(0, back)));

            Assert.Empty(run.Server.Violations);
            Assert.Equal([.. Filled(1), .. Filled(2)], back);
            Assert.Equal(back, run.Server.File("image").Stable);
            Assert.Equal(0, run.Client.Statistics.SessionsLost);
            retransmits += run.Client.Statistics.Retransmits;
        }
        Assert.True(retransmits > 0);
    }

    [Fact]
    public async Task An_executed_write_whose_answer_is_lost_is_not_executed_again_and_an_answer_not_kept_is_asked_for_again()
    {
        foreach (bool keeps in (bool[])[true, false])
        {
            await using FakeRun run = new();
            run.Server.KeepsAllReplies = keeps;
            NfsFile file = await run.OpenAsync();
            int cuts = 0;
            run.Server.OnRequest = request => request.Main.Code == OperationCode.Write && cuts++ == 0 ? FakeAction.ExecuteAndCut : FakeAction.Execute;
            await run.FinishAsync(file.WriteAsync(0, Filled(7)));
            FakeArrival[] writes = [.. run.Server.Arrivals.Where(arrival => arrival.Request.Main.Code == OperationCode.Write)];
            Assert.Equal(keeps ? 2 : 3, writes.Length);
            Assert.True(writes[1].WasReplay);
            Assert.Equal(writes[0].Request.Bytes, writes[1].Request.Bytes);
            Assert.NotEqual(writes[0].Connection, writes[1].Connection);
            Assert.Equal(keeps ? 1 : 2, run.Server.File("image").UnstableWrites);
            Assert.Empty(run.Server.Violations);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_old_write_that_arrives_late_does_not_overwrite_newer_data(bool sessionLost)
    {
        await using FakeRun run = new();
        NfsFile file = await run.OpenAsync();
        int held = 0;
        run.Server.OnRequest = request => request.Main.Code == OperationCode.Write && held++ == 0 ? FakeAction.Hold : FakeAction.Execute;
        Task old = file.WriteAsync(0, Filled(1)).AsTask();
        await FakeRun.UntilAsync(() => run.Server.HeldCount == 1);
        if (sessionLost)
        {
            // The server still knows the session. Only the end of the session keeps its requests from a late execution.
            run.Server.Fail(OperationCode.Sequence, NfsStatus.SeqMisordered);
            await run.FinishAsync(file.ReadAsync(0, new byte[1]));
        }
        else
        {
            run.Server.Cut();
        }
        await run.FinishAsync(old);
        await run.FinishAsync(file.WriteAsync(0, Filled(2)));
        run.Server.DeliverHeld();
        Assert.Equal(Filled(2), run.Server.File("image").Current);
        Assert.Empty(run.Server.Violations);
    }

    [Theory]
    [InlineData(NfsStatus.BadSession)]
    [InlineData(NfsStatus.DeadSession)]
    [InlineData(NfsStatus.BadSlot)]
    [InlineData(NfsStatus.BadHighSlot)]
    [InlineData(NfsStatus.SeqMisordered)]
    [InlineData(NfsStatus.SeqFalseRetry)]
    public async Task A_session_the_server_rejects_is_replaced_and_all_requests_go_through(NfsStatus status)
    {
        await using FakeRun run = new();
        NfsFile file = await run.OpenAsync();
        run.Server.Fail(OperationCode.Sequence, status);
        await run.FinishAsync(Task.WhenAll(Enumerable.Range(0, 20).Select(i => file.WriteAsync(i * WriteBytes, Filled((byte)i)).AsTask())));
        await run.FinishAsync(file.CommitAsync());
        Assert.Equal(Enumerable.Range(0, 20).SelectMany(i => Filled((byte)i)), run.Server.File("image").Stable);
        Assert.Equal(1, run.Client.Statistics.SessionsLost);
        Assert.True(file.IsLocked);
        Assert.Empty(run.Server.Violations);
    }

    [Theory]
    [InlineData(OperationCode.Sequence, NfsStatus.Delay)]
    [InlineData(OperationCode.Write, NfsStatus.Delay)]
    [InlineData(OperationCode.Write, NfsStatus.Grace)]
    [InlineData(OperationCode.Write, NfsStatus.OldStateId)]
    [InlineData(OperationCode.Commit, NfsStatus.Delay)]
    public async Task A_server_that_says_later_is_asked_again(OperationCode code, NfsStatus status)
    {
        await using FakeRun run = new();
        NfsFile file = await run.OpenAsync();
        run.Server.Fail(code, status, times: 5);
        await run.FinishAsync(file.WriteAsync(0, Filled(3)));
        await run.FinishAsync(file.CommitAsync());
        Assert.Equal(Filled(3), run.Server.File("image").Stable);
        Assert.Equal(0, run.Client.Statistics.SessionsLost);
        Assert.Empty(run.Server.Violations);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_request_whose_SEQUENCE_is_put_off_keeps_its_slot_until_it_is_executed(bool cut)
    {
        await using FakeRun run = new();
        run.Server.Slots = 2;
        NfsFile file = await run.OpenAsync();
        int before = run.Server.Arrivals.Count;
        run.Server.Fail(OperationCode.Sequence, NfsStatus.Delay, times: 6);
        Task[] writes = [.. Enumerable.Range(0, 10).Select(i => file.WriteAsync(i * WriteBytes, Filled((byte)i)).AsTask())];
        await FakeRun.UntilAsync(() => run.Server.Arrivals.Count == before + 2);
        if (cut)
            run.Server.Cut();
        await run.FinishAsync(Task.WhenAll(writes));
        await run.FinishAsync(file.CommitAsync());
        Assert.Equal(Enumerable.Range(0, 10).SelectMany(i => Filled((byte)i)), run.Server.File("image").Stable);
        // Each slot carries the same bytes until they are executed.
        foreach (IGrouping<uint, FakeArrival> slot in run.Server.Arrivals.Skip(before).Where(arrival => arrival.Request.Sequence is not null).GroupBy(arrival => arrival.Request.Sequence!.Slot))
        {
            foreach (IGrouping<uint, FakeArrival> sequence in slot.GroupBy(arrival => arrival.Request.Sequence!.Sequence))
                Assert.Single(sequence.Select(arrival => Convert.ToHexString(arrival.Request.Bytes)).Distinct());
        }
        Assert.Equal(0, run.Client.Statistics.SessionsLost);
        Assert.Empty(run.Server.Violations);
    }

    [Theory]
    [InlineData(NfsStatus.StaleClientId)]
    [InlineData(NfsStatus.Expired)]
    public async Task A_lost_session_with_a_stale_client_ID_makes_the_client_known_again(NfsStatus status)
    {
        await using FakeRun run = new();
        NfsFile file = await run.OpenAsync();
        run.Server.ForgetSessions();
        run.Server.Fail(OperationCode.CreateSession, status);
        run.Server.Fail(OperationCode.ExchangeId, NfsStatus.Delay);
        await run.FinishAsync(file.WriteAsync(0, Filled(3)));
        Assert.Equal(Filled(3), run.Server.File("image").Current);
        Assert.Empty(run.Server.Violations);
    }

    [Fact]
    public async Task The_slot_table_follows_the_servers_target()
    {
        await using FakeRun run = new();
        run.Server.TargetHighestSlot = 1;
        NfsFile file = await run.OpenAsync();
        int before = run.Server.Arrivals.Count;
        await run.FinishAsync(Task.WhenAll(Enumerable.Range(0, 50).Select(i => file.WriteAsync(i, Filled(1, 1)).AsTask())));
        Assert.All(run.Server.Arrivals.Skip(before), arrival => Assert.True(arrival.Request.Sequence!.Slot <= 1));
        Assert.Empty(run.Server.Violations);
    }

    [Fact]
    public async Task The_lease_is_renewed_in_idleness()
    {
        await using FakeRun run = new();
        run.Server.Lease = TimeSpan.FromSeconds(30);
        NfsFile file = await run.OpenAsync();
        int before = run.Server.Renewals;
        for (int renewals = before; renewals < before + 60; renewals++)
        {
            // One period of the timer. The clock stands until the renewal is answered.
            long answered = run.Client.Statistics.Operations;
            run.Clock.Advance(TimeSpan.FromSeconds(10));
            await FakeRun.UntilAsync(() => run.Client.Statistics.Operations > answered);
            await FakeRun.UntilAsync(() => !run.Client.IsRenewing);
        }
        Assert.Equal(60, run.Server.Renewals - before);
        await run.FinishAsync(file.WriteAsync(0, Filled(1)));
        Assert.False(file.IsFenced);
    }
}
