using Lofizone.Install.Dpkg;

namespace Lofizone.Tests.Update;

public sealed class PackageVersionTests
{
    /// <summary>Versions in ascending order, as <c>dpkg --compare-versions</c> orders them.</summary>
    private static readonly string[] _ascending =
        ["0~~", "0~", "0", "0.1~rc1-1", "0.1-1~bpo12+1", "0.1-1", "0.1-1+b1", "0.1-2", "0.2", "0.10", "1.0a", "1.0+a", "1:0.1", "1:0.1-0a", "2:0"];

    [Fact]
    public void Versions_are_in_the_order_that_dpkg_gives_them()
    {
        for (int i = 0; i < _ascending.Length; i++)
        {
            for (int j = 0; j < _ascending.Length; j++)
                Assert.Equal(i.CompareTo(j), Math.Sign(PackageVersion.Compare(_ascending[i], _ascending[j])));
        }
    }

    [Theory]
    [InlineData("1.0", "01.00")]
    [InlineData("1.0", "0:1.0")]
    [InlineData("1.0-0", "1.0")]
    public void Versions_that_are_written_differently_can_be_equal(string a, string b) => Assert.Equal(0, PackageVersion.Compare(a, b));

    [Theory]
    [InlineData("libc6 (>= 2.36)", "2.36-9", true)]
    [InlineData("libc6 (>= 2.36)", "2.35", false)]
    [InlineData("libc6:any (<< 3)", "2.36", true)]
    [InlineData("libc6 (= 2.36-9)", "2.36-9", true)]
    [InlineData("libc6 (= 2.36-9)", "2.36-10", false)]
    [InlineData("libc6", "0", true)]
    public void A_dependency_asks_for_versions(string entry, string version, bool satisfied)
    {
        VersionedName name = Assert.Single(VersionedName.ParseAlternatives(entry));
        Assert.Equal("libc6", name.Name);
        Assert.Equal(satisfied, name.IsSatisfiedBy(version));
    }
}
