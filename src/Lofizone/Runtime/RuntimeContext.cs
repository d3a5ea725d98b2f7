using System.Globalization;
using System.Text.Json;
using Lofizone.Config;
using Lofizone.Hosts;
using Lofizone.Programs;
using Lofizone.Runtime.Oci;

namespace Lofizone.Runtime;

/// <summary>The state that the parts of the runtime share: paths, and the command lines of crun on this host.</summary>
internal sealed class RuntimeContext(
    HostPaths host, IProgramRunner programs, IKernelCalls kernel, string zoneBinary, TimeProvider time)
{
    /// <summary>Longest file of this program that is read back, bytes.</summary>
    private const int LaunchLimitBytes = 1 << 20;
    private static readonly TimeSpan _crunLimit = TimeSpan.FromSeconds(30);

    private CgroupLayout? _cgroups;

    public HostPaths Host => host;

    public IProgramRunner Programs => programs;

    public string ZoneBinary => zoneBinary;

    public TimeProvider Time => time;

    public IKernelCalls Kernel => kernel;

    public CgroupLayout Cgroups => _cgroups ??= CgroupLayout.OfHost();

    /// <summary>Largest number of open files that a zone can get: the hard limit of this process.</summary>
    public static ulong OpenFilesLimit => HardLimit("Max open files");

    /// <summary>Largest memory, bytes, that a process of a zone can get the right to lock: the hard limit of this process.</summary>
    public static ulong LockedMemoryLimit => HardLimit("Max locked memory");

    private static ulong HardLimit(string name)
    {
        string line = File.ReadLines("/proc/self/limits").First(l => l.StartsWith(name, StringComparison.Ordinal));
        string hard = line[name.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[1];
        return ulong.TryParse(hard, CultureInfo.InvariantCulture, out ulong limit) ? limit : ulong.MaxValue;
    }

    /// <summary>The limits of a zone's processes on this host.</summary>
    public static ZoneLimits LimitsOf(ResourceControls controls) =>
        new(OpenFilesLimit, controls.Tasks ?? HostCapacity.OfHost.DefaultTasks, OomPreference.OfZones);

    public RuntimePaths Paths(string zone) => new(host, zone);

    public ZoneCgroups CgroupsOf(RuntimePaths paths) => new(Cgroups, paths.Cgroup, time);

    /// <summary>The description with which the zone was created.</summary>
    /// <exception cref="LofizoneException">The zone was not created, or its file can't be read.</exception>
    public ZoneLaunch Launch(string zone) =>
        TryLaunch(zone) ?? throw new LofizoneException($"zone {zone}: the runtime has no state of it", $"boot it: zone boot {zone}");

    /// <summary>The description with which the zone was created; null when there is none, or when its writing was cut off.</summary>
    public ZoneLaunch? TryLaunch(string zone) => ReadLaunch(Paths(zone));

    internal static ZoneLaunch? ReadLaunch(RuntimePaths paths)
    {
        try
        {
            FileInfo file = new(paths.Launch);
            if (!file.Exists || file.Length > LaunchLimitBytes)
                return null;
            return JsonSerializer.Deserialize(File.ReadAllBytes(file.FullName), OciJson.Default.ZoneLaunch);
        }
        catch (Exception e) when (e is JsonException or IOException)
        {
            return null;
        }
    }

    /// <summary>Program and leading arguments for calls of crun about an existing zone.</summary>
    public IReadOnlyList<string> CrunPrefix(RuntimePaths paths) =>
        Cgroups.IsHybrid ? [zoneBinary, Launcher.CrunVerb, paths.Cgroup, paths.Root, .. CrunItself()] : CrunItself();

    /// <summary>
    /// Program and leading arguments for the crun that conmon starts to make a zone. <paramref name="gate"/> is the file of the pipe at
    /// which the launcher waits, <paramref name="network"/> the file of the zone's network namespace.
    /// </summary>
    public IReadOnlyList<string> CreatePrefix(RuntimePaths paths, string gate, string network, ZoneLaunch launch) =>
    [
        zoneBinary, Launcher.CreateVerb, gate, paths.Cgroup, paths.Root, network, launch.UidBase.ToString(CultureInfo.InvariantCulture),
        launch.Writable.Word,
        .. CrunItself(),
    ];

    private string[] CrunItself() =>
    [
        programs.Find("crun") ?? throw MissingProgram.Error("crun"), "--root", host.CrunRoot, "--cgroup-manager=cgroupfs",
    ];

    public ProgramCall Crun(RuntimePaths paths, params string[] arguments)
    {
        IReadOnlyList<string> prefix = CrunPrefix(paths);
        return new ProgramCall(prefix[0], [.. prefix.Skip(1), .. arguments]) { TimeLimit = _crunLimit };
    }

    public async Task RunCrunAsync(RuntimePaths paths, string[] arguments, CancellationToken cancellation)
    {
        ProgramResult result = await programs.RunAsync(Crun(paths, arguments), cancellation);
        if (result.ExitCode != 0)
            throw new LofizoneException($"zone {paths.Zone}: crun {arguments[0]}: {result.Error.Trim()}");
    }
}
