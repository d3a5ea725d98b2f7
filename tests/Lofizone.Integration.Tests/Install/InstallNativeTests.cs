using Lofizone.Install;
using Lofizone.Install.Trees;
using Lofizone.Interop;
using Lofizone.Programs;
using Lofizone.Runtime;
using Lofizone.Testing.Hosts;

namespace Lofizone.Integration.Tests.Install;

/// <summary>Copies this machine's own packages, and checks the copy with dpkg, apt and the dynamic linker inside it.</summary>
public sealed class InstallNativeTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("lofizone-install-").FullName;
    private readonly ProgramRunner _programs = new();

    [Fact]
    public async Task A_copied_zone_is_a_consistent_system_without_the_hosts_identity()
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        NativeInstaller installer = new(new ConfinedTree(_programs, TestHost.ZoneBinary), TimeProvider.System);
        Lines reporter = new();
        using StringWriter log = new();
        InstallEstimate estimate = await installer.EstimateAsync(cancellation);
        System.Diagnostics.Stopwatch clock = System.Diagnostics.Stopwatch.StartNew();
        Manifest manifest = await installer.InstallAsync(_root, "web", 1 << 30, reporter, log, cancellation);
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{manifest.Packages.Count} packages in {clock.Elapsed.TotalSeconds:0.00} s; estimate {estimate}");

        Assert.Equal("Zone <web> is initialized.", reporter.All[^1]);
        Assert.Contains($"Copying <{estimate.Files}> files to the zone.", reporter.All);
        Assert.Equal(estimate.Packages, manifest.Packages.Count);

        await AssertSilentAsync("dpkg", "--audit");
        await AssertSilentAsync("dpkg", "-V");
        await InZoneAsync("apt-get", "check");
        Assert.Contains("libc.so.6", (await InZoneAsync("ldconfig", "-p")).Output, StringComparison.Ordinal);
        Assert.Contains("root", (await InZoneAsync("id", "-un")).Output, StringComparison.Ordinal);
        if (manifest.Init == Manifest.SystemdInit)
            await InZoneAsync("systemd", "--version");
        await InZoneAsync("/bin/sh", "-c", "getent group shadow >/dev/null && test -x /sbin/init && awk 'BEGIN { exit 0 }'");

        Assert.Equal("web\n", await File.ReadAllTextAsync(_root + "/etc/hostname", cancellation));
        Assert.Equal("", await File.ReadAllTextAsync(_root + "/etc/machine-id", cancellation));
        Assert.Equal("", await File.ReadAllTextAsync(_root + "/var/cache/debconf/passwords.dat", cancellation));
        Assert.All(await File.ReadAllLinesAsync(_root + "/etc/shadow", cancellation), line => Assert.Equal("*", line.Split(':')[1]));
        Assert.DoesNotContain(await File.ReadAllLinesAsync(_root + "/etc/passwd", cancellation), l => int.Parse(l.Split(':')[2]) is >= 1000 and < 65534);
        Assert.False(Directory.EnumerateFiles(_root + "/etc", "ssh_host_*", SearchOption.AllDirectories).Any());

        (long bytes, long inodes) = await UsageAsync();
        Assert.InRange(estimate.Bytes, bytes, bytes * 5 / 4);
        Assert.InRange(estimate.Inodes, inodes, inodes * 5 / 4);
    }

    [Fact]
    public async Task A_full_image_is_reported_with_the_size_it_needs()
    {
        Mount.Attach("none", _root, "tmpfs", MountFlags.None, "size=8m");
        try
        {
            NativeInstaller installer = new(new ConfinedTree(_programs, TestHost.ZoneBinary), TimeProvider.System);
            LofizoneException error = await Assert.ThrowsAsync<LofizoneException>(() => installer.InstallAsync(
                _root, "web", 1 << 30, SilentReporter.Instance, TextWriter.Null, TestContext.Current.CancellationToken));
            Assert.Matches("zone web: the file system of its image is full: the install needs [0-9]+ MiB and [0-9]+ inodes", error.Message);
            Assert.Matches("at least [0-9]+m", error.Advice);
        }
        finally
        {
            Mount.Detach(_root, UnmountFlags.Detach);
        }
    }

    [Fact]
    public async Task The_smallest_image_that_the_estimate_allows_is_large_enough()
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        string image = _root + ".img";
        await File.WriteAllBytesAsync(image, [], cancellation);
        try
        {
            NativeInstaller installer = new(new ConfinedTree(_programs, TestHost.ZoneBinary), TimeProvider.System);
            InstallEstimate estimate = await installer.EstimateAsync(cancellation);
            using (FileStream file = File.OpenWrite(image))
                file.SetLength(estimate.MinimumImageBytes);
            await _programs.RunCheckedAsync(new ProgramCall("mkfs.ext4", "-q", "-b", "4096", image), cancellation);
            await _programs.RunCheckedAsync(new ProgramCall("mount", "-o", "loop", image, _root), cancellation);
            try
            {
                string zone = Directory.CreateDirectory(_root + "/root").FullName;
                await installer.InstallAsync(zone, "web", 1 << 30, SilentReporter.Instance, TextWriter.Null, cancellation);
                Assert.True(File.Exists(zone + "/var/lib/dpkg/status"));
            }
            finally
            {
                await _programs.RunCheckedAsync(new ProgramCall("umount", _root), CancellationToken.None);
            }
        }
        finally
        {
            File.Delete(image);
        }
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private Task<ProgramResult> InZoneAsync(params string[] command) =>
        _programs.RunCheckedAsync(new ProgramCall("chroot", [_root, .. command]), TestContext.Current.CancellationToken);

    private async Task AssertSilentAsync(params string[] command)
    {
        ProgramResult result = await _programs.RunAsync(new ProgramCall("chroot", [_root, .. command]), TestContext.Current.CancellationToken);
        Assert.Equal((0, "", ""), (result.ExitCode, result.Output, result.Error));
    }

    private async Task<(long Bytes, long Inodes)> UsageAsync()
    {
        async Task<long> Du(string what) =>
            long.Parse((await _programs.RunCheckedAsync(new ProgramCall("du", "-s", what, _root), TestContext.Current.CancellationToken)).Output.Split('\t')[0]);
        return (await Du("--block-size=1"), await Du("--inodes"));
    }

    private sealed class Lines : IReporter
    {
        public List<string> All { get; } = [];

        public void Line(string text) => All.Add(text);

        public void Progress(string text, long done, long total)
        {
        }
    }
}
