namespace Lofizone.Zones;

/// <summary>How a zone is halted.</summary>
public enum HaltMode
{
    /// <summary>The zone shuts itself down, and is killed when that takes too long.</summary>
    Shutdown,

    /// <summary>The zone's processes are killed at once. The zone's data is stored.</summary>
    Now,

    /// <summary>The zone's processes are killed at once, and data that waits for a dead server is given up.</summary>
    Force,
}
