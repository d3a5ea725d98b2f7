using CsCheck;
using Lofizone.Images;

namespace Lofizone.Tests.Images;

public sealed class FileSystemIdentityTests
{
    [Fact]
    public void Zeros_are_no_file_system() => Assert.Null(FileSystemIdentity.Parse(new byte[1 << 17]));

    [Fact]
    public void Anything_at_all_is_parsed_without_a_failure_and_never_with_a_size_below_one() =>
        Gen.Select(Gen.Byte.Array[0, 2048], Gen.OneOf(0, 0x400, 0x10000), Gen.OneOf("", "XFSB", "ext", "btrfs")).Sample((noise, at, magic) =>
        {
            byte[] head = new byte[(64 << 10) + 4096];
            noise.CopyTo(head, at);
            switch (magic)
            {
                case "XFSB":
                    "XFSB"u8.CopyTo(head);
                    break;
                case "ext":
                    (head[0x438], head[0x439]) = (0x53, 0xef);
                    break;
                case "btrfs":
                    "_BHRfS_M"u8.CopyTo(head.AsSpan(0x10040));
                    break;
            }

            Assert.False(FileSystemIdentity.Parse(head) is { SizeBytes: < 1 });
            Assert.False(FileSystemIdentity.Parse(head.AsSpan(0, at + noise.Length)) is { SizeBytes: < 1 });
        });
}
