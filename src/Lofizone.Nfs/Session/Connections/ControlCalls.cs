using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Rpc;
using Lofizone.Nfs.Session.Calls;
using Lofizone.Nfs.Session.State;

namespace Lofizone.Nfs.Session.Connections;

/// <summary>
/// Requests outside of the session. Each request goes over one connection, one at a time, and fails when that connection ends.
/// </summary>
internal sealed class ControlCalls(SessionContext context, CallMaker calls)
{
    /// <returns>The answer's status; an <see cref="IOException"/> when the connection ends first.</returns>
    public ValueTask<NfsStatus> Submit(NfsConnection connection, CompoundCall call)
    {
        RpcSender sender;
        lock (context.Gate)
        {
            bool isUp = connection.State is ConnectionState.Connected or ConnectionState.Bound;
            if (!isUp || connection.Sender is null || connection.Control is not null)
                return ValueTask.FromException<NfsStatus>(new IOException("the connection ended"));
            connection.Control = call;
            call.Route = connection;
            call.Bind(calls.NextXid(CallMaker.ControlSlot), default, 0, 0, 0);
            call.BoundAt = context.Time.GetTimestamp();
            sender = connection.Sender;
        }
        ValueTask<NfsStatus> completion = call.Completion;
        sender.Send(call);
        return completion;
    }
}
