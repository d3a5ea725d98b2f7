using System.Globalization;
using System.Text.Json;
using Lofizone.Hosts;
using Lofizone.Programs;

namespace Lofizone.Engine;

/// <summary>
/// A device is fenced: its image is, or was, another host's. Kept in its engine's directory, so that listings can say it without
/// asking anybody, until the device is detached.
/// </summary>
/// <param name="Why">How the lock was lost.</param>
/// <param name="At">When that was noticed.</param>
/// <param name="OwnerHost">Host that owned the image then; null when the record named none.</param>
/// <param name="OwnerSince">Since when.</param>
public sealed record EngineFence(string Why, DateTimeOffset At, ForeignText? OwnerHost = null, DateTimeOffset? OwnerSince = null)
{
    /// <summary>What whoever notices a fence runs, with the host's root and the device's number; see <c>Zones</c>.</summary>
    public const string Verb = "fenced";

    /// <summary>
    /// Stops the zone of a fenced device, in a process of its own: that takes the zone's lock, and may wait for a command that has it.
    /// </summary>
    internal static void StopZone(string hostRoot, int number)
    {
        using DetachedProgram stop = DetachedProgram.Start(
            new ProgramRunner(), OwnProgram.Path, Verb, hostRoot, number.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>
    /// To be called first by the process that <see cref="StopZone"/> starts: it is to outlive the engine and all that is the engine's.
    /// </summary>
    public static void LeaveEngine() => OwnCgroup.Leave();

    internal void Write(EngineDirectory directory) =>
        HostFile.Write(directory.Fence, JsonSerializer.SerializeToUtf8Bytes(this, EngineJson.Default.EngineFence));

    internal static EngineFence? Read(EngineDirectory directory) =>
        HostFile.Read(directory.Fence) is { } json ? JsonSerializer.Deserialize(json, EngineJson.Default.EngineFence) : null;
}
