using Lofizone.Engine;
using Lofizone.Interop;
using Lofizone.Shares;

namespace Lofizone.Devices;

/// <summary>Progress of a lofi device, according to its record. The names are written to records, so they must not change.</summary>
public enum LofiState
{
    /// <summary>A command is attaching the device, or was killed while attaching it.</summary>
    Attaching,

    /// <summary>In use.</summary>
    Attached,

    /// <summary>A command is detaching the device, or was killed while detaching it.</summary>
    Detaching,
}

/// <summary>Health of a lofi device.</summary>
public enum LofiHealth
{
    /// <summary>The device is attached, and all its parts work.</summary>
    Ok,

    /// <summary>The device is attaching or detaching: either a command works on it, or a killed command left it so.</summary>
    Unfinished,

    /// <summary>Another program has taken the loop device away.</summary>
    LoopGone,

    /// <summary>Engine and keeper have ended: I/O on the device fails.</summary>
    EngineDead,

    /// <summary>The image's lock is lost to another host: I/O on the device fails, and nothing is written any more.</summary>
    Fenced,
}

/// <summary>A block device on this host that stands for an image.</summary>
public sealed record LofiDevice
{
    /// <summary>Number, 1 to <see cref="LofiDevices.NumberLimit"/>.</summary>
    public required int Number { get; init; }

    /// <summary>The device's name: <c>/dev/lofi/N</c>, a link to the loop device.</summary>
    public required string Link { get; init; }

    /// <summary>The image.</summary>
    public required ShareUri File { get; init; }

    /// <summary>The device's progress.</summary>
    public required LofiState State { get; init; }

    /// <summary>The loop device underneath, <c>/dev/loopM</c>; empty before it is chosen.</summary>
    public string LoopDevice { get; init; } = "";

    /// <summary>Size of image and device, bytes; 0 before it is known.</summary>
    public long SizeBytes { get; init; }

    /// <summary>
    /// The carrier of the blocks: <c>dir</c> (the kernel, on a mounted directory), <c>kernel</c> (the kernel's NFS client) or <c>user</c>
    /// (Lofizone's engine).
    /// </summary>
    public required string Transport { get; init; }

    /// <summary>Mount point of the image's directory for this device; null unless <see cref="Transport"/> is <c>kernel</c>.</summary>
    public string? Mount { get; init; }

    /// <summary>The zone that the device serves; null for a device that was attached by hand.</summary>
    public string? ZoneName { get; init; }

    /// <summary>The engine; null without one.</summary>
    public ProcessIdentity? Engine { get; init; }

    /// <summary>
    /// The engine's keeper, which starts another engine when this engine dies; null without a keeper. The value is found at each reading
    /// and is not part of the record.
    /// </summary>
    public ProcessIdentity? Keeper { get; init; }

    /// <summary>True when the device had an engine, and neither the engine nor a keeper that would start another is alive.</summary>
    internal bool IsUnserved => Engine is { IsAlive: false } && Keeper is not { IsAlive: true };

    /// <summary>Process ID of the engine; null without one.</summary>
    public int? EnginePid => Engine?.Pid;

    /// <summary>The command that detaches the device and gives up the data that its server has not confirmed.</summary>
    public string GiveUpCommand => ZoneName is { } zone ? $"zone halt --force {zone}" : $"lofiadm -f -d {Link}";

    /// <summary>
    /// Name in the loop device's name field. A command finds the device by the name even when the record was not finished.
    /// </summary>
    public required string Token { get; init; }

    /// <summary>The backing file's name in sysfs.</summary>
    public string BackingFile { get; init; } = "";

    /// <summary>The loop device's counters before this attach; null when they are not known.</summary>
    public LoopFigures? LoopBefore { get; init; }

    /// <summary>Time at which the attach began.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>The device's present health. The value is found at each reading and is not part of the record.</summary>
    public LofiHealth Health { get; init; } = LofiHealth.Unfinished;

    /// <summary>
    /// Time since when the device's writes wait for room on the share; null while they do not. The value is the engine's note, read at each
    /// reading.
    /// </summary>
    public DateTimeOffset? HeldSince { get; init; }

    /// <summary>
    /// Time since when the server of the kernel's NFS client is silent; null while the server answers, or when an engine speaks to the
    /// server. The value is the watch's note, read at each reading.
    /// </summary>
    public DateTimeOffset? AwaySince { get; init; }

    /// <summary>The device's health in a word. A device that works but whose writes wait is not <c>Ok</c>.</summary>
    public string HealthText => Health != LofiHealth.Ok ? Health.ToString()
        : HeldSince is not null ? nameof(StallKind.Held)
        : AwaySince is not null ? nameof(StallKind.Silent)
        : nameof(LofiHealth.Ok);

    /// <summary>
    /// True when no data can be stored through the device any more, also when a command has begun to take it apart. A flush of the device
    /// is then useless.
    /// </summary>
    public bool HasLostStore => Health is LofiHealth.LoopGone or LofiHealth.EngineDead or LofiHealth.Fenced || IsUnserved;
}

/// <summary>Options of an attach.</summary>
public sealed record LofiAttachOptions
{
    /// <summary>Number of the device; null takes the lowest free one.</summary>
    public int? Number { get; init; }

    /// <summary>The zone that the device is for.</summary>
    public string? ZoneName { get; init; }
}

/// <summary>Options of a detach.</summary>
/// <param name="Force">
/// Don't wait for a server that is gone. Data that the server has not confirmed is lost, and file systems that are still mounted from the
/// device get I/O errors.
/// </param>
public sealed record DetachOptions(bool Force = false);
