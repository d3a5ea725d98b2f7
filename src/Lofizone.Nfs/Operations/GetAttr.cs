using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Xdr;

namespace Lofizone.Nfs.Operations;

/// <summary>GETATTR, RFC 8881 section 18.7, with the attributes of RFC 8881 section 5 that this client asks for.</summary>
internal static class GetAttr
{
    private const int Type = 1;
    private const int ChangeNumber = 3;
    private const int Size = 4;
    private const int LeaseTime = 10;
    private const int RdAttrError = 11;
    private const int FileId = 20;
    private const int MaxRead = 30;
    private const int MaxWrite = 31;
    private const int Mode = 33;
    private const int NumLinks = 35;
    private const int Owner = 36;
    private const int OwnerGroup = 37;
    private const int SpaceAvail = 42;
    private const int SpaceFree = 43;
    private const int SpaceTotal = 44;
    private const int SpaceUsed = 45;
    private const int TimeModify = 53;

    private const int MaxOwnerBytes = 1024;

    /// <summary>Attributes that are requested of a file.</summary>
    public static Bitmap FileAttributes { get; } =
        Bitmap.Of(Type, ChangeNumber, Size, FileId, MaxRead, MaxWrite, Mode, NumLinks, Owner, OwnerGroup, SpaceUsed, TimeModify);

    /// <summary>
    /// Attributes that are requested of each name in a directory. With RDATTR_ERROR one broken file does not fail the whole READDIR.
    /// </summary>
    public static Bitmap EntryAttributes { get; } = Bitmap.Of(Type, Size, RdAttrError, FileId, Mode, SpaceUsed, TimeModify);

    /// <summary>Attributes that are requested of a file system.</summary>
    public static Bitmap SpaceAttributes { get; } = Bitmap.Of(Type, SpaceAvail, SpaceFree, SpaceTotal);

    /// <summary>Attributes that are requested of the server.</summary>
    public static Bitmap ServerAttributes { get; } = Bitmap.Of(Type, LeaseTime);

    public static void Encode(ref XdrWriter writer, Bitmap wanted)
    {
        writer.WriteOperation(OperationCode.GetAttr);
        wanted.Write(ref writer);
    }

    /// <summary>Decodes fattr4 (RFC 8881 section 3.3.7): values stand in the order of their numbers.</summary>
    public static NfsAttributes Decode(ref XdrReader reader)
    {
        Bitmap mask = Bitmap.Read(ref reader);
        int end = reader.ReadLength(reader.Remaining);
        end += reader.Position;
        NfsAttributes attributes = new();
        long available = 0, free = 0, total = 0;
        for (int attribute = 0; attribute < 96; attribute++)
        {
            if (!mask.Has(attribute))
                continue;
            switch (attribute)
            {
                case Type:
                    attributes = attributes with { Type = (NfsFileType)reader.ReadUInt32() };
                    break;
                case ChangeNumber:
                    attributes = attributes with { Change = reader.ReadUInt64() };
                    break;
                case Size:
                    attributes = attributes with { Size = ReadBytes(ref reader) };
                    break;
                case LeaseTime:
                    attributes = attributes with { LeaseSeconds = (int)Math.Min(reader.ReadUInt32(), 3600) };
                    break;
                case RdAttrError:
                    reader.ReadUInt32();
                    break;
                case FileId:
                    attributes = attributes with { FileId = reader.ReadUInt64() };
                    break;
                case MaxRead:
                    attributes = attributes with { MaxRead = ReadBytes(ref reader) };
                    break;
                case MaxWrite:
                    attributes = attributes with { MaxWrite = ReadBytes(ref reader) };
                    break;
                case Mode:
                    attributes = attributes with { Mode = reader.ReadUInt32() & 0xFFF };
                    break;
                case NumLinks:
                    attributes = attributes with { Links = reader.ReadUInt32() };
                    break;
                case Owner:
                    attributes = attributes with { Owner = reader.ReadString(MaxOwnerBytes) };
                    break;
                case OwnerGroup:
                    attributes = attributes with { Group = reader.ReadString(MaxOwnerBytes) };
                    break;
                case SpaceAvail:
                    available = ReadBytes(ref reader);
                    break;
                case SpaceFree:
                    free = ReadBytes(ref reader);
                    break;
                case SpaceTotal:
                    total = ReadBytes(ref reader);
                    break;
                case SpaceUsed:
                    attributes = attributes with { SpaceUsed = ReadBytes(ref reader) };
                    break;
                case TimeModify:
                    attributes = attributes with { Modified = ReadTime(ref reader) };
                    break;
                default:
                    throw new XdrException($"attribute {attribute} was not asked for");
            }
        }
        if (reader.Position != end)
            throw new XdrException("attributes are longer or shorter than announced");
        return attributes with { Space = new NfsSpace(total, free, available) };
    }

    private static long ReadBytes(ref XdrReader reader) => (long)Math.Min(reader.ReadUInt64(), long.MaxValue);

    private static DateTimeOffset ReadTime(ref XdrReader reader)
    {
        long seconds = Math.Clamp(reader.ReadInt64(), -62_135_596_800, 253_402_300_799);
        uint nanoseconds = Math.Min(reader.ReadUInt32(), 999_999_999);
        return DateTimeOffset.FromUnixTimeSeconds(seconds).AddTicks(nanoseconds / 100);
    }
}
