using System.Text.RegularExpressions;
using Lofizone.Testing.Hosts;

namespace Lofizone.Tests.Structure;

/// <summary>
/// Files in a zone's root or on a share are opened by <see cref="Lofizone.Interop.RegularFile"/> and the classes built on it, which never
/// wait and follow no link. The framework's own readers do both. So each use of such a reader is listed here with the file that it reads.
/// </summary>
public sealed partial class RawReadTests
{
    private static readonly Dictionary<string, string> _reads = new(StringComparer.Ordinal)
    {
        ["Lofizone.Cli/CommandLines/TerminalSignals.cs"] = "/proc",
        ["Lofizone.Cli/Reference/ReferenceVerbs.cs"] = "a template of this project, at its build",
        ["Lofizone.Cli/Reference/HostWords.cs"] = "/etc/lofizone",
        ["Lofizone.Cli/Verbs/ConfigFile.cs"] = "a file that the user names",
        ["Lofizone.Cli/Verbs/EditCommand.cs"] = "a temporary file of this process",
        ["Lofizone.Cli/Verbs/SolarisAttach.cs"] = "a manifest that the user names",
        ["Lofizone.Interop/ProcessIdentity.cs"] = "/proc",
        ["Lofizone/Devices/LoopFigures.cs"] = "/sys",
        ["Lofizone/Runtime/RuntimeProcesses.cs"] = "/proc, /run/lofizone",
        ["Lofizone/Runtime/RuntimeContext.cs"] = "/proc, /run/lofizone",
        ["Lofizone/Runtime/RuntimeState.cs"] = "/run/lofizone",
        ["Lofizone/Runtime/ConsoleTail.cs"] = "/var/log/lofizone",
        ["Lofizone/Runtime/InitWatch.cs"] = "/proc",
        ["Lofizone/Runtime/HostCapacity.cs"] = "/proc",
        ["Lofizone/Runtime/IpcLimits.cs"] = "/proc/sys",
        ["Lofizone/Runtime/OomPreference.cs"] = "/proc",
        ["Lofizone/Runtime/ProcessLimit.cs"] = "/proc/sys",
        ["Lofizone/Runtime/ZoneLogin.cs"] = "/proc, /run/lofizone",
        ["Lofizone/Runtime/ImageIo.cs"] = "/sys",
        ["Lofizone/Runtime/ZoneCgroups.cs"] = "cgroups",
        ["Lofizone/Hosts/UidRanges.cs"] = "/etc/subuid, /etc/passwd of the host",
        ["Lofizone/Devices/LoopDevices.cs"] = "/sys",
        ["Lofizone/Devices/DeviceUsers.cs"] = "/proc",
        ["Lofizone/Hosts/HostFile.cs"] = "files of this host",
        ["Lofizone/Hosts/HostIdentity.cs"] = "/etc of the host, /proc",
        ["Lofizone/Hosts/HostLimits.cs"] = "/proc/sys",
        ["Lofizone/Hosts/MachineHardware.cs"] = "/sys",
        ["Lofizone/Hosts/CpuList.cs"] = "/sys",
        ["Lofizone/Hosts/CgroupLayout.cs"] = "/proc",
        ["Lofizone/Logs/EventActor.cs"] = "/proc",
        ["Lofizone/Install/ManifestMaker.cs"] = "/proc/sys",
        ["Lofizone/Shares/KernelNfsClient.cs"] = "/proc",
        ["Lofizone/Shares/NfsIdentity.cs"] = "/etc/passwd, /etc/group of the host",
        ["Lofizone/Shares/KernelNfsRules.cs"] = "/sys",
    };

    [Fact]
    public void The_frameworks_readers_of_files_are_used_for_this_hosts_own_files_only()
    {
        string source = Path.Combine(HostCleanup.RepositoryRoot(), "src");
        string[] files = [.. Directory.EnumerateFiles(source, "*.cs", SearchOption.AllDirectories)
            .Where(f => !f.Contains("/obj/", StringComparison.Ordinal) && Reader().IsMatch(File.ReadAllText(f)))
            .Select(f => Path.GetRelativePath(source, f))
            .Order(StringComparer.Ordinal)];
        Assert.Equal(_reads.Keys.Order(StringComparer.Ordinal), files);
    }

    [GeneratedRegex(@"\bFile\.(ReadAll\w+|ReadLines\w*|OpenRead|OpenText|Open|OpenHandle|Copy)\(|new (FileStream|StreamReader)\([^)]*[a-zP]ath|FileStream file = new\(")]
    private static partial Regex Reader();
}
