using System.Text;
using Lofizone.Install;

namespace Lofizone.Tests.Install;

public sealed class ManifestTests
{
    private static readonly Manifest _manifest = new()
    {
        Brand = "native",
        LofizoneVersion = "0.1.0",
        Created = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero),
        Os = "debian 12",
        KernelRelease = "6.1.0",
        Architecture = "amd64",
        Init = Manifest.SystemdInit,
        Packages = [new ManifestPackage("bash", "5.2+b1", "amd64")],
    };

    [Fact]
    public void A_manifest_reads_back_as_it_was_written()
    {
        Manifest back = ManifestFile.Parse(ManifestFile.Serialize(_manifest), "manifest.json");
        Assert.Equal(_manifest.Packages, back.Packages);
        Assert.Equal(_manifest, back with { Packages = _manifest.Packages });
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{\"version\":1}")]
    public void What_is_no_manifest_is_refused(string json) =>
        Assert.StartsWith("web/manifest.json: not a manifest:", Assert.Throws<LofizoneException>(() => ManifestFile.Parse(Encoding.UTF8.GetBytes(json), "web/manifest.json")).Message);

    [Fact]
    public void Fields_out_of_bounds_are_refused()
    {
        Manifest[] bad =
        [
            _manifest with { Version = 2 }, _manifest with { Init = "runit" }, _manifest with { Os = "a\nb" }, _manifest with { Brand = "" },
            _manifest with { Packages = null! }, _manifest with { Packages = [null!] }, _manifest with { Packages = [new ManifestPackage("x", new string('1', 300), "amd64")] },
        ];
        Assert.All(bad, m => Assert.Throws<LofizoneException>(() => ManifestFile.Parse(ManifestFile.Serialize(m), "manifest.json")));
        Assert.Throws<LofizoneException>(() => ManifestFile.Parse(new byte[ManifestFile.LimitBytes + 1], "manifest.json"));
    }
}
