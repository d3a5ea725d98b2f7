using System.Globalization;
using System.Text;
using Lofizone.Nfs.Printing;
using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Xdr;
using Lofizone.Observation;

namespace Lofizone.Nfs;

/// <summary>
/// RPC calls and replies of NFSv4.1 and 4.2 in one line each, for traces, with the names of the RFCs: the header (RFC 5531 section 9) and
/// every operation of the COMPOUND (RFC 8881 section 16.2) with its arguments or results. Safe on any bytes, also on a truncated message.
/// </summary>
public static class NfsMessageText
{
    /// <summary>
    /// Length in characters behind which a line is cut. The line for a page of a directory would have tens of thousands of characters.
    /// </summary>
    public const int LimitCharacters = 16 << 10;

    private const uint CallDirection = 0;
    private const uint ReplyDirection = 1;
    private const uint CompoundProcedure = 1;
    private const uint AuthSys = 1;

    /// <summary>For example "xid 00000a01 COMPOUND minorversion 2: SEQUENCE …; PUTFH …; READ stateid … offset 4096 count 4096".</summary>
    /// <param name="kind">The direction. A message whose own type field contradicts the direction is shown as malformed.</param>
    /// <param name="message">The message from the transaction ID on, without the record mark.</param>
    /// <param name="dataLeftOut">See <see cref="TappedMessage.DataLeftOut"/>.</param>
    public static string Describe(MessageKind kind, ReadOnlySpan<byte> message, bool dataLeftOut = false)
    {
        StringBuilder text = new();
        FieldText fields = new(message, text, dataLeftOut);
        try
        {
            text.Append(CultureInfo.InvariantCulture, $"xid {fields.Take():x8}");
            if (fields.Remaining > 0)
            {
                if (kind == MessageKind.Call)
                    Call(ref fields, text);
                else
                    Reply(ref fields, text);
            }
        }
        catch (XdrException error)
        {
            text.Append(CultureInfo.InvariantCulture, $" … ({error.Message})");
        }
        if (text.Length > LimitCharacters)
            text.Remove(LimitCharacters, text.Length - LimitCharacters).Append(" …");
        return text.ToString();
    }

    private static void Call(ref FieldText fields, StringBuilder text)
    {
        if (fields.Take() != CallDirection)
            throw new XdrException("no call");
        fields.Take();
        (uint program, uint version, uint procedure) = (fields.Take(), fields.Take(), fields.Take());
        if (procedure != CompoundProcedure)
        {
            string name = procedure == 0 ? "NULL" : $"procedure {procedure}";
            text.Append(CultureInfo.InvariantCulture, $" {name} program {program} version {version}");
            return;
        }
        text.Append(" COMPOUND");
        Credential(ref fields, text);
        fields.String("tag");
        fields.UInt32("minorversion");
        string between = ": ";
        for (int left = fields.Count(); left > 0 && text.Length < LimitCharacters; left--)
        {
            int code = (int)fields.Take();
            text.Append(between).Append(NfsNames.Operation(code));
            between = "; ";
            if (!ArgumentsText.Write((OperationCode)code, ref fields))
            {
                Rest(ref fields, text);
                return;
            }
        }
    }

    /// <summary>The identity in the call's credential. This client's verifier is that of AUTH_NONE and empty.</summary>
    private static void Credential(ref FieldText fields, StringBuilder text)
    {
        uint flavor = fields.Take();
        if (flavor == AuthSys)
        {
            fields.Take();
            fields.Take();
            fields.String("machinename");
            fields.UInt32("uid");
            fields.UInt32("gid");
            for (int left = fields.Count(); left > 0; left--)
                fields.UInt32("gid");
        }
        else
        {
            text.Append(CultureInfo.InvariantCulture, $" flavor {flavor}");
            fields.Opaque("body");
        }
        fields.Take();
        if (fields.Count() is > 0 and var verifier)
            throw new XdrException($"a verifier of {verifier} bytes");
    }

    private static void Reply(ref FieldText fields, StringBuilder text)
    {
        if (fields.Take() != ReplyDirection)
            throw new XdrException("no reply");
        if (fields.Take() != 0)
        {
            fields.Enum("MSG_DENIED", "RPC_MISMATCH", "AUTH_ERROR");
            fields.UInt32("stat");
            return;
        }
        fields.Take();
        if (fields.Count() is > 0 and var verifier)
            throw new XdrException($"a verifier of {verifier} bytes");
        uint accepted = fields.Take();
        if (accepted != 0)
        {
            text.Append(CultureInfo.InvariantCulture, $" accept_stat {accepted}");
            return;
        }
        if (fields.Remaining == 0)
        {
            text.Append(" NULL");
            return;
        }
        text.Append(CultureInfo.InvariantCulture, $" COMPOUND {NfsNames.Status(fields.Take())}");
        fields.String("tag");
        string between = ": ";
        for (int left = fields.Count(); left > 0 && text.Length < LimitCharacters; left--)
        {
            int code = (int)fields.Take();
            NfsStatus status = (NfsStatus)fields.Take();
            text.Append(CultureInfo.InvariantCulture, $"{between}{NfsNames.Operation(code)} {NfsNames.Status((uint)status)}");
            between = "; ";
            if (!ResultsText.Write((OperationCode)code, status, ref fields))
            {
                Rest(ref fields, text);
                return;
            }
        }
    }

    private static void Rest(ref FieldText fields, StringBuilder text) =>
        text.Append(CultureInfo.InvariantCulture, $" … ({fields.Remaining} bytes that can't be told apart)");
}
