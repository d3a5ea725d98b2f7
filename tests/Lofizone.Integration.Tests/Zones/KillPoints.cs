using Lofizone.Config;
using Lofizone.Devices;
using Lofizone.Hosts;
using Lofizone.Programs;
using Lofizone.Zones;

namespace Lofizone.Integration.Tests.Zones;

/// <summary>The points at which commands can be killed, from the operations' own lists of steps. A new step is a new test.</summary>
internal static class KillPoints
{
    /// <summary>Before and after each step of an operation on a zone.</summary>
    public static IEnumerable<string> Of(ZoneOperation operation) =>
        StepsOf(operation).SelectMany(s => new[] { $"{operation.Name}/{s}/{FaultPoint.Before}", $"{operation.Name}/{s}/{FaultPoint.After}" });

    public static IEnumerable<string> StepsOf(ZoneOperation operation)
    {
        ZoneHost host = new(new HostPaths("/nonexistent"), new ProgramRunner(), TimeProvider.System, "zone");
        ZoneRecord record = new()
        {
            Version = ZoneRecord.CurrentVersion,
            Config = new ZoneConfig { Name = ZoneBed.Zone, ZonePath = "/nonexistent/zones/web", RootImage = new RootImage("dir:/nonexistent", 1 << 30, "ext4") },
            State = ZoneState.Configured,
            UidBase = 1 << 30,
        };
        return operation.StepsOf(host, record);
    }

    /// <summary>Before each step of an operation on a zone.</summary>
    public static IEnumerable<string> Before(ZoneOperation operation) => Of(operation).Where(p => p.EndsWith("/" + FaultPoint.Before, StringComparison.Ordinal));

    public static IEnumerable<string> After(ZoneOperation operation) => Of(operation).Except(Before(operation));

    /// <summary>Before each step of attaching an image.</summary>
    public static IEnumerable<string> OfAttach(bool nfs) =>
        (nfs ? LofiSteps.AttachNfs : LofiSteps.AttachDir).Select(s => $"{LofiSteps.AttachOperation}/{s}/{LofiSteps.Before}");

    /// <summary>Before each step of detaching an image.</summary>
    public static IEnumerable<string> OfDetach() => LofiSteps.Detach.Select(s => $"{LofiSteps.DetachOperation}/{s}/{LofiSteps.Before}");
}
