using Lofizone.Nfs.Operations;
using Lofizone.Nfs.Options;
using Lofizone.Nfs.Packing;
using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Resume;
using Lofizone.Nfs.Session.Slots;
using Lofizone.Nfs.Tests.Fake;

namespace Lofizone.Nfs.Tests.Packing;

/// <summary>Small requests that share a COMPOUND. Each gets its own result, whatever becomes of the others.</summary>
public sealed class PackingTests
{
    internal const int Block = 512;

    /// <summary>Number of calls under way from which on requests wait for each other.</summary>
    private const int Window = SlotTable.OrdinaryLimit;

    internal static byte[] Pattern(int block)
    {
        byte[] data = new byte[Block];
        new Random(block).NextBytes(data);
        return data;
    }

    private static readonly NfsClientOptions _packing = FakeRun.Defaults with { Packing = NfsPacking.All };

    /// <summary>Number of READs and WRITEs in each executed COMPOUND, in order.</summary>
    internal static int[] Sizes(FakeRun run) => [.. run.Server.Arrivals
        .Select(arrival => arrival.Request.Operations.Count(operation => operation.Code is OperationCode.Read or OperationCode.Write))
        .Where(size => size > 0)];

    internal static async Task<NfsFile> OpenFilledAsync(FakeRun run, int blocks)
    {
        NfsFile file = await run.OpenAsync();
        for (int block = 0; block < blocks; block++)
            await run.FinishAsync(file.WriteAsync((long)block * Block, Pattern(block)));
        await run.FinishAsync(file.CommitAsync());
        return file;
    }

    /// <summary>Fills the window with requests that the server holds, so that all later requests wait. Returns the held requests.</summary>
    internal static async Task<Task<int>[]> FillWindowAsync(FakeRun run, NfsFile file)
    {
        run.Server.OnRequest = request => request.Has(OperationCode.Read) ? FakeAction.Hold : FakeAction.Execute;
        Task<int>[] held = [.. Enumerable.Range(0, Window).Select(_ => file.ReadAsync(0, new byte[Block]).AsTask())];
        await FakeRun.UntilAsync(() => run.Server.HeldCount == Window);
        run.Server.OnRequest = _ => FakeAction.Execute;
        return held;
    }

    [Fact]
    public async Task Requests_beyond_the_window_go_together_and_each_caller_gets_its_own_data()
    {
        await using FakeRun run = new();
        NfsFile file = await OpenFilledAsync(run, blocks: 100);
        Task<int>[] held = await FillWindowAsync(run, file);
        int before = run.Server.HeldCount + Sizes(run).Length;
        byte[][] buffers = [.. Enumerable.Range(0, 100).Select(_ => new byte[Block])];
        Task<int>[] reads = [.. buffers.Select((buffer, block) => file.ReadAsync((long)block * Block, buffer).AsTask())];
        Assert.Equal(before, run.Server.HeldCount + Sizes(run).Length);

        run.Server.DeliverHeld();
        await run.FinishAsync(Task.WhenAll([.. held, .. reads]));

        Assert.All(buffers, (buffer, block) => Assert.Equal(Pattern(block), buffer));
        Assert.All(reads, read => Assert.Equal(Block, read.Result));
        int[] packed = Sizes(run)[before..];
        Assert.Equal(100, packed.Sum());
        Assert.True(packed.Length <= 4, $"sent as {string.Join(", ", packed)}");
        Assert.Empty(run.Server.Violations);
    }

    [Fact]
    public async Task Packed_writes_are_kept_and_committed_and_survive_a_restart()
    {
        await using FakeRun run = new() { Options = _packing };
        NfsFile file = await OpenFilledAsync(run, blocks: 1);
        Task<int>[] held = await FillWindowAsync(run, file);
        Task[] writes = [.. Enumerable.Range(1, 40).Select(block => file.WriteAsync((long)block * Block, Pattern(block)).AsTask())];
        run.Server.DeliverHeld();
        await run.FinishAsync(Task.WhenAll([.. held, .. writes]));
        run.Server.Restart();
        await run.FinishAsync(file.CommitAsync());

        byte[] expected = [.. Enumerable.Range(0, 41).SelectMany(Pattern)];
        Assert.Equal(expected, run.Server.File("image").Stable);
        Assert.Contains(Sizes(run), size => size > 10);
        Assert.Empty(run.Server.Violations);
    }

    [Fact]
    public async Task Writes_go_one_to_a_call_where_they_must()
    {
        await using FakeRun run = new();
        NfsFile file = await OpenFilledAsync(run, blocks: 1);
        Task<int>[] held = await FillWindowAsync(run, file);
        Task[] writes = [.. Enumerable.Range(1, 40).Select(block => file.WriteAsync((long)block * Block, Pattern(block)).AsTask())];
        run.Server.DeliverHeld();
        await run.FinishAsync(Task.WhenAll([.. held, .. writes]));
        Assert.All(run.Server.Arrivals, arrival => Assert.True(arrival.Request.Operations.Count(operation => operation.Code == OperationCode.Write) <= 1));
    }

    [Fact]
    public async Task A_resumed_client_packs_as_its_predecessor_did()
    {
        await using FakeRun run = new() { Options = FakeRun.Defaults with { ResumeMemory = NfsResumeMemory.Create() } };
        await OpenFilledAsync(run, blocks: 40);
        run.Kill();
        NfsFile file = run.Resume();
        byte[][] buffers = [.. Enumerable.Range(0, 40).Select(_ => new byte[Block])];
        // The first answer tells that the session exists.
        await run.FinishAsync(file.ReadAsync(0, buffers[0]));
        int before = Sizes(run).Length;
        Task<int>[] held = await FillWindowAsync(run, file);
        Task<int>[] reads = [.. buffers.Select((buffer, block) => file.ReadAsync((long)block * Block, buffer).AsTask())];
        run.Server.DeliverHeld();
        await run.FinishAsync(Task.WhenAll([.. held, .. reads]));

        Assert.All(buffers, (buffer, block) => Assert.Equal(Pattern(block), buffer));
        Assert.Contains(Sizes(run)[before..], size => size > 10);
    }

    [Fact]
    public async Task Of_requests_sent_together_one_that_fails_fails_alone()
    {
        await using FakeRun run = new() { Options = _packing };
        NfsFile file = await OpenFilledAsync(run, blocks: 4);
        Task<int>[] held = await FillWindowAsync(run, file);
        byte[][] buffers = [.. Enumerable.Range(0, 4).Select(_ => new byte[Block])];
        Task<int> Read(int block) => file.ReadAsync((long)block * Block, buffers[block]).AsTask();
        Task<int>[] front = [Read(0), Read(1)];
        Task write = file.WriteAsync(0, Pattern(9)).AsTask();
        Task<int>[] behind = [Read(2), Read(3)];
        run.Server.Fail(OperationCode.Write, NfsStatus.Io);
        int before = run.Server.HeldCount + Sizes(run).Length;

        run.Server.DeliverHeld();
        await run.FinishAsync(Task.WhenAll([.. held, .. front, .. behind]));
        NfsException error = await Assert.ThrowsAsync<NfsException>(() => run.FinishAsync(write));

        Assert.Equal(NfsStatus.Io, error.Status);
        Assert.All(buffers, (buffer, block) => Assert.Equal(Pattern(block), buffer));
        Assert.Equal(5, Sizes(run)[before]);
        Assert.Empty(run.Server.Violations);
    }

    [Fact]
    public async Task A_read_beyond_the_end_of_the_file_is_short_and_its_neighbours_are_whole()
    {
        await using FakeRun run = new();
        NfsFile file = await OpenFilledAsync(run, blocks: 3);
        Task<int>[] held = await FillWindowAsync(run, file);
        byte[][] buffers = [new byte[Block], new byte[Block], new byte[Block]];
        Task<int>[] reads =
        [
            file.ReadAsync(0, buffers[0]).AsTask(),
            file.ReadAsync(2 * Block + 100, buffers[1]).AsTask(),
            file.ReadAsync(Block, buffers[2]).AsTask(),
        ];
        run.Server.DeliverHeld();
        await run.FinishAsync(Task.WhenAll([.. held, .. reads]));

        Assert.Equal([Block, Block - 100, Block], [.. reads.Select(read => read.Result)]);
        Assert.Equal(Pattern(0), buffers[0]);
        Assert.Equal(Pattern(2)[100..], buffers[1][..(Block - 100)]);
        Assert.Equal(Pattern(1), buffers[2]);
    }

    [Theory]
    [InlineData(NfsStatus.Resource)]
    [InlineData(NfsStatus.TooManyOps)]
    [InlineData(NfsStatus.RepTooBig)]
    public async Task A_server_that_refuses_so_many_operations_gets_fewer(NfsStatus refusal)
    {
        const int Takes = 10;
        await using FakeRun run = new();
        NfsFile file = await OpenFilledAsync(run, blocks: 100);
        Task<int>[] held = await FillWindowAsync(run, file);
        int before = run.Server.HeldCount + Sizes(run).Length;
        byte[][] buffers = [.. Enumerable.Range(0, 100).Select(_ => new byte[Block])];
        Task<int>[] reads = [.. buffers.Select((buffer, block) => file.ReadAsync((long)block * Block, buffer).AsTask())];
        run.Server.OnRequest = request =>
        {
            if (request.Operations.Count > Takes)
                run.Server.Fail(OperationCode.Sequence, refusal);
            return FakeAction.Execute;
        };
        run.Server.DeliverHeld();
        await run.FinishAsync(Task.WhenAll([.. held, .. reads]));

        Assert.All(buffers, (buffer, block) => Assert.Equal(Pattern(block), buffer));
        int[] sizes = Sizes(run)[before..];
        Assert.True(sizes.Count(size => size > Takes) is > 0 and < 25, string.Join(", ", sizes));
        Assert.True(sizes[^1] <= Takes);
        Assert.Empty(run.Server.Violations);
    }

    [Fact]
    public async Task A_connection_cut_inside_a_packed_request_or_its_answer_is_healed_by_the_same_bytes()
    {
        for (int cut = 100; cut < 20_000; cut += 1777)
        {
            await using FakeRun run = new() { Options = _packing };
            List<FakeChannel> channels = [];
            run.Server.OnConnect = (channel, _) =>
            {
                channel.PieceBytes = 611;
                channels.Add(channel);
            };
            NfsFile file = await OpenFilledAsync(run, blocks: 30);
            Task<int>[] held = await FillWindowAsync(run, file);
            byte[][] buffers = [.. Enumerable.Range(0, 30).Select(_ => new byte[Block])];
            Task[] mixed = [.. buffers.Select((buffer, block) => block % 2 == 0
                ? (Task)file.ReadAsync((long)block * Block, buffer).AsTask()
                : file.WriteAsync((long)block * Block, Pattern(block + 50)).AsTask())];
            channels[0].ReplyBytesLeft = 64 * 600 + cut;
            run.Server.DeliverHeld();
            await run.FinishAsync(Task.WhenAll([.. held, .. mixed]));
            await run.FinishAsync(file.CommitAsync());

            for (int block = 0; block < 30; block++)
            {
                if (block % 2 == 0)
                    Assert.Equal(Pattern(block), buffers[block]);
                else
                    Assert.Equal(Pattern(block + 50), run.Server.File("image").Stable.AsSpan(block * Block, Block).ToArray());
            }
            Assert.Empty(run.Server.Violations);
        }
    }

    [Fact]
    public void A_server_that_works_in_parallel_never_gets_fewer_calls()
    {
        PackingWindow window = new(Window);
        for (int answer = 0; answer < 10_000; answer++)
        {
            window.OnFull();
            // Noise of 10%: no answer takes as long as two.
            window.OnAnswer(TimeSpan.FromMicroseconds(1000 + answer * 37 % 100), operations: 1, inFlight: 32, TimeSpan.FromMilliseconds(answer));
            Assert.True(window.Size >= 32);
        }
    }

    [Fact]
    public void A_window_that_is_too_small_for_a_parallel_server_grows_again()
    {
        PackingWindow window = new(Window);
        TimeSpan now = Run(window, TimeSpan.Zero, 2000, inFlight => 50 * inFlight, operations: 1);
        Assert.True(window.Size <= 8, $"{window.Size}");
        // The window forgets the slow times. From then on each answer takes 1 ms for each operation, with any number of calls.
        Run(window, now + 2 * PackingWindow.BaseLife, 20_000, _ => 8000, operations: 8);
        Assert.Equal(Window, window.Size);
    }

    [Fact]
    public void A_server_that_takes_calls_one_after_the_other_gets_only_a_few()
    {
        PackingWindow window = new(Window);
        Run(window, TimeSpan.Zero, 2000, inFlight => 50 * inFlight, operations: 1);
        Assert.InRange(window.Size, PackingWindow.Least, 8);
    }

    /// <summary>Gives answers while the window is full. Returns the elapsed time.</summary>
    private static TimeSpan Run(PackingWindow window, TimeSpan start, int answers, Func<int, double> microseconds, int operations)
    {
        window.OnAnswer(TimeSpan.FromMicroseconds(microseconds(1)), operations, 1, start);
        for (int i = 0; i < answers; i++)
        {
            window.OnFull();
            window.OnAnswer(TimeSpan.FromMicroseconds(microseconds(window.Size)), operations, window.Size, start + TimeSpan.FromMilliseconds(i));
        }
        return start + TimeSpan.FromMilliseconds(answers);
    }
}
