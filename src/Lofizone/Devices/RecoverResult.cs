namespace Lofizone.Devices;

/// <summary>What became of a device's clean-up.</summary>
public enum RecoverOutcome
{
    /// <summary>There was nothing to do.</summary>
    Nothing,

    /// <summary>Left-overs were removed; the device is gone and its image free.</summary>
    Cleaned,

    /// <summary>Another command is at work on it right now.</summary>
    Busy,

    /// <summary>Something stands in the way; the message says what.</summary>
    Failed,
}

/// <param name="Number">Device number.</param>
/// <param name="Outcome">What became of it.</param>
/// <param name="Message">Why, when that is not plain from the outcome.</param>
public sealed record RecoverResult(int Number, RecoverOutcome Outcome, string? Message);
