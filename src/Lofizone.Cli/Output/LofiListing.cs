using Lofizone.Devices;

namespace Lofizone.Cli.Output;

/// <summary>A device in the output of <c>lofiadm --json</c>.</summary>
internal sealed record LofiListing(
    string Device, string File, string LoopDevice, long SizeBytes, string Transport, string Health, string? Zone, int? EnginePid)
{
    public static LofiListing Of(LofiDevice device) =>
        new(
            device.Link, device.File.ToString(), device.LoopDevice, device.SizeBytes, device.Transport, device.HealthText, device.ZoneName,
            device.EnginePid);
}
