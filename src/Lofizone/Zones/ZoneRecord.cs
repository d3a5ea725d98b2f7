using System.Text.Json.Serialization;
using Lofizone.Config;
using Lofizone.Ownership;

namespace Lofizone.Zones;

/// <summary>What this host knows of a zone over its own reboots: /etc/lofizone/zones/NAME.json.</summary>
public sealed record ZoneRecord
{
    public const int CurrentVersion = 1;

    public required int Version { get; init; }

    /// <summary>
    /// The configuration this host accepted. The copy on the share counts only while its digest is equal: a writable share must not mean
    /// root here.
    /// </summary>
    public required ZoneConfig Config { get; init; }

    /// <summary>One of the states that last: configured, incomplete, installed.</summary>
    public required ZoneState State { get; init; }

    /// <summary>First host uid and gid of the zone's range; a multiple of 65536.</summary>
    public required uint UidBase { get; init; }

    /// <summary>Set while <c>zone create</c> has not ended: a create that was killed is started again by the same command.</summary>
    public bool Creating { get; init; }

    /// <summary>
    /// Set while the zone is configured here because it was detached, or another host has it: its root still exists, so it is attached, not
    /// installed.
    /// </summary>
    public DateTimeOffset? DetachedAt { get; init; }

    /// <summary>How this host lost the running zone to another one; until it has it again.</summary>
    public ZoneLoss? Lost { get; init; }

    /// <summary>Set while a move takes the zone to another host: one that was killed is gone on with by the same command.</summary>
    public ZoneMoving? Moving { get; init; }
}

/// <summary>A move under way.</summary>
/// <param name="To">The host it goes to, as the command names it.</param>
/// <param name="Boot">Whether it is to run there.</param>
public sealed record ZoneMoving(ForeignText To, bool Boot);

/// <summary>A running zone was taken over by another host.</summary>
/// <param name="Host">That host's name; null when its record could not be read.</param>
/// <param name="At">When this host noticed.</param>
public sealed record ZoneLoss(ForeignText? Host, DateTimeOffset At)
{
    /// <summary>As listings say it.</summary>
    public override string ToString() => $"taken over by {(Host is null ? "another host" : Host.ToString())} at {OwnedElsewhere.Time(At)}";
}

/// <summary>What this host knows of a zone that is up: /run/lofizone/zones/NAME/state.json, gone with a reboot.</summary>
public sealed record ZoneRun
{
    /// <summary>Zone ID, from 1; not used again until the host reboots.</summary>
    public required int Id { get; init; }

    /// <summary>
    /// Ready, running or shutting_down, as the operation under way last said; the truth about processes is asked of the kernel.
    /// </summary>
    public required ZoneState Phase { get; init; }

    public required DateTimeOffset BootedAt { get; init; }

    /// <summary>Number of the lofi device that holds the root; null for a zone whose root the administrator mounted.</summary>
    public int? Lofi { get; init; }

    /// <summary>The configuration as it was at boot: the zone runs by this one until its next boot.</summary>
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
