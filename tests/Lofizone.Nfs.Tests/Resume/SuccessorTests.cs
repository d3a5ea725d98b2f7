using CsCheck;
using Lofizone.Nfs.Files;
using Lofizone.Nfs.Operations;
using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Resume;
using Lofizone.Nfs.Tests.Fake;

namespace Lofizone.Nfs.Tests.Resume;

/// <summary>To the server a successor is the same client. No data is lost, and no old request is executed late.</summary>
public sealed class SuccessorTests
{
    private static readonly Gen<DrawnStep[]> _steps = FileModel.Steps(
        (8, FileStep.Write), (2, FileStep.Deallocate), (3, FileStep.Flush), (3, FileStep.Read), (3, FileStep.Kill), (3, FileStep.KillInWrite),
        (2, FileStep.KillAndRestart), (1, FileStep.Restart), (1, FileStep.ForgetSessions));

    [Fact]
    public void What_was_answered_is_there_whoever_dies_and_whatever_the_server_forgets() => _steps.Sample(steps => RunAsync(steps).GetAwaiter().GetResult(), iter: 100, threads: 1);

    [Fact]
    public async Task The_old_session_is_destroyed_and_the_lock_repeated_before_anything_else_is_sent()
    {
        await using FakeRun run = NewRun();
        NfsFile file = await run.OpenAsync();
        await run.FinishAsync(file.WriteAsync(0, new byte[] { 1, 2, 3 }));
        int before = run.Server.Arrivals.Count;
        run.Kill();
        NfsFile resumed = run.Resume();
        await run.FinishAsync(resumed.WriteAsync(3, new byte[] { 4 }));
        await run.FinishAsync(resumed.CommitAsync());
        OperationCode[] sent = [.. run.Server.Arrivals.Skip(before).Select(arrival => arrival.Request.Operations[^1].Code)];
        Assert.Equal([OperationCode.BindConnToSession, OperationCode.DestroySession, OperationCode.CreateSession], sent[..3]);
        Assert.Equal(OperationCode.Lock, sent.First(code => code is OperationCode.Lock or OperationCode.Write or OperationCode.Commit or OperationCode.Read));
        Assert.DoesNotContain(OperationCode.ExchangeId, sent);
        Assert.Equal([1, 2, 3, 4], run.Server.File("image").Stable);
        // The server has kept data and write verifier, so the client sends a COMMIT and no WRITE.
        Assert.Equal(2, run.Server.Arrivals.Count(arrival => arrival.Request.Main.Code == OperationCode.Write));
        Assert.True(resumed.IsLocked);
        Assert.Empty(run.Server.Violations);
    }

    [Fact]
    public async Task A_write_of_the_killed_client_that_arrives_late_changes_nothing()
    {
        await using FakeRun run = NewRun();
        NfsFile file = await run.OpenAsync();
        run.Server.OnRequest = request => request.Main.Code == OperationCode.Write ? FakeAction.Hold : FakeAction.Execute;
        Task lost = file.WriteAsync(0, new byte[] { 1, 1, 1 }).AsTask();
        await FakeRun.UntilAsync(() => run.Server.HeldCount == 1);
        run.Kill();
        run.Server.OnRequest = _ => FakeAction.Execute;
        NfsFile resumed = run.Resume();
        await run.FinishAsync(resumed.WriteAsync(0, new byte[] { 2, 2, 2 }));
        run.Server.DeliverHeld();
        await run.FinishAsync(resumed.CommitAsync());
        Assert.Equal([2, 2, 2], run.Server.File("image").Stable);
        Assert.False(lost.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task Data_that_the_server_lost_with_the_client_is_written_again_before_anything_is_read()
    {
        await using FakeRun run = NewRun();
        NfsFile file = await run.OpenAsync();
        await run.FinishAsync(file.WriteAsync(0, new byte[] { 1, 2, 3 }));
        await run.FinishAsync(file.WriteAsync(1, new byte[] { 9 }));
        run.Kill();
        run.Server.Restart();
        NfsFile resumed = run.Resume();
        byte[] back = new byte[3];
        Assert.Equal(3, await run.FinishAsync(resumed.ReadAsync(0, back)));
        Assert.Equal([1, 9, 3], back);
        await run.FinishAsync(resumed.CommitAsync());
        Assert.Equal([1, 9, 3], run.Server.File("image").Stable);
        Assert.True(resumed.IsLocked);
        Assert.Empty(run.Server.Violations);
    }

    [Fact]
    public async Task A_successor_that_is_killed_before_it_noted_the_repeated_lock_has_one_that_goes_on()
    {
        await using FakeRun run = NewRun();
        NfsFile file = await run.OpenAsync();
        await run.FinishAsync(file.WriteAsync(0, new byte[] { 1 }));
        run.Kill();
        int locks = 0;
        run.Server.OnRequest = request => request.Has(OperationCode.Lock) && locks++ == 0 ? FakeAction.ExecuteAndCut : FakeAction.Execute;
        run.Resume();
        await FakeRun.UntilAsync(() => locks > 0);
        run.Kill();
        NfsFile resumed = run.Resume();
        await run.FinishAsync(resumed.WriteAsync(1, new byte[] { 2 }));
        await run.FinishAsync(resumed.CommitAsync());
        Assert.Equal([1, 2], run.Server.File("image").Stable);
        Assert.Empty(run.Server.Violations);
    }

    [Theory]
    [InlineData(OperationCode.DestroySession)]
    [InlineData(OperationCode.CreateSession)]
    [InlineData(OperationCode.Lock)]
    public async Task A_successor_killed_in_the_middle_of_its_resume_has_one_too(OperationCode code)
    {
        foreach (bool executed in (bool[])[true, false])
        {
            await using FakeRun run = NewRun();
            NfsFile file = await run.OpenAsync();
            await run.FinishAsync(file.WriteAsync(0, new byte[] { 1, 2 }));
            run.Kill();
            int met = 0;
            run.Server.OnRequest = request => request.Has(code) && met++ == 0 ? executed ? FakeAction.ExecuteAndCut : FakeAction.LoseAndCut : FakeAction.Execute;
            run.Resume();
            await FakeRun.UntilAsync(() => met > 0);
            run.Kill();
            NfsFile resumed = run.Resume();
            await run.FinishAsync(resumed.WriteAsync(2, new byte[] { 3 }));
            await run.FinishAsync(resumed.CommitAsync());
            Assert.Equal([1, 2, 3], run.Server.File("image").Stable);
            Assert.Empty(run.Server.Violations);
        }
    }

    [Fact]
    public async Task A_lock_that_was_lost_with_the_client_fences_its_successor_and_nothing_is_written()
    {
        await using FakeRun run = NewRun();
        NfsFile file = await run.OpenAsync();
        await run.FinishAsync(file.WriteAsync(0, new byte[] { 1 }));
        run.Kill();
        run.Server.Revoke();
        int writes = run.Server.Arrivals.Count(arrival => arrival.Request.Main.Code == OperationCode.Write);
        NfsFile resumed = run.Resume();
        await Assert.ThrowsAsync<NfsFencedException>(() => run.FinishAsync(resumed.WriteAsync(0, new byte[] { 2 })));
        Assert.True(resumed.IsFenced);
        run.Kill();
        NfsFile again = run.Resume();
        Assert.True(again.IsFenced);
        await Assert.ThrowsAsync<NfsFencedException>(() => run.FinishAsync(again.CommitAsync()));
        Assert.Equal(writes, run.Server.Arrivals.Count(arrival => arrival.Request.Main.Code == OperationCode.Write));
    }

    [Fact]
    public void Of_two_states_the_newest_whole_one_counts_at_every_byte_of_a_write()
    {
        byte[] before = new byte[4096];
        byte[] after = new byte[4096];
        new NfsResumeState { ClientOwner = [1, 2, 3], ClientId = 4 }.Write(before, 1);
        new NfsResumeState { ClientOwner = [5, 6, 7], ClientId = 8, File = new NfsResumeState.FileState { Path = "/a", Lock = new StateId(1, 2, 3) } }.Write(after, 3);
        Assert.True(NfsResumeState.IsWhole(before));
        Assert.Equal(8ul, NfsResumeState.Read(after).ClientId);
        for (int written = 1; written < 200; written++)
        {
            // A write of the state clears the checksum first and fills it last. In between, the state is complete up to some byte.
            byte[] half = [.. before];
            half.AsSpan(8, 8).Clear();
            after.AsSpan(16, written).CopyTo(half.AsSpan(16));
            Assert.False(NfsResumeState.IsWhole(half));
        }
    }

    [Fact]
    public void Room_for_data_is_bounded_used_again_and_found_by_a_successor() => Gen.Int[1, 1 << 20].Array[1, 200].Sample(
        lengths =>
        {
            NfsResumeMemory memory = NfsResumeMemory.Create();
            WriteBuffers buffers = new(memory);
            List<WriteBuffer> rented = [];
            foreach (int length in lengths)
            {
                if (!buffers.TryRent(length, out WriteBuffer buffer))
                    continue;
                Assert.Equal(length, buffer.Memory.Length);
                Assert.DoesNotContain(rented, other => other.Memory.Span.Overlaps(buffer.Memory.Span));
                rented.Add(buffer);
            }

            Assert.NotEmpty(rented);
            WriteBuffers successor = new(memory);
            Assert.All(rented, buffer => Assert.NotNull(successor.Restore(buffer.Page, buffer.Memory.Length)));
            Assert.All(rented, buffer => Assert.Null(successor.Restore(buffer.Page, buffer.Memory.Length)));
            foreach (WriteBuffer buffer in rented)
                buffers.Return(buffer);
            buffers.Trim();
            for (int i = 0; i < NfsResumeMemory.Chunks; i++)
                Assert.True(buffers.TryRent(1 << 20, out _));
            Assert.False(buffers.TryRent(1, out _));
        },
        iter: 50,
        threads: 1);

    private static FakeRun NewRun()
    {
        FakeRun run = new();
        return new FakeRun { Options = run.Options with { ResumeMemory = NfsResumeMemory.Create() } };
    }

    private static async Task RunAsync(DrawnStep[] steps)
    {
        await using FakeRun run = NewRun();
        FileModel model = await FileModel.OpenAsync(run);
        foreach (DrawnStep drawn in steps)
        {
            switch (drawn.Step)
            {
                case FileStep.Kill or FileStep.KillAndRestart:
                    run.Kill();
                    if (drawn.Step == FileStep.KillAndRestart)
                        run.Server.Restart(drawn.Survivors);
                    model.File = run.Resume();
                    break;
                case FileStep.KillInWrite:
                    // The old client's WRITE is executed before the kill or late. The kernel sends the request to the successor again.
                    byte[] data = model.Fill(drawn);
                    // A request that recovers the session, so that the next request is the WRITE.
                    await run.FinishAsync(model.File.GetAttributesAsync());
                    run.Server.OnRequest = request => request.Main.Code == OperationCode.Write ? FakeAction.Hold : FakeAction.Execute;
                    _ = model.File.WriteAsync(drawn.Offset, data).AsTask();
                    await FakeRun.UntilAsync(() => run.Server.HeldCount > 0);
                    if ((drawn.Seed & 1) != 0)
                        run.Server.DeliverHeld();
                    run.Kill();
                    run.Server.OnRequest = _ => FakeAction.Execute;
                    model.File = run.Resume();
                    await run.FinishAsync(model.File.WriteAsync(drawn.Offset, data));
                    run.Server.DeliverHeld();
                    break;
                default:
                    await model.DoAsync(drawn);
                    break;
            }
        }

        await model.EndAsync();
    }
}
