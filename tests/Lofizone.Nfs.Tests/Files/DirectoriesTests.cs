using Lofizone.Nfs.Operations;
using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Tests.Fake;

namespace Lofizone.Nfs.Tests.Files;

/// <summary>CREATE, REMOVE and RENAME whose answer is lost together with the session: the client decides by what it can prove.</summary>
public sealed class DirectoriesTests
{
    /// <summary>The first request of the kind is executed. Its answer and the session are lost.</summary>
    private static void LoseAnswerAndSession(FakeRun run, OperationCode code)
    {
        int seen = 0;
        run.Server.OnRequest = request =>
        {
            if (seen == 1 && request.Main.Code == OperationCode.BindConnToSession)
                run.Server.ForgetSessions();
            return request.Has(code) && seen++ == 0 ? FakeAction.ExecuteAndCut : FakeAction.Execute;
        };
    }

    [Fact]
    public async Task A_directory_made_by_the_lost_request_is_ours_and_one_of_another_is_not()
    {
        await using FakeRun run = new();
        await run.OpenAsync();
        LoseAnswerAndSession(run, OperationCode.Create);
        await run.FinishAsync(run.Client.CreateDirectoryAsync("/made", 0x1C0));
        Assert.True(run.Server.Exists("made"));
        Assert.True(run.Client.Statistics.SessionsLost > 0);

        // The request is lost before its execution, and another client makes a directory with the name.
        int seen = 0;
        run.Server.OnRequest = request =>
        {
            if (seen == 1 && request.Main.Code == OperationCode.BindConnToSession)
            {
                run.Server.ForgetSessions();
                run.Server.Put("taken", []);
            }
            return request.Has(OperationCode.Create) && seen++ == 0 ? FakeAction.LoseAndCut : FakeAction.Execute;
        };
        NfsException error = await Assert.ThrowsAsync<NfsException>(() => run.FinishAsync(run.Client.CreateDirectoryAsync("/taken", 0x1C0)));
        Assert.Equal(NfsStatus.Exist, error.Status);
    }

    [Fact]
    public async Task A_removal_and_a_rename_by_the_lost_request_are_done()
    {
        await using FakeRun run = new();
        await run.OpenAsync();
        run.Server.Put("old", [1]);
        LoseAnswerAndSession(run, OperationCode.Rename);
        await run.FinishAsync(run.Client.RenameAsync("/old", "/new"));
        Assert.Equal([1], run.Server.File("new").Current);

        LoseAnswerAndSession(run, OperationCode.Remove);
        await run.FinishAsync(run.Client.RemoveAsync("/new"));
        Assert.False(run.Server.Exists("new"));

        NfsException error = await Assert.ThrowsAsync<NfsException>(() => run.FinishAsync(run.Client.RemoveAsync("/new")));
        Assert.Equal(NfsStatus.NoEnt, error.Status);
    }

    [Fact]
    public async Task A_file_made_by_the_lost_request_is_opened_and_one_of_another_is_not()
    {
        await using FakeRun run = new();
        await run.OpenAsync();
        NfsOpenOptions guarded = new() { Create = NfsCreate.Guarded, Write = true };
        LoseAnswerAndSession(run, OperationCode.Open);
        NfsFile made = await run.FinishAsync(run.Client.OpenAsync("/made", guarded));
        await run.FinishAsync(made.WriteAsync(0, new byte[] { 1 }));
        NfsException error = await Assert.ThrowsAsync<NfsException>(() => run.FinishAsync(run.Client.OpenAsync("/made", guarded)));
        Assert.Equal(NfsStatus.Exist, error.Status);
    }

    [Fact]
    public async Task A_server_without_exclusive_creates_gets_guarded_ones()
    {
        await using FakeRun run = new();
        await run.OpenAsync();
        NfsOpenOptions guarded = new() { Create = NfsCreate.Guarded, Write = true };
        run.Server.Fail(OperationCode.Open, NfsStatus.NotSupp);
        await run.FinishAsync(run.Client.OpenAsync("/first", guarded));
        Assert.Equal(1u, run.Server.Arrivals[^1].Request.Operations.Single(operation => operation.Code == OperationCode.Open).CreateMode);
    }

    [Fact]
    public async Task An_answer_too_big_to_be_kept_is_asked_for_without()
    {
        await using FakeRun run = new();
        await run.OpenAsync();
        run.Server.Fail(OperationCode.GetAttr, NfsStatus.RepTooBigToCache);
        Assert.Equal(NfsFileType.Regular, (await run.FinishAsync(run.Client.GetAttributesAsync("/image"))).Type);
        Assert.False(run.Server.Arrivals[^1].Request.Sequence!.Flag);
    }

    [Theory]
    [InlineData(NfsStatus.Resource)]
    [InlineData(NfsStatus.TooManyOps)]
    public async Task A_path_too_long_for_one_request_is_walked_in_pieces(NfsStatus status)
    {
        await using FakeRun run = new();
        await run.OpenAsync();
        run.Server.Put("a", []);
        run.Server.OnRequest = request =>
        {
            if (request.Operations.Count(operation => operation.Code == OperationCode.Lookup) > 2)
                run.Server.Fail(OperationCode.Lookup, status);
            return FakeAction.Execute;
        };
        await run.FinishAsync(run.Client.GetAttributesAsync("/a/a/a/a/a/a/a"));
        Assert.All(run.Server.Arrivals.TakeLast(3), arrival => Assert.True(arrival.Request.Operations.Count <= 5));
    }
}
