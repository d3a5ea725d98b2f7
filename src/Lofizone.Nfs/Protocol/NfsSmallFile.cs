namespace Lofizone.Nfs.Protocol;

/// <summary>What a caller wants to know of a path.</summary>
/// <param name="Path">The path.</param>
/// <param name="LimitBytes">The longest content that the caller wants; 0 for the attributes alone.</param>
public readonly record struct NfsLook(string Path, int LimitBytes = 0);

/// <summary>The object at a path, with its content when the content came along.</summary>
/// <param name="Attributes">The attributes at the time of the read; null when the path leads nowhere.</param>
/// <param name="Content">The whole content; null when the content must be read another way, was not wanted, or is no file's.</param>
/// <param name="Failure">The server's refusal; null when there is an object.</param>
public sealed record NfsSmallFile(NfsAttributes? Attributes, byte[]? Content = null, NfsException? Failure = null)
{
    /// <summary>The attributes.</summary>
    /// <exception cref="NfsException">The path leads nowhere.</exception>
    public NfsAttributes Found => Attributes ?? throw Failure!;
}
