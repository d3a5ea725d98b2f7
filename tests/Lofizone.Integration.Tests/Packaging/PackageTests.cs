using Lofizone.Testing;
using Lofizone.Testing.Hosts;

namespace Lofizone.Integration.Tests.Packaging;

/// <summary>The Debian package, made from the build's binary, with a newer version beside it.</summary>
public sealed class BuiltPackages : IAsyncLifetime
{
    private readonly string _directory = Directory.CreateTempSubdirectory("lofizone-package-").FullName;

    public string Old { get; private set; } = "";

    public string New { get; private set; } = "";

    /// <summary>The old version, which is made once more.</summary>
    public string Again { get; private set; } = "";

    public static string Script(string name) => Path.Combine(HostCleanup.RepositoryRoot(), "scripts", name);

    public async ValueTask InitializeAsync()
    {
        string[] made = await Task.WhenAll(MakeAsync("0.1.0-1~test1", "old"), MakeAsync("0.1.0-1~test2", "new"), MakeAsync("0.1.0-1~test1", "again"));
        (Old, New, Again) = (made[0], made[1], made[2]);
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_directory, recursive: true);
        return ValueTask.CompletedTask;
    }

    private async Task<string> MakeAsync(string version, string name)
    {
        string into = Path.Combine(_directory, name);
        await TestProgram.RunAsync(Script("deb"), "--no-dbgsym", "--version", version, "--into", into);
        return Assert.Single(Directory.GetFiles(into, "lofizone_*.deb"));
    }
}

public sealed class PackageTests(BuiltPackages packages) : IClassFixture<BuiltPackages>
{
    [Theory]
    [InlineData("bookworm")]
    [InlineData("trixie")]
    public async Task The_package_installs_upgrades_stays_under_a_running_zone_and_goes_without_a_trace(string suite)
    {
        string output = await TestProgram.RunAsync(BuiltPackages.Script("test-deb"), suite, packages.Old, packages.New);
        Assert.Equal(["installs", "works", "upgrades", "refuses", "keeps", "purges"], output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Replace("ok: ", "", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Lintian_has_nothing_to_say()
    {
        (int exitCode, string output, string error) = await TestProgram.TryAsync("lintian", "--allow-root", "--fail-on", "error,warning", packages.Old);
        Assert.True(exitCode == 0 && !output.Contains("W: ", StringComparison.Ordinal), output + error);
    }

    [Fact]
    public async Task The_same_sources_give_the_same_bytes()
    {
        Assert.Equal(
            await File.ReadAllBytesAsync(packages.Old, TestContext.Current.CancellationToken),
            await File.ReadAllBytesAsync(packages.Again, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task The_package_has_the_version_of_the_sources()
    {
        string version = await TestProgram.RunAsync("dpkg-parsechangelog", "-l", Path.Combine(HostCleanup.RepositoryRoot(), "packaging/debian/changelog"), "-S", "Version");
        Assert.StartsWith(typeof(Lofizone.Zones.ZoneHost).Assembly.GetName().Version!.ToString(3) + "-", version, StringComparison.Ordinal);
    }
}
