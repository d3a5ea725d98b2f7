using System.Text.Json.Nodes;
using Lofizone.Hosts;
using Lofizone.Interop;
using Lofizone.Programs;

namespace Lofizone.Bench;

/// <summary>
/// <c>crun run</c> of a zone's own bundle with nothing of ours around it: the least that booting the zone could cost.
/// Only what would collide with the zone is changed: container name, cgroup, and the terminal, which needs a supervisor. The user and network
/// namespaces were files of the command that booted the zone: crun makes its own, and mounts the /sys that the zone had from our launcher.
/// </summary>
public sealed class BareContainer(BenchOptions options, HostCommands host, IProgramRunner runner)
{
    private const string Name = "bench-bare";
    private const string UnifiedCgroup = "/sys/fs/cgroup/unified";
    private const string Sysfs = """{"destination":"/sys","type":"sysfs","source":"sysfs","options":["nosuid","noexec","nodev","ro"]}""";

    private static readonly TimeSpan _poll = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(10);

    private readonly string _bundle = Path.Combine(options.Work, Name);
    private readonly string _state = Path.Combine(host.Paths.Run, "bench-crun");
    private readonly string _init = Path.Combine(options.Work, "bench-bare.pid");

    private string Cgroup => $"/lofizone-{host.Paths.Tag}/{Name}";

    /// <summary>Mount point of the container's root.</summary>
    public string Root { get; private set; } = "";

    /// <summary>Host ID of the container's root user, the first of <see cref="OwnerCount"/>.</summary>
    public uint Owner { get; private set; }

    public uint OwnerCount { get; private set; }

    /// <summary>Copies the bundle of a zone that runs now.</summary>
    public async Task TakeBundleAsync(string zone, CancellationToken cancellation)
    {
        string config = Path.Combine(host.Paths.ZoneRun(zone), "runtime", "config.json");
        JsonNode spec = JsonNode.Parse(await File.ReadAllTextAsync(config, cancellation)) ?? throw new LofizoneException($"{config}: empty");
        spec["process"]!["terminal"] = false;
        spec["linux"]!["cgroupsPath"] = Cgroup;
        foreach (JsonNode? made in spec["linux"]!["namespaces"]!.AsArray())
            made!.AsObject().Remove("path");
        spec["mounts"]!.AsArray().Insert(0, JsonNode.Parse(Sysfs));
        Directory.CreateDirectory(_bundle);
        await File.WriteAllTextAsync(Path.Combine(_bundle, "config.json"), spec.ToJsonString(), cancellation);
        JsonNode users = spec["linux"]!["uidMappings"]![0]!;
        (Root, Owner, OwnerCount) = ((string)spec["root"]!["path"]!, (uint)users["hostID"]!, (uint)users["size"]!);
    }

    /// <summary>
    /// Makes the container's cgroup and gives it to the container's root, as a boot does between create and start. Without the cgroup,
    /// systemd ends at once. This work is not part of the bare container's time.
    /// </summary>
    public void GiveCgroup()
    {
        CgroupLayout layout = CgroupLayout.OfHost();
        string directory = (layout.SystemdHierarchy ?? layout.Version2) + Cgroup;
        Directory.CreateDirectory(directory);
        foreach (string path in Directory.GetFiles(directory, "cgroup.*").Append(Path.Combine(directory, "tasks")).Where(File.Exists).Append(directory))
            DescriptorPath.ChangeOwner(path, Owner, Owner);
    }

    /// <summary>Starts the container and returns when its init has been started.</summary>
    public Task<ProgramResult> RunAsync(CancellationToken cancellation) =>
        runner.RunCheckedAsync(Crun("run", "--detach", "--pid-file", _init, "--bundle", _bundle, Name), cancellation);

    /// <summary>Waits until the container's init has a child: the sign by which <c>zone boot</c> knows that init has started.</summary>
    public async Task WaitForFirstChildAsync(CancellationToken cancellation)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(_limit);
        string init = (await File.ReadAllTextAsync(_init, limit.Token)).Trim();
        while ((await File.ReadAllTextAsync($"/proc/{init}/task/{init}/children", limit.Token)).Length == 0)
            await Task.Delay(_poll, limit.Token);
    }

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
