namespace Lofizone.Nfs.Options;

/// <summary>Where a server listens.</summary>
/// <param name="Host">Host name or address literal.</param>
/// <param name="Port">TCP port.</param>
public sealed record NfsAddress(string Host, int Port);
