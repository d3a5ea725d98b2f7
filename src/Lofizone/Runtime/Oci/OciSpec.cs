using System.Text.Json.Serialization;

namespace Lofizone.Runtime.Oci;

// This file holds the parts of the OCI runtime specification (github.com/opencontainers/runtime-spec, config.md and config-linux.md) that a
// zone uses.

/// <summary>The bundle's config.json.</summary>
internal sealed record OciSpec(
    string OciVersion,
    OciProcess Process,
    OciRoot Root,
    string Hostname,
    IReadOnlyList<OciMount> Mounts,
    OciLinux Linux);

/// <summary>A process to start in the zone; also the document of <c>crun exec --process</c>.</summary>
internal sealed record OciProcess(
    bool Terminal,
    OciUser User,
    IReadOnlyList<string> Args,
    IReadOnlyList<string> Env,
    string Cwd,
    OciCapabilities Capabilities,
    IReadOnlyList<OciRlimit> Rlimits,
    bool NoNewPrivileges,
    int OomScoreAdj)
{
    /// <summary>First size of the terminal.</summary>
    public OciConsoleSize? ConsoleSize { get; init; }
}

internal sealed record OciConsoleSize(uint Height, uint Width);

internal sealed record OciUser(uint Uid, uint Gid, IReadOnlyList<uint>? AdditionalGids = null);

internal sealed record OciCapabilities(IReadOnlyList<string> Bounding, IReadOnlyList<string> Effective, IReadOnlyList<string> Permitted);

internal sealed record OciRlimit(string Type, ulong Soft, ulong Hard);

internal sealed record OciRoot(string Path, bool Readonly);

internal sealed record OciMount(string Destination, string Type, string Source, IReadOnlyList<string> Options);

internal sealed record OciLinux(
    IReadOnlyList<OciNamespace> Namespaces,
    IReadOnlyList<OciIdMapping> UidMappings,
    IReadOnlyList<OciIdMapping> GidMappings,
    string CgroupsPath,
    OciResources Resources,
    IReadOnlyList<string> MaskedPaths,
    IReadOnlyList<string> ReadonlyPaths,
    OciSeccomp Seccomp);

internal sealed record OciNamespace(string Type, string? Path);

internal sealed record OciIdMapping(
    [property: JsonPropertyName("containerID")] uint ContainerId, [property: JsonPropertyName("hostID")] uint HostId, uint Size);

internal sealed record OciResources(IReadOnlyList<OciDeviceRule> Devices, OciPids Pids);

internal sealed record OciPids(long Limit);

internal sealed record OciDeviceRule(bool Allow, string? Type, long? Major, long? Minor, string Access);

internal sealed record OciSeccomp(string DefaultAction, IReadOnlyList<string> Architectures, IReadOnlyList<OciSyscallRule> Syscalls);

internal sealed record OciSyscallRule(
    IReadOnlyList<string> Names, string Action, int ErrnoRet, IReadOnlyList<OciSyscallArgument>? Args = null);

internal sealed record OciSyscallArgument(uint Index, ulong Value, ulong? ValueTwo, string Op);
