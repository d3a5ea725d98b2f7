using Lofizone.Engine;
using Lofizone.Interop;
using Lofizone.Shares;

namespace Lofizone.Devices;

/// <summary>How far a lofi device is, as its record says. The names are written to records: they stay.</summary>
public enum LofiState
{
    /// <summary>A command is attaching it, or was killed while doing so.</summary>
    Attaching,

    /// <summary>In use.</summary>
    Attached,

    /// <summary>A command is detaching it, or was killed while doing so.</summary>
    Detaching,
}

/// <summary>Whether a lofi device works.</summary>
public enum LofiHealth
{
    /// <summary>Attached, and everything it needs is there.</summary>
    Ok,

    /// <summary>Attaching or detaching: under way, or left so by a killed command.</summary>
    Unfinished,

    /// <summary>The loop device has been taken away by somebody else.</summary>
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

    /// <summary>How far it is.</summary>
    public required LofiState State { get; init; }

    /// <summary>The loop device underneath, <c>/dev/loopM</c>; empty before it is chosen.</summary>
    public string LoopDevice { get; init; } = "";

    /// <summary>Size of image and device, bytes; 0 before it is known.</summary>
    public long SizeBytes { get; init; }

    /// <summary>
    /// Who speaks to the store: <c>dir</c> (the kernel, on a mounted directory), <c>kernel</c> (the kernel's NFS client) or <c>user</c>
    /// (our engine).
    /// </summary>
    public required string Transport { get; init; }

    /// <summary>Where the image's directory is mounted for this device; null unless <see cref="Transport"/> is <c>kernel</c>.</summary>
    public string? Mount { get; init; }

    /// <summary>Zone that the device serves; null for one attached by hand.</summary>
    public string? ZoneName { get; init; }

    /// <summary>The engine; null without one.</summary>
    public ProcessIdentity? Engine { get; init; }

    /// <summary>
    /// The engine's keeper, which starts another engine when this one dies; null without one. Found out when read, not part of the record.
    /// </summary>
    public ProcessIdentity? Keeper { get; init; }

    /// <summary>It had an engine, and neither that nor a keeper that would start another is alive.</summary>
    internal bool IsUnserved => Engine is { IsAlive: false } && Keeper is not { IsAlive: true };

    /// <summary>Process ID of the engine; null without one.</summary>
    public int? EnginePid => Engine?.Pid;

    /// <summary>Written into the loop device's name field: the device is found by it even when the record was not finished.</summary>
    public required string Token { get; init; }

    /// <summary>The backing file as the kernel shows it in sysfs.</summary>
    public string BackingFile { get; init; } = "";

    /// <summary>What the loop device had counted for others before; null when it is not known.</summary>
    public LoopFigures? LoopBefore { get; init; }

    /// <summary>When attaching began.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>Whether it works now; found out when read, not part of the record.</summary>
    public LofiHealth Health { get; init; } = LofiHealth.Unfinished;

    /// <summary>
    /// Since when its writes wait for room on the share; null while they don't. Found out when read, as its engine has noted it.
    /// </summary>
    public DateTimeOffset? HeldSince { get; init; }

    /// <summary>
    /// Since when the server does not answer that the kernel speaks to; null while it does, or when an engine speaks to it. Found out when
    /// read, as its watch has noted it.
    /// </summary>
    public DateTimeOffset? AwaySince { get; init; }

    /// <summary>Its health in a word: a device that works but whose writes wait is not <c>Ok</c>.</summary>
    public string HealthText => Health != LofiHealth.Ok ? Health.ToString()
        : HeldSince is not null ? nameof(StallKind.Held)
        : AwaySince is not null ? nameof(StallKind.Silent)
        : nameof(LofiHealth.Ok);

    /// <summary>
    /// Nothing can be stored through it any more, also when a command has begun to take it apart: flushing it is in vain.
    /// </summary>
    public bool HasLostStore => Health is LofiHealth.LoopGone or LofiHealth.EngineDead or LofiHealth.Fenced || IsUnserved;
}

/// <summary>What may be asked of an attach.</summary>
public sealed record LofiAttachOptions
{
    /// <summary>Number of the device; null takes the lowest free one.</summary>
    public int? Number { get; init; }

    /// <summary>Zone that the device is for.</summary>
    public string? ZoneName { get; init; }
}

/// <summary>What may be asked of a detach.</summary>
/// <param name="Force">
/// Don't wait for a server that is gone: what it has not confirmed is lost, and file systems still mounted from the device get I/O errors.
/// </param>
public sealed record DetachOptions(bool Force = false);
