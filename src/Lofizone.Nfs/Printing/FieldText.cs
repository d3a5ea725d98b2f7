using System.Globalization;
using System.Text;
using Lofizone.Nfs.Operations;
using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Xdr;

namespace Lofizone.Nfs.Printing;

/// <summary>
/// Reads XDR fields of an encoded message and writes each as "name value". Identifiers of state are written in full. Owners, with which
/// others could pretend to be this client, and the users' data are written by their length only.
/// </summary>
/// <exception cref="XdrException">Thrown by every member that reads, when the bytes end early or break a bound.</exception>
internal ref struct FieldText(ReadOnlySpan<byte> message, StringBuilder text, bool dataLeftOut)
{
    private const int MaxOpaqueBytes = 1024;
    private const int MaxArray = 1024;

    private XdrReader _reader = new(message);

    public readonly int Remaining => _reader.Remaining;

    /// <summary>Reads a word that is not a field by itself: a count or a discriminant.</summary>
    public uint Take() => _reader.ReadUInt32();

    public readonly void Write(string words) => text.Append(words);

    public uint UInt32(string name)
    {
        uint value = _reader.ReadUInt32();
        text.Append(CultureInfo.InvariantCulture, $" {name} {value}");
        return value;
    }

    /// <summary>An unsigned hyper integer. All ones, which stands for "to the end" in lengths, is written as such.</summary>
    public void UInt64(string name)
    {
        ulong value = _reader.ReadUInt64();
        if (value == ulong.MaxValue)
            text.Append(CultureInfo.InvariantCulture, $" {name} all");
        else
            text.Append(CultureInfo.InvariantCulture, $" {name} {value}");
    }

    public void Hex32(string name) => text.Append(CultureInfo.InvariantCulture, $" {name} 0x{_reader.ReadUInt32():x}");

    /// <summary>An identifier or verifier, in hexadecimal.</summary>
    public void Hex64(string name) => text.Append(CultureInfo.InvariantCulture, $" {name} {_reader.ReadUInt64():x16}");

    public bool Bool(string name)
    {
        bool value = _reader.ReadBool();
        text.Append(CultureInfo.InvariantCulture, $" {name} {(value ? "true" : "false")}");
        return value;
    }

    /// <summary>A number that has a name. A number without a name stays a number.</summary>
    public uint Enum(string name, params ReadOnlySpan<string> names)
    {
        uint value = _reader.ReadUInt32();
        if (value < (uint)names.Length && names[(int)value].Length > 0)
            text.Append(CultureInfo.InvariantCulture, $" {name} {names[(int)value]}");
        else
            text.Append(CultureInfo.InvariantCulture, $" {name} {value}");
        return value;
    }

    /// <summary>Bits that have names, the lowest first. Bits without a name are written as a number.</summary>
    public void Flags(string name, params ReadOnlySpan<string> names)
    {
        uint value = _reader.ReadUInt32();
        text.Append(CultureInfo.InvariantCulture, $" {name} ");
        if (value == 0)
            text.Append('0');
        string between = "";
        for (int bit = 0; bit < names.Length; bit++)
        {
            if ((value & (1u << bit)) == 0 || names[bit].Length == 0)
                continue;
            text.Append(between).Append(names[bit]);
            between = "|";
            value &= ~(1u << bit);
        }
        if (value != 0)
            text.Append(CultureInfo.InvariantCulture, $"{between}0x{value:x}");
    }

    /// <summary>Bytes that only the server understands: their number, and a checksum by which a reader recognizes them.</summary>
    public void Opaque(string name, int maximum = MaxOpaqueBytes)
    {
        ReadOnlySpan<byte> value = _reader.ReadOpaque(maximum);
        text.Append(CultureInfo.InvariantCulture, $" {name} {value.Length} bytes #{Checksum(value):x8}");
    }

    public void String(string name)
    {
        text.Append(CultureInfo.InvariantCulture, $" {name} ");
        PrintableText.Quote(_reader.ReadOpaque(MaxOpaqueBytes), text);
    }

    /// <summary>Data of a READ or WRITE: its length.</summary>
    public void Data(string name)
    {
        int length = _reader.ReadLength(int.MaxValue);
        text.Append(CultureInfo.InvariantCulture, $" {name} {length} bytes");
        if (!dataLeftOut)
            _reader.ReadFixed(length);
    }

    /// <summary>stateid4 (RFC 8881 section 8.2): seqid and other.</summary>
    public void StateId(string name)
    {
        StateId id = Operations.StateId.Read(ref _reader);
        text.Append(CultureInfo.InvariantCulture, $" {name} {id.Sequence}:{id.High:x16}{id.Low:x8}");
    }

    public void SessionId(string name)
    {
        SessionId id = Operations.SessionId.Read(ref _reader);
        text.Append(CultureInfo.InvariantCulture, $" {name} {id.High:x16}{id.Low:x16}");
    }

    /// <summary>bitmap4: the names of the attributes.</summary>
    public Bitmap Bitmap(string name)
    {
        Bitmap mask = Operations.Bitmap.Read(ref _reader);
        text.Append(CultureInfo.InvariantCulture, $" {name} [");
        string between = "";
        for (int attribute = 0; attribute < AttributeNames.Limit; attribute++)
        {
            if (!mask.Has(attribute))
                continue;
            text.Append(between).Append(AttributeNames.Of(attribute));
            between = " ";
        }
        text.Append(']');
        return mask;
    }

    /// <summary>fattr4 (RFC 8881 section 3.3.7): each value with a known form; the rest by its bytes.</summary>
    /// <param name="name">The field's name.</param>
    /// <param name="set">True when the attributes are set, not reported. Times then carry the way in which they are set (settime4).</param>
    public void Attributes(string name, bool set = false)
    {
        Bitmap mask = Operations.Bitmap.Read(ref _reader);
        int length = _reader.ReadLength(_reader.Remaining);
        int end = _reader.Position + length;
        text.Append(CultureInfo.InvariantCulture, $" {name} {{");
        for (int attribute = 0; attribute < AttributeNames.Limit; attribute++)
        {
            if (mask.Has(attribute) && !Attribute(attribute, set))
                break;
        }
        if (_reader.Position > end)
            throw new XdrException("attributes are longer than announced");
        if (_reader.Position < end)
            text.Append(CultureInfo.InvariantCulture, $" and {end - _reader.Position} bytes");
        _reader.ReadFixed(end - _reader.Position);
        text.Append(" }");
    }

    /// <summary>Reads the count of the elements that follow. A count that no message can hold is refused.</summary>
    public int Count() => _reader.ReadLength(MaxArray);

    /// <summary>Writes one attribute. False when the attribute's form is not known; the rest can't be read then.</summary>
    private bool Attribute(int attribute, bool set)
    {
        string name = AttributeNames.Of(attribute);
        switch (AttributeNames.FormOf(attribute))
        {
            case AttributeForm.UInt32:
                UInt32(name);
                return true;
            case AttributeForm.UInt64:
                UInt64(name);
                return true;
            case AttributeForm.Type:
                Enum(name, NfsTypeNames.FileTypes);
                return true;
            case AttributeForm.Mode:
                text.Append(CultureInfo.InvariantCulture, $" {name} {Convert.ToString(_reader.ReadUInt32(), 8)}");
                return true;
            case AttributeForm.Text:
                String(name);
                return true;
            case AttributeForm.Status:
                text.Append(CultureInfo.InvariantCulture, $" {name} {NfsNames.Status(_reader.ReadUInt32())}");
                return true;
            case AttributeForm.Time:
                Time(name);
                return true;
            case AttributeForm.SetTime when set:
                if (Enum(name, "SET_TO_SERVER_TIME4", "SET_TO_CLIENT_TIME4") == 1)
                    Time("time");
                return true;
            default:
                return false;
        }
    }

    /// <summary>nfstime4: seconds since 1970 and nanoseconds.</summary>
    private void Time(string name) => text.Append(CultureInfo.InvariantCulture, $" {name} {_reader.ReadInt64()}.{_reader.ReadUInt32():d9}");

    /// <summary>FNV-1a. The hash only helps a reader to tell handles apart.</summary>
    private static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        uint sum = 2166136261;
        foreach (byte b in bytes)
            sum = (sum ^ b) * 16777619;
        return sum;
    }
}
