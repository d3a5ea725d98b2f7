using System.Globalization;
using System.Text.Json;
using Lofizone.Hosts;
using Lofizone.Programs;

namespace Lofizone.Engine;

/// <summary>
/// A device's fence: the image is, or was, another host's. The fence is kept in the engine's directory until the device is detached, so
/// that listings can report the fence without asking a process.
/// </summary>
/// <param name="Why">The reason why the lock was lost.</param>
/// <param name="At">Time at which the loss was noticed.</param>
/// <param name="OwnerHost">Host that owned the image at that time; null when the record named none.</param>
/// <param name="OwnerSince">Time since when that host owned the image.</param>
public sealed record EngineFence(string Why, DateTimeOffset At, ForeignText? OwnerHost = null, DateTimeOffset? OwnerSince = null)
{
    /// <summary>Verb of the process that a noticed fence starts, with the host's root and the device's number; see <c>Zones</c>.</summary>
    public const string Verb = "fenced";

    /// <summary>
    /// Stops the zone of a fenced device, in a process of its own. That process takes the zone's lock, and may wait for a command that
    /// holds the lock.
    /// </summary>
    internal static void StopZone(string hostRoot, int number)
    {
        using DetachedProgram stop = DetachedProgram.Start(
            new ProgramRunner(), OwnProgram.Path, Verb, hostRoot, number.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>
    /// Called first by the process that <see cref="StopZone"/> starts, because that process must outlive the engine and the engine's
    /// cgroup.
    /// </summary>
    public static void LeaveEngine() => OwnCgroup.Leave();

    internal void Write(EngineDirectory directory) =>
        HostFile.Write(directory.Fence, JsonSerializer.SerializeToUtf8Bytes(this, EngineJson.Default.EngineFence));

    internal static EngineFence? Read(EngineDirectory directory) =>
        HostFile.Read(directory.Fence) is { } json ? JsonSerializer.Deserialize(json, EngineJson.Default.EngineFence) : null;
}
