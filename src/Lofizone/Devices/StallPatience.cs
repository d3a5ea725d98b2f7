using Lofizone.Engine;

namespace Lofizone.Devices;

/// <summary>What becomes of work whose device waits for too long.</summary>
internal enum StallEnd
{
    /// <summary>The work ends with an error. What is not stored stays where it is, and is stored when the server is back.</summary>
    EndWork,

    /// <summary>
    /// The device is given up: what waits for it in the kernel fails, and the work with it. For what nobody wants, or what can be done
    /// again.
    /// </summary>
    GiveUpDevice,
}

/// <summary>For how long work goes on while its device waits.</summary>
/// <param name="After">Without a break; null: for as long as the user does, whose interrupt ends it.</param>
/// <param name="End">What happens then.</param>
internal sealed record StallPatience(TimeSpan? After, StallEnd End)
{
    /// <summary>How long a stop waits for a device that a moment ago did not wait.</summary>
    public static readonly TimeSpan OfStop = TimeSpan.FromSeconds(10);
}

/// <summary>A device that may wait while it is worked on.</summary>
/// <param name="Name">The zone or device, for messages.</param>
/// <param name="GiveUp">The command that gives up what is not stored.</param>
/// <param name="Stall">Asks why it waits now; null when it does not.</param>
/// <param name="Abort">Gives it up; null when it does not wait, or only an administrator could.</param>
/// <param name="Refusal">The error of work that was ended.</param>
internal sealed record StallSubject(
    string Name,
    string GiveUp,
    Func<CancellationToken, Task<DeviceStall?>> Stall,
    Func<CancellationToken, Task<DeviceStall?>> Abort,
    Func<DeviceStall, LofizoneException> Refusal);
