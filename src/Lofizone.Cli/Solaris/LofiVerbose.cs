using System.Globalization;
using Lofizone.Cli.Verbs;
using Lofizone.Devices;
using Lofizone.Engine;
using Lofizone.Images;
using Lofizone.Measures;

namespace Lofizone.Cli.Solaris;

/// <summary><c>lofiadm -v</c>: one device with its engine, its routes and its layers.</summary>
internal static class LofiVerbose
{
    public static void Write(LofiDevice device, DeviceSample sample, TextWriter output)
    {
        output.WriteLine($"{device.Link}: {device.File}");
        Line(
            "device",
            $"{device.LoopDevice}, {SizeText.Format(device.SizeBytes)}, transport {device.Transport}, attached "
            + $"{Time(device.Since)}{(device.ZoneName is { } zone ? $", for zone {zone}" : "")}");
        Line("health", $"{sample.Problem ?? "ok"}");
        if (sample.Engine?.Status is { } e)
        {
            Line(
                "engine",
                $"pid {e.Pid}, since {Time(e.Since)}, lock "
                + $"{e.LockState}{(e.Trace is { } trace ? $", tracing {trace} ({e.TraceDropped} lines dropped)" : "")}");
            Line(
                "session",
                $"NFSv4.{e.MinorVersion}, {e.InFlight} in flight of {e.Slots} slots, lease {e.LeaseSeconds} s, renewed "
                + $"{Age(e.LeaseAgeMilliseconds)}, lost {e.SessionsLost} times, reclaimed {e.Reclaims} times");
            Line("uncommitted", $"{e.UncommittedBytes} bytes; {e.ResentBytes} bytes written again");
            Line("connections", $"{e.Reconnects} reconnects, {e.Retransmits} retransmits");
            foreach (EnginePath path in e.Paths)
                Line(
                    "path",
                    $"{path.Address} {(path.Connected ? "up" : $"down{(path.DownSince is { } down ? $" since {Time(down)}" : "")}")}, "
                    + $"{path.InFlight} in flight, {path.Reconnects} reconnects, {path.Retransmits} "
                        + $"retransmits{(path.RoundTripMicroseconds is { } time ? $", round trip {DurationText.Of(time * 1000.0)}" : "")}");
        }

        StatLayers.Write(sample, output);
        output.WriteLine();

        void Line(string name, string text) => output.WriteLine($"  {name,-12} {text}");
    }

    private static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    private static string Age(long? milliseconds) => milliseconds is { } age ? $"{DurationText.Of(age * 1e6)} ago" : "never";
}
