using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Xdr;

namespace Lofizone.Nfs.Operations;

/// <summary>READDIR, RFC 8881 section 18.23: one page of names with attributes.</summary>
internal static class ReadDir
{
    /// <summary>Size of one page, bytes.</summary>
    public const int PageBytes = 32 * 1024;

    private const int MaxNameBytes = 1024;

    /// <summary>Position where a page starts: zero for the first page, otherwise the end of the page before.</summary>
    public readonly record struct Cursor(ulong Cookie, ulong Verifier);

    public static void Encode(ref XdrWriter writer, Cursor from)
    {
        writer.WriteOperation(OperationCode.ReadDir);
        writer.WriteUInt64(from.Cookie);
        writer.WriteUInt64(from.Verifier);
        writer.WriteUInt32(PageBytes);
        writer.WriteUInt32(PageBytes);
        GetAttr.EntryAttributes.Write(ref writer);
    }

    /// <summary>Adds the page's entries, and returns the cursor of the next page; null at the end of the directory.</summary>
    public static Cursor? Decode(ref XdrReader reader, List<NfsDirectoryEntry> entries)
    {
        ulong verifier = reader.ReadUInt64();
        ulong? last = null;
        while (reader.ReadBool())
        {
            last = reader.ReadUInt64();
            string name = reader.ReadString(MaxNameBytes);
            entries.Add(new NfsDirectoryEntry(name, GetAttr.Decode(ref reader)));
        }
        if (reader.ReadBool())
            return null;
        return last is { } cookie
            ? new Cursor(cookie, verifier)
            : throw new XdrException("READDIR page without an entry and without an end");
    }
}
