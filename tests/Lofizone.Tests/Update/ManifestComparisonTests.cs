using Lofizone.Install;
using Lofizone.Install.Update;

namespace Lofizone.Tests.Update;

public sealed class ManifestComparisonTests
{
    private static readonly HostOffer _host = new(Manifest("base=1.1", "shell=2.0"), Packages("base=1.1", "shell=2.0", "server=5.0"));

    [Fact]
    public void Equal_packages_go_ahead_without_an_update()
    {
        ManifestComparison comparison = ManifestComparison.Of(Manifest("base=1.1", "shell=2.0", "own=3"), _host);
        AssertEqual(comparison);
        Assert.True(comparison.Allows(UpdateKind.None));
        Assert.Equal(["own"], comparison.ZoneOnly);
    }

    [Fact]
    public void Older_packages_that_must_match_need_an_update_and_the_zones_own_do_not()
    {
        ManifestComparison comparison = ManifestComparison.Of(Manifest("base=1.0", "shell=2.0", "server=4.0"), _host);
        Assert.False(comparison.Allows(UpdateKind.None));
        Assert.True(comparison.Allows(UpdateKind.Needed));
        Assert.Equal([new PackageDifference("base", "1.0", "1.1")], comparison.Older);
        Assert.Equal([new PackageDifference("server", "4.0", "5.0")], comparison.Optional);
        Assert.Contains("\tbase (1.0) (this system: 1.1)", comparison.Lines());
    }

    [Fact]
    public void Newer_packages_that_must_match_are_refused_even_with_an_update()
    {
        ManifestComparison comparison = ManifestComparison.Of(Manifest("base=1.2", "shell=2.0"), _host);
        Assert.False(comparison.Allows(UpdateKind.All));
        Assert.Equal("base", Assert.Single(comparison.Newer).Name);
        AssertEqual(ManifestComparison.Of(Manifest("base=1.1", "server=6.0"), _host));
    }

    [Theory]
    [InlineData("arm64", "systemd", "debian 12", "architecture")]
    [InlineData("amd64", "busybox", "debian 12", "boots")]
    [InlineData("amd64", "systemd", "ubuntu 24.04", "ubuntu")]
    public void What_no_update_mends_is_refused(string architecture, string init, string os, string word)
    {
        ManifestComparison comparison = ManifestComparison.Of(Manifest("base=1.1") with { Architecture = architecture, Init = init, Os = os }, _host);
        Assert.False(comparison.Allows(UpdateKind.All));
        Assert.Contains(word, Assert.Single(comparison.Obstacles), StringComparison.Ordinal);
    }

    private static Manifest Manifest(params string[] packages) => new()
    {
        Brand = "native",
        LofizoneVersion = "1.0",
        Created = DateTimeOffset.UnixEpoch,
        Os = "debian 12",
        KernelRelease = "6.1",
        Architecture = "amd64",
        Init = Lofizone.Install.Manifest.SystemdInit,
        Packages = Packages(packages),
    };

    private static ManifestPackage[] Packages(params string[] packages) => [.. packages.Select(p => p.Split('=')).Select(p => new ManifestPackage(p[0], p[1], "amd64"))];

    private static void AssertEqual(ManifestComparison comparison)
    {
        Assert.False(comparison.IsRefused);
        Assert.Empty(comparison.Older);
    }
}
