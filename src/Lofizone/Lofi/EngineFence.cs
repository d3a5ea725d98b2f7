using System.Text.Json;
using Lofizone.Hosts;

namespace Lofizone.Lofi;

/// <summary>
/// An engine is fenced: its image is, or was, another host's. Kept in the engine's directory, so that listings can say it without
/// asking the engine, until the device is detached.
/// </summary>
/// <param name="Why">How the lock was lost.</param>
/// <param name="At">When that was noticed.</param>
/// <param name="OwnerHost">Host that owned the image then; null when the record named none.</param>
/// <param name="OwnerSince">Since when.</param>
public sealed record EngineFence(string Why, DateTimeOffset At, string? OwnerHost = null, DateTimeOffset? OwnerSince = null)
{
    internal void Write(EngineDirectory directory) => HostFile.Write(directory.Fence, JsonSerializer.SerializeToUtf8Bytes(this, EngineJson.Default.EngineFence));

    internal static EngineFence? Read(EngineDirectory directory) =>
        HostFile.Read(directory.Fence) is { } json ? JsonSerializer.Deserialize(json, EngineJson.Default.EngineFence) : null;
}
