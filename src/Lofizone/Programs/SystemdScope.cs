using System.Globalization;
using Lofizone.Hosts;
using Lofizone.Interop;

namespace Lofizone.Programs;

/// <summary>
/// A scope (systemd.scope(5)) for the processes of one boot of a zone, or those of one device, on a host that runs systemd. The scope lies
/// in <c>lofizone.slice</c>, and its cgroup is delegated to this program. A process in a user's session or in a service would end with that
/// session or service, and at every shutdown of the host. A scope ends with its last process, and systemd then removes its cgroup.
/// </summary>
public sealed class SystemdScope
{
    /// <summary>
    /// The unit whose stop, at the shutdown of the host, halts the zones. Every scope pulls the unit in, so that the unit is active
    /// whenever a zone is. Scopes stop after the unit.
    /// </summary>
    public const string HaltUnit = "lofizone-halt.service";

    private const string Slice = "lofizone";

    /// <summary>Directory that exists while systemd is the service manager (sd_booted(3)).</summary>
    private const string BootedMark = "/run/systemd/system";

    private const int SerialBytes = 4;

    private readonly HostPaths _host;
    private readonly string _unit;
    private readonly string _description;

    /// <summary>A new scope, which exists when the command of <see cref="Command"/> runs.</summary>
    /// <param name="host">The host. Hosts side by side on one machine have slices of their own.</param>
    /// <param name="name">
    /// Name of the scope's content: letters, digits, '_', '-' and '.'. A number behind the name makes the unit's name unique: the last
    /// scope of the same zone may still exist, with the process that boots the zone again.
    /// </param>
    /// <param name="description">Description for systemctl(1).</param>
    public SystemdScope(HostPaths host, string name, string description)
    {
        _host = host;
        _unit = $"{Slice}-{name}-{RandomBytes.GetHex(SerialBytes)}.scope";
        _description = description;
    }

    /// <summary>
    /// Tells whether processes get scopes on this host: systemd is the service manager, and the cgroups are of version 2 alone. With
    /// version 1 hierarchies a scope is in some hierarchies only. There <see cref="OwnCgroup"/> serves, which is also outside of every
    /// session.
    /// </summary>
    public static bool AreHere => AreOn(Directory.Exists(BootedMark), CgroupLayout.OfHost());

    /// <summary>The scope's cgroup below the hierarchy's root.</summary>
    public string Cgroup => (_host.IsMachine ? $"/{Slice}.slice/" : $"/{Slice}.slice/{SliceUnit}/") + _unit;

    private string SliceUnit => _host.IsMachine ? $"{Slice}.slice" : $"{Slice}-{_host.Tag}.slice";

    /// <summary>A scope for a device's engine, keeper and watch; null on a host without scopes.</summary>
    public static SystemdScope? OfDevice(HostPaths host, int number) =>
        AreHere ? new SystemdScope(host, $"lofi{number}", $"Data path of {host.DevLofi}/{number}") : null;

    /// <summary>A scope for one boot of a zone: the supervisor and its descendants; null on a host without scopes.</summary>
    public static SystemdScope? OfZone(HostPaths host, string zone) => AreHere
        ? new SystemdScope(host, $"zone-{zone}", $"Zone {zone}")
        : null;

    /// <summary>The scope that a cgroup lies in; null for a cgroup that is not in a scope of this program.</summary>
    public static string? UnitOf(string cgroup) => cgroup.Split('/')
        .FirstOrDefault(n => n.StartsWith(Slice + "-", StringComparison.Ordinal) && n.EndsWith(".scope", StringComparison.Ordinal));

    /// <summary>The assignment of a CPU weight (systemd.resource-control(5)).</summary>
    public static string WeightProperty(long weight) => string.Create(CultureInfo.InvariantCulture, $"CPUWeight={weight}");

    public static bool AreOn(bool isBooted, CgroupLayout layout) => isBooted && layout is { Version1.Count: 0, Version2: not null };

    /// <summary>The command line that makes the scope, moves itself into the scope, and becomes <paramref name="command"/>.</summary>
    /// <exception cref="LofizoneException">The program systemd-run is missing.</exception>
    /// <param name="programs">Finds systemd-run.</param>
    /// <param name="command">The command.</param>
    /// <param name="cpuWeight">Part of the CPU time in proportion to other scopes' weights, 1 to 10000; null for systemd's default.</param>
    public IReadOnlyList<string> Command(IProgramRunner programs, IReadOnlyList<string> command, long? cpuWeight = null)
    {
        List<string> words =
        [
            programs.Find("systemd-run") ?? throw MissingProgram.Error("systemd-run"),
            "--scope", "--quiet", "--collect", $"--slice={SliceUnit}", $"--unit={_unit}", $"--description={_description}",
            "--property=Delegate=yes",
            // A zone's limits are those of its own cgroup. Systemd would count all of a zone's processes against its default for a service.
            "--property=TasksMax=infinity",
            // A scope that is stopped holds only processes that could not be halted in order.
            "--property=TimeoutStopSec=10s",
        ];
        if (cpuWeight is { } weight)
            words.Add("--property=" + WeightProperty(weight));
        if (_host.IsMachine)
            words.AddRange([$"--property=Wants={HaltUnit}", $"--property=Before={HaltUnit}"]);
        return [.. words, "--", .. command];
    }
}
