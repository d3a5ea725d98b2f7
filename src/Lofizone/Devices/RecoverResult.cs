namespace Lofizone.Devices;

/// <summary>Outcome of a device's clean-up.</summary>
public enum RecoverOutcome
{
    /// <summary>There was nothing to do.</summary>
    Nothing,

    /// <summary>Left-overs were removed; the device is gone and its image free.</summary>
    Cleaned,

    /// <summary>Another command is working on the device.</summary>
    Busy,

    /// <summary>An obstacle prevented the clean-up; the message names it.</summary>
    Failed,
}

/// <param name="Number">Device number.</param>
/// <param name="Outcome">The outcome.</param>
/// <param name="Message">The reason, when the outcome alone does not tell it.</param>
public sealed record RecoverResult(int Number, RecoverOutcome Outcome, string? Message);
