using Lofizone.Nfs.Operations;
using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Tests.Fake;

namespace Lofizone.Nfs.Tests.Files;

/// <summary>Optional operations: ALLOCATE, SEEK, synchronous and asynchronous COPY, CLONE, and servers without them.</summary>
public sealed class OptionalOperationsTests
{
    private static readonly NfsOpenOptions _new = new() { Create = NfsCreate.Guarded, Write = true };

    private static byte[] Random(int length)
    {
        byte[] data = new byte[length];
        new Random(length).NextBytes(data);
        return data;
    }

    private static async Task<(NfsFile Source, NfsFile Target, byte[] Data)> OpenTwoAsync(FakeRun run)
    {
        NfsFile source = await run.OpenAsync();
        byte[] data = Random(10_000);
        await run.FinishAsync(source.WriteAsync(0, data));
        return (source, await run.FinishAsync(run.Client.OpenAsync("/copy", _new)), data);
    }

    [Theory]
    [InlineData(null, long.MaxValue)]
    [InlineData(null, 3000L)]
    [InlineData(3, long.MaxValue)]
    [InlineData(3, 3000L)]
    public async Task A_copy_is_whole_and_durable_whether_the_server_makes_it_now_or_later_at_once_or_in_parts(int? polls, long most)
    {
        await using FakeRun run = new();
        (NfsFile source, NfsFile target, byte[] data) = await OpenTwoAsync(run);
        run.Server.CopyPolls = polls;
        run.Server.MostCopyBytes = most;
        await run.FinishAsync(source.CopyToAsync(target, 0, 0, data.Length));
        Assert.Equal(data, run.Server.File("copy").Stable);
        Assert.Equal(data.Length, target.Length);
        Assert.Equal(polls is not null, run.Server.Arrivals.Any(arrival => arrival.Request.Main.Code == OperationCode.OffloadStatus));
    }

    [Fact]
    public async Task A_copy_during_which_the_server_restarts_begins_anew()
    {
        await using FakeRun run = new();
        (NfsFile source, NfsFile target, byte[] data) = await OpenTwoAsync(run);
        run.Server.MostCopyBytes = 3000;
        int copies = 0;
        run.Server.OnRequest = request =>
        {
            if (request.Main.Code == OperationCode.Copy && ++copies == 3)
                run.Server.ForgetState();
            return FakeAction.Execute;
        };
        await run.FinishAsync(source.CopyToAsync(target, 0, 0, data.Length));
        Assert.Equal(data, run.Server.File("copy").Stable);
        Assert.True(copies > 4);
    }

    [Fact]
    public async Task A_clone_is_whole_and_durable()
    {
        await using FakeRun run = new();
        (NfsFile source, NfsFile target, byte[] data) = await OpenTwoAsync(run);
        await run.FinishAsync(source.CloneToAsync(target, 0, 0, data.Length));
        Assert.Equal(data, run.Server.File("copy").Stable);
    }

    [Fact]
    public async Task Data_and_holes_are_found()
    {
        await using FakeRun run = new();
        NfsFile file = await run.OpenAsync();
        await run.FinishAsync(file.SetLengthAsync(8192));
        await run.FinishAsync(file.WriteAsync(2048, Random(1024)));
        Assert.Equal(2048, await run.FinishAsync(file.SeekDataAsync(0)));
        Assert.Equal(3072, await run.FinishAsync(file.SeekHoleAsync(2048)));
        Assert.Equal(0, await run.FinishAsync(file.SeekHoleAsync(0)));
        Assert.Null(await run.FinishAsync(file.SeekDataAsync(3072)));
        Assert.Null(await run.FinishAsync(file.SeekHoleAsync(8192)));
        await run.FinishAsync(file.AllocateAsync(8192, 4096));
        Assert.Equal(12288, file.Length);
    }

    public static TheoryData<OperationCode> Optional => [OperationCode.Allocate, OperationCode.Deallocate, OperationCode.Seek, OperationCode.Copy, OperationCode.Clone];

    // OFFLOAD_STATUS and OFFLOAD_CANCEL follow a COPY that the server supports.
    [Fact]
    public void Every_operation_of_this_minor_version_is_among_those_that_a_server_may_lack() => Assert.Equal(
        Enum.GetValues<OperationCode>().Where(code => code >= OperationCode.Allocate).Except([OperationCode.OffloadStatus, OperationCode.OffloadCancel]).Order(),
        Optional.Select(row => row.Data).Order());

    [Theory]
    [MemberData(nameof(Optional))]
    public async Task What_the_server_lacks_is_asked_for_once(OperationCode code)
    {
        await using FakeRun run = new();
        (NfsFile source, NfsFile target, _) = await OpenTwoAsync(run);
        run.Server.Fail(code, NfsStatus.NotSupp);
        for (int i = 0; i < 2; i++)
        {
            NotSupportedException error = await Assert.ThrowsAsync<NotSupportedException>(() => run.FinishAsync(code switch
            {
                OperationCode.Allocate => source.AllocateAsync(0, 1).AsTask(),
                OperationCode.Deallocate => source.DeallocateAsync(0, 1).AsTask(),
                OperationCode.Seek => source.SeekDataAsync(0),
                OperationCode.Copy => source.CopyToAsync(target, 0, 0, 1),
                OperationCode.Clone => source.CloneToAsync(target, 0, 0, 1),
                _ => throw new ArgumentOutOfRangeException(nameof(code), code, "no method sends it here"),
            }));
            Assert.EndsWith(" has no " + NfsNames.Operation((int)code), error.Message, StringComparison.Ordinal);
        }
        Assert.Single(run.Server.Arrivals, arrival => arrival.Request.Main.Code == code);
    }
}
