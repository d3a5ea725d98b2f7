using Lofizone.Nfs.Protocol;

namespace Lofizone.Nfs.Files;

/// <summary>Writes that wait because the server has no room for them; they go on by themselves when it has.</summary>
/// <param name="Status"><see cref="NfsStatus.NoSpc"/> or <see cref="NfsStatus.DQuot"/>.</param>
/// <param name="Waiting">Requests that wait, at least 1.</param>
/// <param name="Since">When the first of them began to wait.</param>
public sealed record NfsHold(NfsStatus Status, int Waiting, DateTimeOffset Since);
