using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Statistics;
using Lofizone.Nfs.Tests.Fake;

namespace Lofizone.Nfs.Tests.Session;

/// <summary>Several addresses and connections of one server are one session (RFC 8881 sections 2.10.5 and 18.34).</summary>
public sealed class PathsTests
{
    private const int WriteBytes = 512;

    private static byte[] Filled(byte value) => [.. Enumerable.Repeat(value, WriteBytes)];

    private static FakeRun TwoPaths(int connections = 1)
    {
        FakeRun plain = new();
        FakeRun run = new() { Options = plain.Options with { ConnectionsPerPath = connections } };
        run.Connectors = [new FakeConnector(run.Server, "one:2049"), new FakeConnector(run.Server, "two:2049")];
        return run;
    }

    private static IReadOnlyList<NfsPathStatistics> Paths(FakeRun run) => run.Client.Statistics.Paths;

    private static Task WriteAllAsync(FakeRun run, NfsFile file, int count, byte value) =>
        run.FinishAsync(Task.WhenAll(Enumerable.Range(0, count).Select(i => file.WriteAsync(i * WriteBytes, Filled(value)).AsTask())));

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Requests_of_one_session_spread_over_all_connections(int connections)
    {
        await using FakeRun run = TwoPaths(connections);
        NfsFile file = await run.OpenAsync();
        await run.RunUntilAsync(() => Paths(run).All(path => path.IsConnected));
        await WriteAllAsync(run, file, 200, 1);
        Assert.Equal(2 * connections, Paths(run).Count);
        // A slow machine makes more connections: a connection looks dead when the clock runs ahead.
        Assert.InRange(run.Server.Connections, 2 * connections, int.MaxValue);
        Assert.All(Paths(run), path => Assert.True(path.Requests.Count > 0));
        Assert.Equal(0, run.Client.Statistics.SessionsLost);
        Assert.Empty(run.Server.Violations);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_path_that_dies_costs_no_request_and_is_used_again_when_it_is_back(bool silently)
    {
        await using FakeRun run = TwoPaths();
        NfsFile file = await run.OpenAsync();
        byte round = 0;
        foreach (int dying in (int[])[0, 1, 0])
        {
            await run.RunUntilAsync(() => Paths(run).All(path => path.IsConnected));
            // The WRITEs are executed, and their answers are lost. The copies over the other path must not be executed again.
            run.Server.OnRequest = request =>
            {
                if (request.Main.Code == OperationCode.Write)
                {
                    run.Server.OnRequest = _ => FakeAction.Execute;
                    if (silently)
                        run.Connectors[dying].Silence();
                    else
                        run.Connectors[dying].Cut();
                }
                return FakeAction.Execute;
            };
            await WriteAllAsync(run, file, 20, ++round);
            await run.FinishAsync(file.CommitAsync());
            await run.RunUntilAsync(() => !Paths(run)[dying].IsConnected);
            await run.RunUntilAsync(() => Paths(run)[dying].Problem is not null);
            Assert.Equal(Enumerable.Range(0, 20).SelectMany(_ => Filled(round)), run.Server.File("image").Stable);
            long before = Paths(run)[dying].Requests.Count;
            run.Connectors[dying].ComeBack();
            await run.RunUntilAsync(() => Paths(run)[dying].IsConnected);
            await WriteAllAsync(run, file, 20, ++round);
            Assert.True(Paths(run)[dying].Requests.Count > before);
            // A thread that did not run while the clock moved may have found the path silent once more.
            await run.RunUntilAsync(() => Paths(run)[dying] is { IsConnected: true, Problem: null });
        }
        Assert.Equal(0, run.Client.Statistics.SessionsLost);
        Assert.True(file.IsLocked);
        Assert.Empty(run.Server.Violations);
    }

    [Fact]
    public async Task A_silent_connection_is_replaced_also_when_it_is_the_only_one()
    {
        await using FakeRun run = new();
        NfsFile file = await run.OpenAsync();
        run.Connectors[0].Silence();
        Task write = file.WriteAsync(0, Filled(5)).AsTask();
        run.Connectors[0].ComeBack();
        await run.FinishAsync(write);
        Assert.Equal(Filled(5), run.Server.File("image").Current);
        Assert.Equal(0, run.Client.Statistics.SessionsLost);
        Assert.Empty(run.Server.Violations);
    }

    [Fact]
    public async Task A_slow_server_is_waited_for_and_nothing_is_sent_again()
    {
        await using FakeRun run = TwoPaths();
        NfsFile file = await run.OpenAsync();
        await run.RunUntilAsync(() => Paths(run).All(path => path.IsConnected));
        run.Server.OnRequest = request => request.Main.Code == OperationCode.Write ? FakeAction.Hold : FakeAction.Execute;
        Task[] writes = [.. Enumerable.Range(0, 8).Select(i => file.WriteAsync(i * WriteBytes, Filled(1)).AsTask())];
        await FakeRun.UntilAsync(() => run.Server.HeldCount == 8);
        // The server answers when the client asks whether the server is there.
        int asked = run.Server.NullCalls;
        for (int i = 0; i < 24; i++)
        {
            run.Clock.Advance(TimeSpan.FromMilliseconds(200));
            // Real time for an answer that no event tells of.
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }
        Assert.True(run.Server.NullCalls > asked);
        Assert.Equal(0, run.Client.Statistics.Retransmits);
        Assert.Equal(0, run.Client.Statistics.Reconnects);
        run.Server.OnRequest = _ => FakeAction.Execute;
        run.Server.DeliverHeld();
        await run.FinishAsync(Task.WhenAll(writes));
        Assert.Empty(run.Server.Violations);
    }

    [Fact]
    public async Task Two_servers_given_as_one_are_refused_with_both_addresses()
    {
        FakeRun run = TwoPaths();
        run.Connectors[1].Target = new FakeNfsServer(run.Clock);
        // The clock stands: the refusal needs no timer.
        NfsPathsDifferException error = await Assert.ThrowsAsync<NfsPathsDifferException>(
            () => NfsClient.ConnectAsync(run.Options with { TimeProvider = run.Clock }, run.Connectors, CancellationToken.None));
        Assert.Contains("one:2049", error.Message, StringComparison.Ordinal);
        Assert.Contains("two:2049", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_that_moves_to_another_server_is_shown_and_gets_no_request_of_the_session()
    {
        await using FakeRun run = TwoPaths();
        NfsFile file = await run.OpenAsync();
        await run.RunUntilAsync(() => Paths(run).All(path => path.IsConnected));
        FakeNfsServer other = new(run.Clock);
        run.Connectors[1].Cut();
        run.Connectors[1].Target = other;
        run.Connectors[1].ComeBack();
        await run.RunUntilAsync(() => Paths(run)[1].Problem?.StartsWith("another server than one:2049", StringComparison.Ordinal) == true);
        await WriteAllAsync(run, file, 50, 7);
        // The right server restarts. The client must not make the session at the other server.
        run.Server.Restart();
        await WriteAllAsync(run, file, 50, 8);
        Assert.All(other.Arrivals, arrival => Assert.Equal(OperationCode.BindConnToSession, arrival.Request.Main.Code));
        Assert.NotEmpty(other.Arrivals);
        Assert.True(file.IsLocked);
        run.Connectors[1].Cut();
        run.Connectors[1].Target = run.Server;
        run.Connectors[1].ComeBack();
        await run.RunUntilAsync(() => Paths(run)[1].IsConnected);
        Assert.Empty(run.Server.Violations);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task One_path_is_enough_at_the_start_and_the_other_joins_when_it_is_up(int down)
    {
        await using FakeRun run = TwoPaths();
        run.Connectors[down].Cut();
        NfsFile file = await run.OpenAsync();
        await WriteAllAsync(run, file, 10, 1);
        Assert.False(Paths(run)[down].IsConnected);
        run.Connectors[down].ComeBack();
        await run.RunUntilAsync(() => Paths(run)[down].IsConnected);
        run.Connectors[1 - down].Cut();
        await WriteAllAsync(run, file, 10, 2);
        Assert.Equal(0, run.Client.Statistics.SessionsLost);
        Assert.Empty(run.Server.Violations);
    }

    [Fact]
    public async Task A_session_lost_under_load_is_recovered_once_for_all_paths()
    {
        await using FakeRun run = TwoPaths(connections: 2);
        NfsFile file = await run.OpenAsync();
        await run.RunUntilAsync(() => Paths(run).All(path => path.IsConnected));
        for (byte round = 1; round <= 10; round++)
        {
            Task[] writes = [.. Enumerable.Range(0, 40).Select(i => file.WriteAsync(i * WriteBytes, Filled(round)).AsTask())];
            if (round % 2 == 0)
                run.Server.ForgetSessions();
            else
                run.Server.Restart();
            await run.FinishAsync(Task.WhenAll(writes));
            await run.FinishAsync(file.CommitAsync());
            Assert.Equal(Enumerable.Range(0, 40).SelectMany(_ => Filled(round)), run.Server.File("image").Stable);
            await run.RunUntilAsync(() => Paths(run).All(path => path.IsConnected));
        }
        Assert.True(file.IsLocked);
        Assert.InRange(run.Client.Statistics.SessionsLost, 1, 10);
        Assert.Empty(run.Server.Violations);
    }
}
