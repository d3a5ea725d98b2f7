using Lofizone.Devices;
using Lofizone.Engine;

namespace Lofizone.Measures;

/// <summary>What every layer under one device has counted, at one moment or between two.</summary>
public sealed record DeviceSample
{
    /// <summary>The zone that the device serves; null for one attached by hand.</summary>
    public string? Zone { get; init; }

    /// <summary>State of the zone in words; null without one.</summary>
    public string? State { get; init; }

    /// <summary><c>/dev/lofi/N</c>; null when the zone has none.</summary>
    public string? Device { get; init; }

    /// <summary>URI of the image.</summary>
    public string? File { get; init; }

    /// <summary>When it was taken.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The time it covers, seconds: since the device was attached, or since the sample before.</summary>
    public double Seconds { get; init; }

    /// <summary>Null when there is no loop device.</summary>
    public LoopFigures? Loop { get; init; }

    /// <summary>Null without an engine, or when it did not answer.</summary>
    public EngineStatistics? Engine { get; init; }

    /// <summary>What is wrong, in a few words: the server's silence, a held write, a fenced or dead engine. Null when nothing is.</summary>
    public string? Problem { get; init; }

    /// <summary>What was counted between an earlier sample and this one.</summary>
    public DeviceSample Since(DeviceSample earlier) => earlier.Device != Device || earlier.File != File ? this : this with
    {
        Seconds = (At - earlier.At).TotalSeconds,
        Loop = Loop?.Since(earlier.Loop),
        Engine = Engine?.Since(earlier.Engine),
    };
}
