using Lofizone.Nfs.Files;

namespace Lofizone.Nfs.Tests.Files;

/// <summary>Callers that ask for a commit while one runs share the next COMMIT.</summary>
public sealed class CommitQueueTests
{
    private readonly List<TaskCompletionSource> _begun = [];

    private Task CommitAsync()
    {
        _begun.Add(new TaskCompletionSource());
        return _begun[^1].Task;
    }

    [Fact]
    public async Task All_who_ask_while_a_commit_runs_share_the_next_one()
    {
        CommitQueue queue = new(CommitAsync);
        Task first = queue.RunAsync();
        Task second = queue.RunAsync();
        Task third = queue.RunAsync();
        Assert.Single(_begun);
        _begun[0].SetResult();
        await first;
        // The first commit began before the others asked, so it does not confirm their data.
        Assert.Equal(2, _begun.Count);
        Assert.False(second.IsCompleted);
        Assert.False(third.IsCompleted);
        _begun[1].SetResult();
        await second;
        await third;
        Task fourth = queue.RunAsync();
        Assert.Equal(3, _begun.Count);
        _begun[2].SetResult();
        await fourth;
    }

    [Fact]
    public async Task A_commit_that_fails_tells_those_who_asked_for_it_and_the_next_one_runs()
    {
        CommitQueue queue = new(CommitAsync);
        Task first = queue.RunAsync();
        Task second = queue.RunAsync();
        _begun[0].SetException(new IOException("no space"));
        Assert.Equal("no space", (await Assert.ThrowsAsync<IOException>(() => first)).Message);
        _begun[1].SetResult();
        await second;
    }
}
