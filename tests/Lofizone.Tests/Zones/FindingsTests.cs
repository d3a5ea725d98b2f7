using Lofizone.Zones;

namespace Lofizone.Tests.Zones;

public sealed class FindingsTests
{
    [Fact]
    public async Task One_finding_is_thrown_as_it_is_and_several_are_told_at_once()
    {
        LofizoneException one = new("a: is missing", "make it");
        Assert.Same(one, await Assert.ThrowsAsync<LofizoneException>(() => Findings.RequireNoneAsync([_ => Task.CompletedTask, _ => throw one], CancellationToken.None)));
        LofizoneException all = Assert.Throws<LofizoneException>(() => Findings.RequireNone([() => throw one, () => { }, () => throw new LofizoneException("b: too")]));
        Assert.Equal("a: is missing\n  make it\nb: too", all.Message);
    }

    [Fact]
    public async Task What_is_no_finding_ends_the_checks() =>
        await Assert.ThrowsAsync<OperationCanceledException>(() => Findings.RequireNoneAsync([_ => throw new OperationCanceledException()], CancellationToken.None));
}
