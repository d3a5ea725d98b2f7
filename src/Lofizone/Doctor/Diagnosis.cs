namespace Lofizone.Doctor;

/// <summary>How much a finding matters. The names are printed.</summary>
public enum Severity
{
    /// <summary>Looked at and in order.</summary>
    Ok,

    /// <summary>Worth knowing; the image can be used as it is.</summary>
    Note,

    /// <summary>The image can't be used until it is mended.</summary>
    Fault,
}

/// <summary>One thing that was looked at.</summary>
/// <param name="Severity">How much it matters.</param>
/// <param name="What">What was seen, in one sentence.</param>
/// <param name="Mend">The command or the way that helps; null when nothing needs doing.</param>
public sealed record Finding(Severity Severity, string What, string? Mend = null);

/// <summary>All that was found out about one zone's image, in the order it was looked at.</summary>
/// <param name="Target">As the user named it.</param>
/// <param name="Image">The image or device looked at; null when it was not found.</param>
/// <param name="Findings">At least one.</param>
public sealed record Diagnosis(string Target, string? Image, IReadOnlyList<Finding> Findings)
{
    /// <summary>True when nothing stands in the way of a mount.</summary>
    public bool IsSound => Findings.All(f => f.Severity != Severity.Fault);
}
