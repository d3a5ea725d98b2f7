using Lofizone.Engine;

namespace Lofizone.Devices;

/// <summary>The end of work whose device waits for too long.</summary>
internal enum StallEnd
{
    /// <summary>The work ends with an error. Unstored data stays where it is, and is stored when the server is back.</summary>
    EndWork,

    /// <summary>
    /// The device is given up: its waiting requests in the kernel fail, and so does the work. For data that is not needed, or for work that
    /// can be repeated.
    /// </summary>
    GiveUpDevice,
}

/// <summary>Time for which work goes on while its device waits.</summary>
/// <param name="After">Longest wait without a break. Null: no limit; the user's interrupt ends the work.</param>
/// <param name="End">The consequence of a longer wait.</param>
internal sealed record StallPatience(TimeSpan? After, StallEnd End)
{
    /// <summary>Time that a stop waits for a device that did not wait a moment ago.</summary>
    public static readonly TimeSpan OfStop = TimeSpan.FromSeconds(10);
}

/// <summary>A device that may wait while a command works on it.</summary>
/// <param name="Name">The zone or device, for messages.</param>
/// <param name="GiveUp">The command that gives up unstored data.</param>
/// <param name="Stall">Asks for the reason of the present wait; null when the device does not wait.</param>
/// <param name="Abort">Gives the device up; null when it does not wait, or when only an administrator could give it up.</param>
/// <param name="Refusal">Makes the error of work that was ended.</param>
internal sealed record StallSubject(
    string Name,
    string GiveUp,
    Func<CancellationToken, Task<DeviceStall?>> Stall,
    Func<CancellationToken, Task<DeviceStall?>> Abort,
    Func<DeviceStall, LofizoneException> Refusal);
