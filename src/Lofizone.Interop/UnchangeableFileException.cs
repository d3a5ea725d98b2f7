namespace Lofizone.Interop;

/// <summary>
/// A file or directory that even root may not change as long as it has an attribute of chattr(1): immutable or append-only.
/// </summary>
/// <param name="name">What can be shown of its name.</param>
public sealed class UnchangeableFileException(string name) : IOException($"{name}: immutable or append-only (chattr +i, +a)")
{
    /// <summary>Its last name.</summary>
    public string Name { get; } = name;
}
