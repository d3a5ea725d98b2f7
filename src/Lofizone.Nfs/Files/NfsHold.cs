using Lofizone.Nfs.Protocol;

namespace Lofizone.Nfs.Files;

/// <summary>Writes that wait because the server has no room. The writes go on by themselves when there is room.</summary>
/// <param name="Status"><see cref="NfsStatus.NoSpc"/> or <see cref="NfsStatus.DQuot"/>.</param>
/// <param name="Waiting">Number of requests that wait, at least 1.</param>
/// <param name="Since">Time at which the first of the requests began to wait.</param>
public sealed record NfsHold(NfsStatus Status, int Waiting, DateTimeOffset Since);
