using System.Security.Cryptography;
using Lofizone.Hosts;

namespace Lofizone.Programs;

/// <summary>
/// Where the processes of one boot of a zone, or those of one device, live on a host that runs systemd: a scope (systemd.scope(5)) of their
/// own in <c>lofizone.slice</c>, whose cgroup is delegated to us. What a user's session or a service holds ends with it, and at every
/// shutdown of the host; a scope ends with its last process, and systemd takes its cgroup away.
/// </summary>
public sealed class SystemdScope
{
    /// <summary>
    /// The unit whose stop, at the shutdown of the host, halts the zones. Every scope pulls it in, so that it is there whenever a zone is,
    /// and scopes stop after it.
    /// </summary>
    public const string HaltUnit = "lofizone-halt.service";

    private const string Slice = "lofizone";

    /// <summary>Exists while systemd is the service manager (sd_booted(3)).</summary>
    private const string BootedMark = "/run/systemd/system";

    private const int SerialBytes = 4;

    private readonly HostPaths _host;
    private readonly string _unit;
    private readonly string _description;

    /// <summary>A new scope, which is there when the command of <see cref="Command"/> runs.</summary>
    /// <param name="host">Hosts side by side on one machine have slices of their own.</param>
    /// <param name="name">Letters, digits, '_', '-' and '.': what lives in it. A number behind it makes the unit's name its own: the last
    /// scope of the same zone may still be there, with the process that boots the zone again.</param>
    /// <param name="description">For systemctl(1).</param>
    public SystemdScope(HostPaths host, string name, string description)
    {
        _host = host;
        _unit = $"{Slice}-{name}-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(SerialBytes))}.scope";
        _description = description;
    }

    /// <summary>
    /// Whether processes get scopes on this host: systemd is its service manager, and its cgroups are version 2 alone. (With version 1
    /// hierarchies beside it a scope is in some of them only; there <see cref="OwnCgroup"/> serves, which is out of every session, too.)
    /// </summary>
    public static bool AreHere => AreOn(Directory.Exists(BootedMark), CgroupLayout.OfHost());

    /// <summary>Its cgroup below the hierarchy's root.</summary>
    public string Cgroup => (_host.IsMachine ? $"/{Slice}.slice/" : $"/{Slice}.slice/{SliceUnit}/") + _unit;

    private string SliceUnit => _host.IsMachine ? $"{Slice}.slice" : $"{Slice}-{_host.Tag}.slice";

    /// <summary>A scope for a device's engine, keeper and watch; null where there are none.</summary>
    public static SystemdScope? OfDevice(HostPaths host, int number) =>
        AreHere ? new SystemdScope(host, $"lofi{number}", $"Data path of {host.DevLofi}/{number}") : null;

    /// <summary>A scope for one boot of a zone: its supervisor and all in it; null where there are none.</summary>
    public static SystemdScope? OfZone(HostPaths host, string zone) => AreHere
        ? new SystemdScope(host, $"zone-{zone}", $"Zone {zone}")
        : null;

    public static bool AreOn(bool isBooted, CgroupLayout layout) => isBooted && layout is { Version1.Count: 0, Version2: not null };

    /// <summary>The command line that makes the scope, moves itself there, and becomes <paramref name="command"/>.</summary>
    /// <exception cref="LofizoneException">systemd-run is not there.</exception>
    public IReadOnlyList<string> Command(IProgramRunner programs, params IReadOnlyList<string> command)
    {
        List<string> words =
        [
            programs.Find("systemd-run") ?? throw MissingProgram.Error("systemd-run"),
            "--scope", "--quiet", "--collect", $"--slice={SliceUnit}", $"--unit={_unit}", $"--description={_description}",
            "--property=Delegate=yes",
            // A zone's limits are its own cgroup's; systemd would count all of a zone's processes against its default for a service.
            "--property=TasksMax=infinity",
            // Only what could not be halted in order is still there when a scope is stopped.
            "--property=TimeoutStopSec=10s",
        ];
        if (_host.IsMachine)
            words.AddRange([$"--property=Wants={HaltUnit}", $"--property=Before={HaltUnit}"]);
        return [.. words, "--", .. command];
    }
}
