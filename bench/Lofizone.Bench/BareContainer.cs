using System.Text.Json.Nodes;
using Lofizone.Programs;

namespace Lofizone.Bench;

/// <summary>
/// <c>crun run</c> of a running zone's own bundle with nothing of ours around it: the least that booting the zone could cost.
/// Only what would collide with the zone is changed: container name, cgroup, and the terminal, which needs a supervisor. The user and network
/// namespaces were files of the command that booted the zone: crun makes its own, and mounts the /sys that the zone had from our launcher.
/// </summary>
public sealed class BareContainer(BenchOptions options, HostCommands host, IProgramRunner runner)
{
    private const string Name = "bench-bare";
    private const string UnifiedCgroup = "/sys/fs/cgroup/unified";
    private const string Sysfs = """{"destination":"/sys","type":"sysfs","source":"sysfs","options":["nosuid","noexec","nodev","ro"]}""";

    private readonly string _bundle = Path.Combine(options.Work, Name);
    private readonly string _state = Path.Combine(options.Work, "crun");

    /// <summary>Copies the bundle of a zone that runs now.</summary>
    public async Task TakeBundleAsync(string zone, CancellationToken cancellation)
    {
        string config = Path.Combine(host.Paths.ZoneRun(zone), "runtime", "config.json");
        JsonNode spec = JsonNode.Parse(await File.ReadAllTextAsync(config, cancellation)) ?? throw new LofizoneException($"{config}: empty");
        spec["process"]!["terminal"] = false;
        spec["linux"]!["cgroupsPath"] = $"/lofizone-{host.Paths.Tag}/{Name}";
        foreach (JsonNode? made in spec["linux"]!["namespaces"]!.AsArray())
            made!.AsObject().Remove("path");
        spec["mounts"]!.AsArray().Insert(0, JsonNode.Parse(Sysfs));
        Directory.CreateDirectory(_bundle);
        await File.WriteAllTextAsync(Path.Combine(_bundle, "config.json"), spec.ToJsonString(), cancellation);
    }

    /// <summary>Starts the container and returns when its init has been started.</summary>
    public Task<ProgramResult> RunAsync(CancellationToken cancellation) =>
        runner.RunCheckedAsync(Crun("run", "--detach", "--bundle", _bundle, Name), cancellation);

    public Task<ProgramResult> DeleteAsync() => runner.RunAsync(Crun("delete", "--force", Name), CancellationToken.None);

    /// <summary>crun of Debian 12 refuses a host with cgroups of both versions: there it is shown only the first.</summary>
    private ProgramCall Crun(params string[] arguments)
    {
        string[] crun = ["crun", "--root", _state, "--cgroup-manager=cgroupfs", .. arguments];
        return Directory.Exists(UnifiedCgroup)
            ? new ProgramCall("unshare", ["--mount", "--propagation", "private", "sh", "-c", $"umount {UnifiedCgroup} && exec \"$@\"", "sh", .. crun])
            : new ProgramCall(crun[0], crun[1..]);
    }
}
