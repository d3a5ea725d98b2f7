using Lofizone.Nfs.Operations;

namespace Lofizone.Nfs.Tests.Fake;

/// <summary>A client the server knows.</summary>
internal sealed class FakeClient(ulong id, byte[] owner, ulong verifier)
{
    public ulong Id { get; } = id;

    public string Owner { get; } = Convert.ToHexString(owner);

    public ulong Verifier { get; } = verifier;

    public bool Confirmed { get; set; }

    /// <summary>csa_sequence that comes next.</summary>
    public uint CreateSequence { get; set; } = 1;

    public byte[]? LastCreateReply { get; set; }

    public bool ReclaimComplete { get; set; }

    public bool ReclaimNeeded { get; set; }

    public DateTimeOffset Renewed { get; set; }
}

/// <summary>A slot with its replay cache.</summary>
internal sealed class FakeSlot
{
    public uint Sequence { get; set; }

    public byte[]? Request { get; set; }

    public byte[]? Reply { get; set; }

    public bool Kept { get; set; }

    /// <summary>The request that comes next, once its SEQUENCE was refused with DELAY: no other may take its place.</summary>
    public byte[]? PutOff { get; set; }

    /// <summary>The client has received an answer to the last request completely.</summary>
    public bool Delivered { get; set; } = true;
}

internal sealed record FakeSession(SessionId Id, FakeClient Client, FakeSlot[] Slots);

/// <summary>An open, or a lock under it when <see cref="IsLock"/>.</summary>
internal sealed record FakeHeld(StateId Id, FakeClient Client, string Owner, FakeFile File, bool DenyWrite, bool IsLock);
