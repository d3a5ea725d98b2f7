using Lofizone.Install.Update;

namespace Lofizone.Tests.Update;

public sealed class ConffileRulesTests
{
    [Theory]
    [InlineData("old", "old", "new", "Replace")]
    [InlineData("old", "mine", "new", "KeepBeside")]
    [InlineData("old", "mine", "old", "Keep")]
    [InlineData("old", "new", "new", "Keep")]
    [InlineData("old", null, "new", "Keep")]
    [InlineData(null, null, "new", "Replace")]
    [InlineData(null, "mine", "new", "KeepBeside")]
    public void A_configuration_file_is_treated_as_dpkg_treats_it(string? before, string? now, string after, string action) =>
        Assert.Equal(action, ConffileRules.Decide(before, now, after).ToString());
}
