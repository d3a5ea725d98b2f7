using Lofizone.Nfs.Operations;
using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Tests.Fake;

namespace Lofizone.Nfs.Tests.Files;

/// <summary>Small files that are read together: each answer is right whatever becomes of the others, and few requests are sent.</summary>
public sealed class SmallFilesTests
{
    private const int Limit = 1000;

    private static readonly string[] _names = ["zone", "home", "owner"];

    /// <summary>Looks at the three files in /web, and at /image without its content. Each file holds its name.</summary>
    private static async Task<(IReadOnlyList<NfsSmallFile> Found, int Requests)> LookAsync(FakeRun run, Action<FakeNfsServer>? change = null)
    {
        await run.OpenAsync();
        run.Server.Put("web", []);
        foreach (string name in _names)
            run.Server.Put(name, ContentOf(name));
        change?.Invoke(run.Server);
        int before = run.Server.Arrivals.Count;
        NfsLook[] looks = [.. _names.Select(name => new NfsLook($"/web/{name}", Limit)), new("/image")];
        IReadOnlyList<NfsSmallFile> found = await run.FinishAsync(run.Client.LookAsync(looks));
        Assert.Empty(run.Server.Violations);
        Assert.Equal(NfsFileType.Regular, found[3].Found.Type);
        Assert.Null(found[3].Content);
        return (found, run.Server.Arrivals.Count - before);
    }

    private static byte[] ContentOf(string name) => System.Text.Encoding.UTF8.GetBytes(name);

    private static void AssertRead(IReadOnlyList<NfsSmallFile> found, params string[] names) =>
        Assert.Equal(names.Select(ContentOf), found.Select(each => each.Content).OfType<byte[]>());

    [Fact]
    public async Task Files_that_are_all_there_take_one_request()
    {
        await using FakeRun run = new();
        (IReadOnlyList<NfsSmallFile> found, int requests) = await LookAsync(run);
        AssertRead(found, _names);
        Assert.Equal(1, requests);
    }

    [Theory]
    [InlineData("zone", 2)]
    [InlineData("home", 2)]
    [InlineData("owner", 2)]
    public async Task A_missing_file_costs_a_request_and_no_other_file_its_answer(string missing, int most)
    {
        await using FakeRun run = new();
        (IReadOnlyList<NfsSmallFile> found, int requests) = await LookAsync(run, server => server.Remove(missing));
        AssertRead(found, [.. _names.Where(name => name != missing)]);
        NfsSmallFile gone = found[Array.IndexOf(_names, missing)];
        Assert.Equal((NfsStatus.NoEnt, $"/web/{missing}"), (gone.Failure!.Status, gone.Failure.Path));
        Assert.Throws<NfsException>(() => gone.Found);
        Assert.Equal(most, requests);
    }

    [Fact]
    public async Task A_file_that_is_missing_at_the_end_costs_no_request()
    {
        await using FakeRun run = new();
        await run.OpenAsync();
        run.Server.Put("zone", ContentOf("zone"));
        int before = run.Server.Arrivals.Count;
        IReadOnlyList<NfsSmallFile> found = await run.FinishAsync(run.Client.LookAsync([new("/zone", Limit), new("/owner", Limit)]));
        AssertRead(found, "zone");
        Assert.Equal(NfsStatus.NoEnt, found[1].Failure!.Status);
        Assert.Equal(1, run.Server.Arrivals.Count - before);
    }

    [Fact]
    public async Task Files_in_a_missing_directory_are_all_missing()
    {
        await using FakeRun run = new();
        await run.OpenAsync();
        IReadOnlyList<NfsSmallFile> found = await run.FinishAsync(run.Client.LookAsync([new("/no/zone", Limit), new("/no/owner", Limit)]));
        Assert.All(found, gone => Assert.Equal((NfsStatus.NoEnt, "/no"), (gone.Failure!.Status, gone.Failure.Path)));
    }

    [Fact]
    public async Task A_file_longer_than_its_limit_comes_without_content()
    {
        await using FakeRun run = new();
        (IReadOnlyList<NfsSmallFile> found, int requests) = await LookAsync(run, server => server.Put("home", new byte[Limit + 1]));
        AssertRead(found, "zone", "owner");
        Assert.Equal((Limit + 1, null), (found[1].Found.Size, found[1].Content));
        Assert.Equal(1, requests);
    }

    [Fact]
    public async Task A_symbolic_link_is_told_and_not_followed()
    {
        await using FakeRun run = new();
        (IReadOnlyList<NfsSmallFile> found, int requests) = await LookAsync(run, server => server.PutSymbolicLink("home"));
        AssertRead(found, "zone", "owner");
        Assert.Equal((NfsFileType.SymbolicLink, null), (found[1].Found.Type, found[1].Content));
        Assert.Equal(2, requests);
    }

    [Theory]
    [InlineData(8, 1 << 20)]
    [InlineData(64, 8192)]
    [InlineData(8, 8192)]
    public async Task A_session_of_few_operations_or_short_answers_takes_more_requests(int operations, int answerBytes)
    {
        await using FakeRun run = new();
        (run.Server.MostOperations, run.Server.MostResponseBytes) = (operations, answerBytes);
        (IReadOnlyList<NfsSmallFile> found, int requests) = await LookAsync(run, server => server.Put("owner", ContentOf("owner")));
        AssertRead(found, _names);
        Assert.InRange(requests, 2, 4);
    }

    [Theory]
    [InlineData(NfsStatus.TooManyOps)]
    [InlineData(NfsStatus.RepTooBig)]
    public async Task A_server_that_takes_less_than_it_announced_gets_less(NfsStatus status)
    {
        await using FakeRun run = new();
        (IReadOnlyList<NfsSmallFile> found, int requests) = await LookAsync(run, server => server.OnRequest = request =>
        {
            if (request.Operations.Count(operation => operation.Code == OperationCode.GetAttr) > 1)
                server.Fail(OperationCode.GetAttr, status);
            return FakeAction.Execute;
        });
        AssertRead(found, _names);
        Assert.Equal(6, requests);
    }

    [Fact]
    public async Task A_path_too_long_for_one_request_is_walked_in_pieces()
    {
        await using FakeRun run = new();
        run.Server.MostOperations = 8;
        await run.OpenAsync();
        run.Server.Put("a", ContentOf("a"));
        IReadOnlyList<NfsSmallFile> found = await run.FinishAsync(
            run.Client.LookAsync([new("/a/a/a/a/a/a/a/a/a/a/a/a", Limit), new("/a/a/a/a/a/a/a/a/gone/a", Limit), new("/image")]));
        Assert.Empty(run.Server.Violations);
        Assert.Equal(ContentOf("a"), found[0].Content);
        Assert.Equal((NfsStatus.NoEnt, "/a/a/a/a/a/a/a/a/gone"), (found[1].Failure!.Status, found[1].Failure!.Path));
        Assert.Equal(NfsFileType.Regular, found[2].Found.Type);
    }

    [Fact]
    public async Task A_file_that_goes_while_it_is_read_is_no_empty_one()
    {
        await using FakeRun run = new();
        (IReadOnlyList<NfsSmallFile> found, _) = await LookAsync(run, server => server.Fail(OperationCode.Read, NfsStatus.Stale));
        AssertRead(found, "home", "owner");
        Assert.Equal(NfsStatus.Stale, found[0].Failure!.Status);
    }
}
