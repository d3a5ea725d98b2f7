using System.Globalization;
using Lofizone.Hosts;
using Lofizone.Testing.Hosts;

namespace Lofizone.Tests.Hosts;

public sealed class HostLimitsTests
{
    /// <summary>Number of zones for which docs/scale.md and the package's file give limits.</summary>
    private const int ZonesOfThePackage = 400;

    [Fact]
    public void The_default_of_the_kernel_is_too_low_for_seventeen_zones_and_the_message_says_for_how_many_they_are_enough()
    {
        HostLimitFinding low = Assert.Single(HostLimits.Check(17, Defaults));
        Assert.Equal("fs.inotify.max_user_instances is 128 on this host, enough for about 9 zones with systemd, and not for 17: the next may not start", low.What);
        Assert.Contains("sysctl -w fs.inotify.max_user_instances=256", low.Mend, StringComparison.Ordinal);
        Assert.Empty(HostLimits.Check(9, Defaults));
    }

    [Fact]
    public void The_packages_settings_are_enough_for_the_zones_that_it_promises()
    {
        Dictionary<string, long> file = File.ReadLines(Path.Combine(HostCleanup.RepositoryRoot(), "packaging/sysctl.d", HostLimits.File))
            .Where(l => l.Length > 0 && l[0] != '#')
            .Select(l => l.Split('='))
            .ToDictionary(f => f[0].Trim(), f => long.Parse(f[1], CultureInfo.InvariantCulture), StringComparer.Ordinal);
        Assert.Empty(HostLimits.Check(ZonesOfThePackage, name => file.TryGetValue(name, out long value) ? value : Defaults(name)));
    }

    [Fact]
    public void A_limit_that_the_kernel_does_not_know_limits_nothing() => Assert.Empty(HostLimits.Check(1_000_000, _ => null));

    [Fact]
    public void All_of_its_limits_are_known_to_this_kernel() => Assert.NotEmpty(HostLimits.Check(int.MaxValue / 2));

    /// <summary>A kernel's values on a machine with 16 GiB of memory.</summary>
    private static long? Defaults(string name) => name switch
    {
        "fs.inotify.max_user_instances" => 128,
        "fs.inotify.max_user_watches" => 124_000,
        "kernel.pty.max" => 4096,
        "kernel.pid_max" => 32_768,
        "kernel.threads-max" => 126_000,
        _ => 63_000,
    };
}
