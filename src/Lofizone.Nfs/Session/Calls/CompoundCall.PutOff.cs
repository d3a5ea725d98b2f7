namespace Lofizone.Nfs.Session.Calls;

/// <summary>
/// SEQUENCE answered with NFS4ERR_DELAY (RFC 8881 sections 2.10.6.2 and 15.1.1.3): not executed, and to be sent again with the same slot,
/// sequence ID and bytes. Another request in that slot could be executed in its place while a copy of this one is still under way, or the
/// other way round.
/// </summary>
internal sealed partial class CompoundCall
{
    private Action<CompoundCall>? _putOff;

    /// <summary>Refused for now; it stays in its slot until it is sent again.</summary>
    public bool IsPutOff { get; private set; }

    /// <summary>How often it was refused so, in its slot.</summary>
    public int TimesPutOff { get; private set; }

    /// <summary>Time stamp from when on it may be sent again. Guarded by the session's gate.</summary>
    public long SendAfter { get; private set; }

    /// <summary>The reply is taken and was no answer.</summary>
    /// <param name="then">Called when the sender has let go of the bytes, too; not at all when the connection ends before that.</param>
    public void PutOff(Action<CompoundCall> then)
    {
        IsPutOff = true;
        TimesPutOff++;
        _putOff = then;
        LetGo();
    }

    /// <summary>It is on no connection any more. The session's gate is held.</summary>
    /// <param name="until">See <see cref="SendAfter"/>.</param>
    public void Withdraw(long until)
    {
        Route = null;
        SendAfter = until;
    }

    /// <summary>In a slot again, or sent again: the refusal is forgotten.</summary>
    private void ForgetPutOff() => (IsPutOff, _putOff, SendAfter) = (false, null, 0);
}
