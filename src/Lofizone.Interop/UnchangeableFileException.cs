namespace Lofizone.Interop;

/// <summary>Even root may not change the file or directory, because it has an attribute of chattr(1): immutable or append-only.</summary>
/// <param name="name">The printable form of the file's name.</param>
public sealed class UnchangeableFileException(string name) : IOException($"{name}: immutable or append-only (chattr +i, +a)")
{
    /// <summary>The file's name without its directory.</summary>
    public string Name { get; } = name;
}
