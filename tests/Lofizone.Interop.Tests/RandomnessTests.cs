using System.Text;
using Lofizone.Basics;

namespace Lofizone.Interop.Tests;

/// <summary>Random bytes and digests without OpenSSL.</summary>
public sealed class RandomnessTests
{
    [Fact]
    public void Random_bytes_have_the_length_asked_for_and_are_not_given_twice()
    {
        Assert.Empty(RandomBytes.Get(0));
        // getrandom(2) gives at most 256 bytes in one piece that no signal cuts.
        byte[] many = RandomBytes.Get(100_000);
        Assert.All(many.Chunk(1000), piece => Assert.True(piece.Distinct().Count() > 100));
        Assert.Matches("^[0-9a-f]{32}$", RandomBytes.GetHex(16));
        Assert.NotEqual(RandomBytes.GetUInt64(), RandomBytes.GetUInt64());
    }

    /// <summary>The examples of FIPS 180-4 (NIST, "SHA256.pdf").</summary>
    [Theory]
    [InlineData("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")]
    [InlineData("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1")]
    public void Digests_are_those_of_the_standard(string text, string digest)
    {
        Assert.Equal(digest, Convert.ToHexStringLower(Digests.Sha256(text)));
        Assert.Equal(digest, Convert.ToHexStringLower(Digests.Sha256(Encoding.ASCII.GetBytes(text))));
        // RFC 1321 section A.5.
        Assert.Equal("900150983cd24fb0d6963f7d28e17f72", Convert.ToHexStringLower(Digests.Md5("abc"u8)));
    }
}
