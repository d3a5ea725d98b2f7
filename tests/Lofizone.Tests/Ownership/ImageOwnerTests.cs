using System.Text;
using System.Text.Json.Nodes;
using Lofizone.Ownership;
using Lofizone.Shares;

namespace Lofizone.Tests.Ownership;

/// <summary>Owner records that other hosts wrote.</summary>
public sealed class ImageOwnerTests : IDisposable
{
    private readonly TemporaryHost _host = new();

    public void Dispose() => _host.Dispose();

    private ShareUri Image => ShareUri.Parse($"dir:{_host.Paths.Root}/root.img");

    private string Record => Path.Combine(_host.Paths.Root, "owner.json");

    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData(long.MaxValue - 1)]
    [InlineData(1L << 50)]
    public async Task A_generation_that_nobody_has_reached_is_refused_with_what_to_do(long generation)
    {
        await WriteAsync(generation);
        LofizoneException refused = await Assert.ThrowsAsync<LofizoneException>(ClaimAsync);
        Assert.Contains($"its generation {generation} is none that this program has written", refused.Message, StringComparison.Ordinal);
        Assert.Contains($"remove dir:{Record}", refused.Advice, StringComparison.Ordinal);
        Assert.Equal(generation, (long)JsonNode.Parse(await File.ReadAllTextAsync(Record, TestContext.Current.CancellationToken))!["generation"]!);
    }

    [Theory]
    [InlineData(41, 42)]
    [InlineData(-5, 1)]
    [InlineData(long.MinValue, 1)]
    public async Task The_next_generation_is_one_more(long found, long next)
    {
        await WriteAsync(found);
        Assert.Equal(next, (await ClaimAsync()).Generation);
    }

    [Theory]
    [InlineData("1e400")]
    [InlineData("9223372036854775808")]
    [InlineData("\"5\"")]
    public void A_generation_that_is_no_number_makes_the_record_none(string generation) =>
        Assert.Null(ImageOwner.Parse(Encoding.UTF8.GetBytes($$"""{"host":"a","hostId":"1","since":"2026-01-01T00:00:00Z","version":"1","generation":{{generation}}}""")));

    [Theory]
    [InlineData(0)]
    [InlineData(16)]
    [InlineData(31)]
    [InlineData(33)]
    [InlineData(1024)]
    public void The_client_of_another_program_can_not_be_evicted_by_a_record(int bytes)
    {
        ShareUri image = ShareUri.Parse("nfs://nas/export/zones/web/root.img");
        ImageOwner owner = new("a", "1", DateTimeOffset.UnixEpoch, "1");
        Assert.False(OwnerEviction.IsPossible(image, owner with { ClientOwner = new string('a', 2 * bytes) }));
        Assert.False(OwnerEviction.IsPossible(image, owner with { ClientOwner = new string('x', 64) }));
        Assert.True(OwnerEviction.IsPossible(image, owner with { ClientOwner = new string('a', 64) }));
    }

    private Task WriteAsync(long generation) => File.WriteAllTextAsync(
        Record, $$"""{"host":"a","hostId":"1","since":"2026-01-01T00:00:00Z","version":"1","generation":{{generation}}}""", TestContext.Current.CancellationToken);

    private async Task<ImageOwner> ClaimAsync()
    {
        await using DirShare share = new(Image.Split().Directory);
        return await ImageOwner.ClaimAsync(share, Image, new ImageOwner("b", "2", DateTimeOffset.UnixEpoch, "1"), TestContext.Current.CancellationToken);
    }
}
