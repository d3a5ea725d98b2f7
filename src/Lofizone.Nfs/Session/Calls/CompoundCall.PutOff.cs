namespace Lofizone.Nfs.Session.Calls;

/// <summary>
/// A call whose SEQUENCE the server answered with NFS4ERR_DELAY (RFC 8881 sections 2.10.6.2 and 15.1.1.3). The server has not executed the
/// call, and the call must be sent again with the same slot, sequence ID and bytes. The slot takes no other request meanwhile: a copy of
/// this call may still be under way, and the server could execute either in the other's place.
/// </summary>
internal sealed partial class CompoundCall
{
    private Action<CompoundCall>? _putOff;

    /// <summary>The server has put the call off. The call stays in its slot until it is sent again.</summary>
    public bool IsPutOff { get; private set; }

    /// <summary>Number of times that the server has put the call off in its slot.</summary>
    public int TimesPutOff { get; private set; }

    /// <summary>Time stamp from which on the call may be sent again. Guarded by the session's gate.</summary>
    public long SendAfter { get; private set; }

    /// <summary>Notes that the server has put the call off.</summary>
    /// <param name="then">Called when the sender has let go of the bytes, too. Not called when the connection ends earlier.</param>
    public void PutOff(Action<CompoundCall> then)
    {
        IsPutOff = true;
        TimesPutOff++;
        _putOff = then;
        LetGo();
    }

    /// <summary>Takes the call off its connection. The session's gate is held.</summary>
    /// <param name="until">See <see cref="SendAfter"/>.</param>
    public void Withdraw(long until)
    {
        Route = null;
        SendAfter = until;
    }

    /// <summary>Forgets the refusal, because the call is in a slot or is sent again.</summary>
    private void ForgetPutOff() => (IsPutOff, _putOff, SendAfter) = (false, null, 0);
}
