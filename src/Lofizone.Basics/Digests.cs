using System.Text;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Digests;

namespace Lofizone.Basics;

/// <summary>
/// Digests without OpenSSL. The runtime's own digests and random numbers load libssl and libcrypto into the process. The loading takes
/// longer than the rest of a program's start, and each engine would keep the memory (docs/performance.md).
/// </summary>
public static class Digests
{
    /// <summary>SHA-256 (FIPS 180-4), 32 bytes.</summary>
    public static byte[] Sha256(ReadOnlySpan<byte> data) => Of(new Sha256Digest(), data);

    /// <summary>SHA-256 of a text in UTF-8, 32 bytes.</summary>
    public static byte[] Sha256(string text) => Sha256(Encoding.UTF8.GetBytes(text));

    /// <summary>MD5 (RFC 1321), 16 bytes: for dpkg's database only, because it tells changes and no attacks.</summary>
    public static byte[] Md5(ReadOnlySpan<byte> data) => Of(new MD5Digest(), data);

    private static byte[] Of(IDigest digest, ReadOnlySpan<byte> data)
    {
        digest.BlockUpdate(data);
        byte[] result = new byte[digest.GetDigestSize()];
        digest.DoFinal(result);
        return result;
    }
}
