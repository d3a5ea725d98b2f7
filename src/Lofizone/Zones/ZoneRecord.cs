using System.Text.Json.Serialization;
using Lofizone.Config;
using Lofizone.Ownership;

namespace Lofizone.Zones;

/// <summary>This host's lasting record of a zone: /etc/lofizone/zones/NAME.json.</summary>
public sealed record ZoneRecord
{
    public const int CurrentVersion = 1;

    public required int Version { get; init; }

    /// <summary>
    /// The configuration that this host accepted. The copy on the share counts only while its digest is equal, because a writable share
    /// must not give root's rights on this host.
    /// </summary>
    public required ZoneConfig Config { get; init; }

    /// <summary>One of the lasting states: configured, incomplete, installed.</summary>
    public required ZoneState State { get; init; }

    /// <summary>First host uid and gid of the zone's range; a multiple of 65536.</summary>
    public required uint UidBase { get; init; }

    /// <summary>True while <c>zone create</c> has not ended. After a kill the same command starts the create again.</summary>
    public bool Creating { get; init; }

    /// <summary>
    /// Set while the zone is configured here because it was detached, or because another host has it. The zone's root still exists, so the
    /// zone can be attached but not installed.
    /// </summary>
    public DateTimeOffset? DetachedAt { get; init; }

    /// <summary>The loss of the running zone to another host, until this host has the zone again.</summary>
    public ZoneLoss? Lost { get; init; }

    /// <summary>The new name while a rename is under way; null otherwise.</summary>
    public string? RenamingTo { get; init; }

    /// <summary>The old name in the new record of a zone, until the rename has ended; null otherwise.</summary>
    public string? RenamedFrom { get; init; }

    /// <summary>Set while a move takes the zone to another host. After a kill the same command continues the move.</summary>
    public ZoneMoving? Moving { get; init; }
}

/// <summary>A move under way.</summary>
/// <param name="To">The destination host, as the command names the host.</param>
/// <param name="Boot">True when the zone must run there.</param>
public sealed record ZoneMoving(ForeignText To, bool Boot);

/// <summary>A running zone was taken over by another host.</summary>
/// <param name="Host">That host's name; null when its record could not be read.</param>
/// <param name="At">Time at which this host noticed the loss.</param>
public sealed record ZoneLoss(ForeignText? Host, DateTimeOffset At)
{
    /// <summary>The loss in the words of listings.</summary>
    public override string ToString() => $"taken over by {(Host is null ? "another host" : Host.ToString())} at {OwnedElsewhere.Time(At)}";
}

/// <summary>This host's record of a zone that is up: /run/lofizone/zones/NAME/state.json. A reboot removes the file.</summary>
public sealed record ZoneRun
{
    /// <summary>Zone ID, from 1; not used again until the host reboots.</summary>
    public required int Id { get; init; }

    /// <summary>
    /// Ready, running or shutting_down, as the operation under way last noted. The kernel tells the truth about processes.
    /// </summary>
    public required ZoneState Phase { get; init; }

    /// <summary>
    /// True for a zone that was made ready on purpose. Without this mark a zone that is ready is the rest of a killed command.
    /// </summary>
    public bool Prepared { get; init; }

    public required DateTimeOffset BootedAt { get; init; }

    /// <summary>Number of the lofi device that holds the root; null for a zone whose root the administrator mounted.</summary>
    public int? Lofi { get; init; }

    /// <summary>The CPUs that the zone has for itself alone, in the kernel's list format; null for a zone that shares CPUs.</summary>
    public string? Cpus { get; init; }

    /// <summary>The configuration with which the zone runs: that of its boot, with the changes that were made since.</summary>
    public required ZoneConfig Config { get; init; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    WriteIndented = true,
    UseStringEnumConverter = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ZoneRecord))]
[JsonSerializable(typeof(ZoneRun))]
[JsonSerializable(typeof(ZoneReboots))]
internal sealed partial class ZonesJson : JsonSerializerContext;
