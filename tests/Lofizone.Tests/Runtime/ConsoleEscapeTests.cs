using System.Text;
using CsCheck;
using Lofizone.Runtime;

namespace Lofizone.Tests.Runtime;

public sealed class ConsoleEscapeTests
{
    [Theory]
    [InlineData("~.", "", true)]
    [InlineData("ls\r~.", "ls\r", true)]
    [InlineData("a~.", "a~.", false)]
    [InlineData("~~.", "~.", false)]
    [InlineData("~x\r", "~x\r", false)]
    [InlineData("~\r~.", "~\r", true)]
    public void The_escape_counts_at_the_start_of_a_line_only(string typed, string sent, bool left)
    {
        List<byte> forZone = [];
        Assert.Equal(left, new ConsoleEscape().Take(Encoding.ASCII.GetBytes(typed), forZone));
        Assert.Equal(sent, Encoding.ASCII.GetString([.. forZone]));
    }

    [Theory]
    [InlineData((byte)'^', "^.", true)]
    [InlineData((byte)'^', "~.", false)]
    [InlineData(null, "~.", false)]
    public void Another_key_or_none_can_be_the_escape(byte? key, string typed, bool left)
    {
        List<byte> forZone = [];
        Assert.Equal(left, new ConsoleEscape(key).Take(Encoding.ASCII.GetBytes(typed), forZone));
        Assert.Equal(left ? "" : typed, Encoding.ASCII.GetString([.. forZone]));
    }

    [Fact]
    public void It_does_not_matter_how_the_keys_are_cut_into_reads() => Gen.Int[0, 3].Select(i => "~.\ra"[i]).Array[0, 20].Sample(keys =>
    {
        byte[] typed = Encoding.ASCII.GetBytes(keys);
        List<byte> atOnce = [];
        List<byte> oneByOne = [];
        ConsoleEscape single = new();
        bool left = new ConsoleEscape().Take(typed, atOnce);
        bool leftSingle = false;
        foreach (byte key in typed)
        {
            if (!leftSingle)
                leftSingle = single.Take([key], oneByOne);
        }

        Assert.Equal(left, leftSingle);
        Assert.Equal(atOnce, oneByOne);
    });
}
