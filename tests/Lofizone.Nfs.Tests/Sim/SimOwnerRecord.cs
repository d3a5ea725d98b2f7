using Lofizone.Nfs.Files;

namespace Lofizone.Nfs.Tests.Sim;

/// <summary>The owner record of a simulated run: the client's own, or another's.</summary>
internal sealed class SimOwnerRecord : IOwnershipProof
{
    public const string Name = "owner";

    public static byte[] Own { get; } = "the run itself"u8.ToArray();

    public string RecordPath => "/" + Name;

    public string? Refuse(ReadOnlyMemory<byte>? record) =>
        record is not { } found ? "its record is gone" : found.Span.SequenceEqual(Own) ? null : "somebody else has the file";
}
