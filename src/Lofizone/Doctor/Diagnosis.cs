namespace Lofizone.Doctor;

/// <summary>Importance of a finding. The names are printed.</summary>
public enum Severity
{
    /// <summary>The object was checked and is in order.</summary>
    Ok,

    /// <summary>The finding is worth knowing; the image can be used as it is.</summary>
    Note,

    /// <summary>The image can't be used until the fault is repaired.</summary>
    Fault,
}

/// <summary>The result of one check.</summary>
/// <param name="Severity">Importance of the finding.</param>
/// <param name="What">The finding, in one sentence.</param>
/// <param name="Mend">The command or the way that helps; null when nothing needs doing.</param>
public sealed record Finding(Severity Severity, string What, string? Mend = null);

/// <summary>All findings about one zone's image, in the order of the checks.</summary>
/// <param name="Target">The target in the user's spelling.</param>
/// <param name="Image">The examined image or device; null when it was not found.</param>
/// <param name="Findings">The findings, at least one.</param>
public sealed record Diagnosis(string Target, string? Image, IReadOnlyList<Finding> Findings)
{
    /// <summary>True when no finding prevents a mount.</summary>
    public bool IsSound => Findings.All(f => f.Severity != Severity.Fault);
}
