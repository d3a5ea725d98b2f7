using Lofizone.Shares;

namespace Lofizone.Tests.Shares;

public sealed class TransportChoiceTests
{
    private const string NoClient = "this kernel has no NFSv4 client";

    [Theory]
    [InlineData("nfs://nas/z", null, NfsTransport.Kernel)]
    [InlineData("nfs://nas/z", NoClient, NfsTransport.User)]
    [InlineData("nfs://nas/z?transport=user", null, NfsTransport.User)]
    [InlineData("nfs://nas/z?transport=kernel", null, NfsTransport.Kernel)]
    [InlineData("nfs://one,two/z", null, NfsTransport.User)]
    [InlineData("nfs://joost@nas/z", null, NfsTransport.User)]
    [InlineData("nfs://nas/z?connections=2", null, NfsTransport.User)]
    public async Task The_kernels_client_is_taken_where_it_can_do_what_the_URI_asks_for(string share, string? obstacle, NfsTransport expected) =>
        Assert.Equal(expected, await TransportChoice.OfAsync(ShareUri.Parse(share), () => Task.FromResult(obstacle)));

    [Theory]
    [InlineData("nfs://nas/z?transport=kernel", NoClient, NoClient)]
    [InlineData("nfs://one,two/z?transport=kernel", null, "several")]
    [InlineData("nfs://joost@nas/z?transport=kernel", null, "identity")]
    [InlineData("nfs://nas/z?connections=2&transport=kernel", null, "connections")]
    public async Task A_kernel_that_is_asked_for_and_can_not_is_an_error_that_says_why(string share, string? obstacle, string reason)
    {
        LofizoneException error = await Assert.ThrowsAsync<LofizoneException>(() => TransportChoice.OfAsync(ShareUri.Parse(share), () => Task.FromResult(obstacle)));
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.Contains("transport=user", error.Advice, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_looks_for_the_kernels_client_when_the_URI_rules_it_out() =>
        Assert.Equal(NfsTransport.User, await TransportChoice.OfAsync(ShareUri.Parse("nfs://nas/z?transport=user"), () => throw new InvalidOperationException("asked")));
}
