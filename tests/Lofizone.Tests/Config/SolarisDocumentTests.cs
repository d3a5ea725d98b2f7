using System.Text.RegularExpressions;
using Lofizone.Config;
using Lofizone.Config.Zonecfg;
using Lofizone.Testing.Hosts;

namespace Lofizone.Tests.Config;

/// <summary>
/// docs/solaris.md says what became of every property and command of Solaris and illumos. The rows of properties follow from the registry.
/// A row of a property that works, or works differently, names the test of its effect; a refused one is refused here.
/// </summary>
public sealed partial class SolarisDocumentTests
{
    private const string Refused = "refused";

    private static readonly string _root = HostCleanup.RepositoryRoot();

    private static readonly string[] _lines = File.ReadAllLines(Path.Combine(_root, "docs/solaris.md"));

    /// <summary>The rows of the document's tables: the cells of each.</summary>
    private static IEnumerable<string[]> Rows(string heading) => _lines
        .SkipWhile(l => l != "## " + heading).Skip(1).TakeWhile(l => !l.StartsWith("## ", StringComparison.Ordinal))
        .Where(l => l.StartsWith("| `", StringComparison.Ordinal))
        .Select(l => l.Trim('|', ' ').Split(" | "));

    /// <summary>What the registry says of every property: name, origin, whether it works here, and how.</summary>
    private static IEnumerable<string> Registry =>
    [
        .. GlobalProperties.All.Concat(GlobalProperties.Refused).Select(p => Row(p.Name, p, p.Origin)),
        .. ResourceTypes.All.SelectMany(t => t.Properties.Select(p => Row($"{t.Name}: {p.Name}", p, t.Origin))),
        .. ResourceTypes.Refused.Select(t => $"`{t.Name}` | {Origin(t.Origin)} | {Refused} | {t.Refusal}"),
    ];

    [Fact]
    public void The_rows_of_properties_are_those_of_the_registry()
    {
        string[] written = [.. Rows("Properties and resources").Select(cells => string.Join(" | ", cells.Take(4)))];
        Assert.True(Registry.SequenceEqual(written), $"Write:\n{string.Join('\n', Registry.Except(written))}\nRemove:\n{string.Join('\n', written.Except(Registry))}");
    }

    [Fact]
    public void A_row_of_what_works_names_a_test_that_exists()
    {
        string[] tests = [.. Directory.EnumerateFiles(Path.Combine(_root, "tests"), "*.cs", SearchOption.AllDirectories).Where(f => !f.Contains("/obj/", StringComparison.Ordinal))];
        Assert.All(Rows("Properties and resources").Concat(Rows("Commands")).Where(cells => cells[2] != Refused), cells =>
        {
            Match named = Proof().Match(cells.ElementAtOrDefault(4) ?? "");
            Assert.True(named.Success, $"{cells[0]} names no test as `Class.Method…`");
            IEnumerable<string> files = tests.Where(f => Path.GetFileNameWithoutExtension(f) == named.Groups[1].Value);
            Assert.True(
                files.Any(f => File.ReadAllText(f).Contains($" {named.Groups[2].Value}", StringComparison.Ordinal)),
                $"{cells[0]}: there is no test {named.Value}");
        });
    }

    public static TheoryData<string, string> RefusedProperties =>
    [
        .. Rows("Properties and resources").Where(cells => cells[2] == Refused).Select(cells => (cells[0].Trim('`'), cells[3])),
    ];

    [Theory]
    [MemberData(nameof(RefusedProperties))]
    public async Task A_refused_property_is_refused_with_that_reason_and_nothing_changes(string name, string reason)
    {
        MemoryStore store = new() { Zones = { ["web"] = new ZoneConfig { Name = "web", ZonePath = "/zones/web" } } };
        FakeTerminal pipe = new(false);
        string command = name.Split(": ") is [var type, var property] ? $"add {type}; set {property}=1" : ResourceTypes.Known(name) is null ? $"set {name}=1" : $"add {name}";
        Assert.Equal(1, await new ZonecfgSession(store, "web", pipe).RunArgumentAsync(command, TestContext.Current.CancellationToken));
        Assert.Contains(reason.Split(": ")[^1], pipe.Screen, StringComparison.Ordinal);
        Assert.Equal(ZoneConfigJson.Digest(new ZoneConfig { Name = "web", ZonePath = "/zones/web" }), ZoneConfigJson.Digest(store.Zones["web"] with { Uuid = Guid.Empty }));
    }

    private static string Row(string name, Property property, PropertyOrigin origin)
    {
        string how = property.Refusal ?? property.Differs ?? property.Meaning;
        string here = property.Refusal is not null || property.IsAlwaysDefault ? Refused : property.Differs is not null ? "differs" : "works";
        return $"`{name}` | {Origin(origin)} | {here} | {how.Replace(" | ", " or ", StringComparison.Ordinal)}";
    }

    private static string Origin(PropertyOrigin origin) => origin switch
    {
        PropertyOrigin.Both => "Solaris, illumos",
        PropertyOrigin.Solaris => "Solaris",
        PropertyOrigin.Illumos => "illumos",
        _ => "-",
    };

    [GeneratedRegex(@"^`(\w+Tests)\.(\w+)…?`$")]
    private static partial Regex Proof();
}
