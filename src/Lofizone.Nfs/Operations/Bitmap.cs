using Lofizone.Nfs.Xdr;

namespace Lofizone.Nfs.Operations;

/// <summary>
/// bitmap4, RFC 8881 section 3.2: attribute numbers as bits of 32-bit words. This client does not use attributes above 95.
/// </summary>
internal readonly record struct Bitmap(uint Word0, uint Word1 = 0, uint Word2 = 0)
{
    private const int MaxWords = 8;

    public static Bitmap Of(params ReadOnlySpan<int> attributes)
    {
        Span<uint> words = stackalloc uint[3];
        foreach (int attribute in attributes)
            words[attribute / 32] |= 1u << (attribute % 32);
        return new Bitmap(words[0], words[1], words[2]);
    }

    public bool Has(int attribute) => (attribute switch { < 32 => Word0, < 64 => Word1, _ => Word2 } >> (attribute % 32) & 1) != 0;

    public static Bitmap Read(ref XdrReader reader)
    {
        int count = reader.ReadLength(MaxWords);
        Span<uint> words = stackalloc uint[MaxWords];
        words.Clear();
        for (int i = 0; i < count; i++)
            words[i] = reader.ReadUInt32();
        if (words[3..].ContainsAnyExcept(0u))
            throw new XdrException("attributes above number 95");
        return new Bitmap(words[0], words[1], words[2]);
    }

    public void Write(ref XdrWriter writer)
    {
        int count = Word2 != 0 ? 3 : Word1 != 0 ? 2 : Word0 != 0 ? 1 : 0;
        writer.WriteUInt32((uint)count);
        if (count > 0)
            writer.WriteUInt32(Word0);
        if (count > 1)
            writer.WriteUInt32(Word1);
        if (count > 2)
            writer.WriteUInt32(Word2);
    }
}
