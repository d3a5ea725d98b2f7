using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Xdr;

namespace Lofizone.Nfs.Operations;

/// <summary>TEST_STATEID and FREE_STATEID, RFC 8881 sections 18.48 and 18.38: ask which state is gone, and acknowledge the loss.</summary>
internal static class StateIdCheck
{
    public static void EncodeTest(ref XdrWriter writer, params ReadOnlySpan<StateId> states)
    {
        writer.WriteOperation(OperationCode.TestStateId);
        writer.WriteUInt32((uint)states.Length);
        foreach (StateId state in states)
            state.Write(ref writer);
    }

    /// <summary>The status of each requested state ID, in order.</summary>
    public static NfsStatus[] DecodeTest(ref XdrReader reader, int asked)
    {
        int count = reader.ReadLength(asked);
        if (count != asked)
            throw new XdrException($"TEST_STATEID of {asked} answered for {count}");
        NfsStatus[] statuses = new NfsStatus[count];
        for (int i = 0; i < count; i++)
            statuses[i] = (NfsStatus)reader.ReadUInt32();
        return statuses;
    }

    public static void EncodeFree(ref XdrWriter writer, StateId state)
    {
        writer.WriteOperation(OperationCode.FreeStateId);
        state.Write(ref writer);
    }
}
