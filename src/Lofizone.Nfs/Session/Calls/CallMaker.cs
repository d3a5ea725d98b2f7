using Lofizone.Nfs.Rpc;
using Lofizone.Nfs.Session.State;
using Lofizone.Nfs.Xdr;

namespace Lofizone.Nfs.Session.Calls;

/// <summary>Makes and encodes calls, and numbers them.</summary>
internal sealed class CallMaker(SessionContext context, ClientIdentity identity)
{
    /// <summary>The low byte of the transaction ID of a call outside of the session.</summary>
    public const int ControlSlot = 0xFF;

    /// <summary>The low byte of the transaction ID of a NULL call.</summary>
    public const int PingSlot = 0xFE;

    private readonly byte[] _prefix = RpcMessage.BuildPrefix(context.Options.MachineName, context.Options.Uid, context.Options.Gid);
    private uint _xidCounter = (uint)Random.Shared.Next();

    /// <summary>Starts encoding a request within the session.</summary>
    public XdrWriter Begin(CompoundCall call, bool cache, bool inline)
    {
        call.Epoch = context.State.Epoch;
        return call.Begin(_prefix, identity.MinorVersion, cache, inline);
    }

    /// <summary>A request within the session. The waiter's continuation runs on the receiving thread.</summary>
    public CompoundCall Within(CompoundEncoder encode, bool cache = false, bool renews = false)
    {
        CompoundCall call = new() { IsRenewal = renews };
        XdrWriter writer = Begin(call, cache, inline: true);
        encode(ref writer);
        call.End(writer);
        return call;
    }

    /// <summary>A request outside of the session.</summary>
    public CompoundCall Outside(CompoundEncoder encode, bool inline = true)
    {
        CompoundCall call = new();
        XdrWriter writer = call.Begin(_prefix, identity.MinorVersion, null, inline);
        encode(ref writer);
        call.End(writer);
        return call;
    }

    /// <summary>
    /// The next transaction ID. Its low byte is the slot, so that a reply finds its call without a table. The session's gate is held.
    /// </summary>
    public uint NextXid(int slot) => (++_xidCounter << 8) | (uint)slot;

    /// <summary>The slot in a transaction ID.</summary>
    public static int SlotOf(uint xid) => (int)(xid & 0xFF);
}
