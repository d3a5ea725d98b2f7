using Lofizone.Hosts;
using Lofizone.Programs;

namespace Lofizone.Tests.Programs;

/// <summary>The cgroups of long-lived processes on a host with systemd.</summary>
public sealed class SystemdScopeTests
{
    private static readonly CgroupLayout _version2 = new([], null, "/sys/fs/cgroup");

    [Fact]
    public void Scopes_are_for_hosts_that_run_systemd_on_cgroup_version_2_alone()
    {
        Assert.True(SystemdScope.AreOn(isBooted: true, _version2));
        Assert.False(SystemdScope.AreOn(isBooted: false, _version2));
        Assert.False(SystemdScope.AreOn(isBooted: true, _version2 with { Version1 = ["/sys/fs/cgroup/memory"] }));
        Assert.False(SystemdScope.AreOn(isBooted: true, new CgroupLayout(["/sys/fs/cgroup/memory"], null, null)));
    }

    [Fact]
    public void A_scope_is_delegated_and_stops_after_the_unit_that_halts_zones()
    {
        SystemdScope scope = new(new HostPaths("/"), "zone-web", "Zone web");
        IReadOnlyList<string> words = scope.Command(new Programs(), ["zone", "keeper", "--scope"]);
        Assert.Equal(["zone", "keeper", "--scope"], words.SkipWhile(w => w != "--").Skip(1));
        Assert.Contains("--property=Delegate=yes", words);
        Assert.Contains("--property=Wants=lofizone-halt.service", words);
        Assert.Contains("--property=Before=lofizone-halt.service", words);
        string unit = Assert.Single(words, w => w.StartsWith("--unit=", StringComparison.Ordinal))["--unit=".Length..];
        Assert.Equal($"/lofizone.slice/{unit}", scope.Cgroup);
        Assert.NotEqual(scope.Cgroup, new SystemdScope(new HostPaths("/"), "zone-web", "Zone web").Cgroup);
    }

    [Fact]
    public void Hosts_side_by_side_have_slices_of_their_own_and_are_not_halted_with_the_machine()
    {
        HostPaths host = new("/tmp/other");
        SystemdScope scope = new(host, "zone-web", "Zone web");
        Assert.StartsWith($"/lofizone.slice/lofizone-{host.Tag}.slice/lofizone-zone-web-", scope.Cgroup, StringComparison.Ordinal);
        IReadOnlyList<string> words = scope.Command(new Programs(), ["zone"]);
        Assert.Contains($"--slice=lofizone-{host.Tag}.slice", words);
        Assert.DoesNotContain(words, w => w.Contains("halt", StringComparison.Ordinal));
    }

    private sealed class Programs : IProgramRunner
    {
        public string? Find(string program) => "/usr/bin/" + program;

        public Task<ProgramResult> RunAsync(ProgramCall call, CancellationToken cancellation) => throw new InvalidOperationException(call.Program);
    }
}
