using Lofizone.Nfs.Operations;

namespace Lofizone.Nfs.Tests.Fake;

internal sealed class FakeClient(ulong id, byte[] owner, ulong verifier)
{
    public ulong Id { get; } = id;

    public string Owner { get; } = Convert.ToHexString(owner);

    public ulong Verifier { get; } = verifier;

    public bool Confirmed { get; set; }

    /// <summary>The next csa_sequence.</summary>
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

    /// <summary>The next request after a SEQUENCE that was refused with NFS4ERR_DELAY. The slot takes no other request before it.</summary>
    public byte[]? PutOff { get; set; }

    /// <summary>The client has received the whole answer to the last request.</summary>
    public bool Delivered { get; set; } = true;
}

internal sealed record FakeSession(SessionId Id, FakeClient Client, FakeSlot[] Slots);

/// <summary>An open, or a lock of an open file when <see cref="IsLock"/>.</summary>
internal sealed record FakeHeld(StateId Id, FakeClient Client, string Owner, FakeFile File, bool DenyWrite, bool IsLock);
