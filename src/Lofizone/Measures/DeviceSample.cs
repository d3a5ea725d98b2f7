using Lofizone.Devices;
using Lofizone.Engine;

namespace Lofizone.Measures;

/// <summary>The counters of every layer under one device, at one moment or between two moments.</summary>
public sealed record DeviceSample
{
    /// <summary>The zone that the device serves; null for a device that was attached by hand.</summary>
    public string? Zone { get; init; }

    /// <summary>State of the zone in words; null without a zone.</summary>
    public string? State { get; init; }

    /// <c>/dev/lofi/N</c>; null when the zone has no device.
    public string? Device { get; init; }

    /// <summary>URI of the image.</summary>
    public string? File { get; init; }

    /// <summary>Time of the sample.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Time that the sample covers, seconds: since the attach of the device, or since the earlier sample.</summary>
    public double Seconds { get; init; }

    /// <summary>Counters of the loop device; null when there is none.</summary>
    public LoopFigures? Loop { get; init; }

    /// <summary>Counters of the engine; null without an engine, or when the engine did not answer.</summary>
    public EngineStatistics? Engine { get; init; }

    /// <summary>The problem in a few words: the server's silence, a held write, a fenced or dead engine. Null when there is none.</summary>
    public string? Problem { get; init; }

    /// <summary>The difference between an earlier sample and this one.</summary>
    public DeviceSample Since(DeviceSample earlier) => earlier.Device != Device || earlier.File != File ? this : this with
    {
        Seconds = (At - earlier.At).TotalSeconds,
        Loop = Loop?.Since(earlier.Loop),
        Engine = Engine?.Since(earlier.Engine),
    };
}
