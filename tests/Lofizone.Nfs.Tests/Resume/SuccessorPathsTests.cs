using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Resume;
using Lofizone.Nfs.Tests.Fake;

namespace Lofizone.Nfs.Tests.Resume;

/// <summary>Successors of a killed client with two paths. One path may lead to another server by then.</summary>
public sealed class SuccessorPathsTests
{
    private static FakeRun NewRun()
    {
        FakeRun run = new() { Options = FakeRun.Defaults with { ResumeMemory = NfsResumeMemory.Create() } };
        run.Connectors = Paths(run.Server, run.Server);
        return run;
    }

    private static FakeConnector[] Paths(FakeNfsServer one, FakeNfsServer two) => [new FakeConnector(one, "one:2049"), new FakeConnector(two, "two:2049")];

    private static bool WasAskedForMore(FakeNfsServer server) =>
        server.Arrivals.Any(arrival => arrival.Request.Main.Code is not OperationCode.BindConnToSession);

    [Theory]
    [InlineData(0, false)]
    [InlineData(0, true)]
    [InlineData(1, false)]
    [InlineData(1, true)]
    public async Task A_path_that_moved_to_another_server_while_the_client_was_killed_gets_nothing_but_the_question(int moved, bool lateProof)
    {
        await using FakeRun run = NewRun();
        NfsFile file = await run.OpenAsync();
        await run.FinishAsync(file.WriteAsync(0, new byte[] { 1, 2, 3 }));
        run.Kill();
        // The other server has the same identity and a file with the same name. Only its sessions are different.
        FakeNfsServer other = new(run.Clock) { Lease = run.Server.Lease };
        other.Put("image", [9, 9, 9]);
        FakeConnector[] paths = moved == 0 ? Paths(other, run.Server) : Paths(run.Server, other);
        if (lateProof)
            paths[1 - moved].Cut();
        NfsFile resumed = run.Resume(paths: paths);
        if (lateProof)
        {
            await FakeRun.UntilAsync(() => other.Arrivals.Count > 0);
            paths[1 - moved].ComeBack();
        }
        await run.FinishAsync(resumed.WriteAsync(3, new byte[] { 4 }));
        await run.FinishAsync(resumed.CommitAsync());
        await run.RunUntilAsync(() => run.Client.Statistics.Paths[moved].Problem is not null);
        Assert.Equal([1, 2, 3, 4], run.Server.File("image").Stable);
        Assert.False(WasAskedForMore(other));
        Assert.Equal([9, 9, 9], other.File("image").Current);
        Assert.True(resumed.IsLocked);
        Assert.Empty(run.Server.Violations);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_server_that_restarted_meanwhile_is_known_by_all_its_paths_or_by_the_one_that_is_left(bool oneIsDown)
    {
        await using FakeRun run = NewRun();
        NfsFile file = await run.OpenAsync();
        await run.FinishAsync(file.WriteAsync(0, new byte[] { 1, 2, 3 }));
        run.Kill();
        run.Server.Restart();
        FakeConnector[] paths = Paths(run.Server, run.Server);
        if (oneIsDown)
            paths[0].Cut();
        NfsFile resumed = run.Resume(paths: paths);
        await run.FinishAsync(resumed.WriteAsync(3, new byte[] { 4 }));
        await run.FinishAsync(resumed.CommitAsync());
        Assert.Equal([1, 2, 3, 4], run.Server.File("image").Stable);
        Assert.True(resumed.IsLocked);
        Assert.Empty(run.Server.Violations);
    }
}
