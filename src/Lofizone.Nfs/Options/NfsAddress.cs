namespace Lofizone.Nfs.Options;

/// <summary>The address that a server listens at.</summary>
/// <param name="Host">Host name or address literal.</param>
/// <param name="Port">TCP port.</param>
public sealed record NfsAddress(string Host, int Port);
