using System.IO.Enumeration;
using System.Text.RegularExpressions;
using Lofizone.Engine;
using Lofizone.Hosts;
using Lofizone.Testing.Hosts;

namespace Lofizone.Tests.Packaging;

/// <summary>
/// The rule by which the host's udev ignores images names the places of images. A host with udev runs the rest of the test.
/// </summary>
public sealed partial class UdevRuleTests
{
    private const string Name = "59-lofizone.rules";

    private static readonly HostPaths _machine = new("/");

    private static readonly string _rule = File.ReadAllText(Path.Combine(HostCleanup.RepositoryRoot(), "packaging/udev", Name));

    public static TheoryData<string> Images =>
    [
        new EngineDirectory(Path.Combine(_machine.LofiRun, "7")).Image,
        Path.Combine(_machine.ShareMounts, "nas/web/root.img"),
        Path.Combine(_machine.DefaultShare, "web/root.img"),
    ];

    [Theory]
    [MemberData(nameof(Images))]
    public void The_rule_is_for_every_place_where_a_machine_has_images(string image) => Assert.True(IsFor(image), image);

    [Theory]
    [InlineData("/var/lib/snapd/snaps/core.snap")]
    [InlineData("/home/alice/disk.img")]
    public void The_rule_leaves_a_strangers_loop_device_alone(string file) => Assert.False(IsFor(file), file);

    [Fact]
    public void The_rule_is_read_before_those_that_look_for_file_systems() =>
        Assert.True(string.CompareOrdinal(Name, "60-persistent-storage.rules") < 0);

    private static bool IsFor(string file) => Patterns().Matches(_rule).Any(m => FileSystemName.MatchesSimpleExpression(m.Groups[1].Value, file, ignoreCase: false));

    [GeneratedRegex("""^ATTRS\{loop/backing_file\}=="([^"]+)", GOTO="lofizone_image"$""", RegexOptions.Multiline)]
    private static partial Regex Patterns();
}
