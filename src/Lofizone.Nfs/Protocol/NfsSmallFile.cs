namespace Lofizone.Nfs.Protocol;

/// <summary>What stands at a path, with its content when that came along.</summary>
/// <param name="Attributes">As the content was read.</param>
/// <param name="Content">All of it; null when it must be read another way, or is no file's.</param>
public sealed record NfsSmallFile(NfsAttributes Attributes, byte[]? Content);
