using System.Text.RegularExpressions;
using Lofizone.Testing.Hosts;

namespace Lofizone.Tests;

/// <summary>What the documents point to is there.</summary>
public sealed partial class DocumentsTests
{
    private static readonly string _root = HostCleanup.RepositoryRoot();

    public static TheoryData<string> Documents =>
        [.. Directory.EnumerateFiles(_root, "*.md").Concat(Directory.EnumerateFiles(Path.Combine(_root, "docs"), "*.md", SearchOption.AllDirectories))
            .Select(f => Path.GetRelativePath(_root, f)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Documents))]
    public void A_link_leads_to_a_file_and_to_a_heading_in_it(string document)
    {
        string directory = Path.GetDirectoryName(Path.Combine(_root, document))!;
        List<string> broken = [];
        foreach (Match link in Link().Matches(Text(document)))
        {
            string target = link.Groups[1].Value;
            string file = target.Length == 0 ? Path.Combine(_root, document) : Path.GetFullPath(target, directory);
            string heading = link.Groups[2].Value;
            if (!Path.Exists(file) || (heading.Length > 0 && !Headings(File.ReadAllText(file)).Contains(heading)))
                broken.Add(link.Value);
        }

        Assert.Equal([], broken);
    }

    [Fact]
    public void A_test_that_a_document_names_is_there()
    {
        HashSet<string> classes = [.. Directory.EnumerateFiles(Path.Combine(_root, "tests"), "*Tests*.cs", SearchOption.AllDirectories)
            .SelectMany(f => TestClass().Matches(File.ReadAllText(f))).Select(m => m.Groups[1].Value)];
        string[] named = [.. Documents.SelectMany(d => NamedTest().Matches(Text(d.Data))).Select(m => m.Groups[1].Value).Distinct()];
        Assert.Contains("SimTests", named);
        Assert.Equal([], named.Where(n => !classes.Contains(n) && !classes.Any(c => IsShortFor(n, c))));
    }

    /// <summary><c>Killed…Tests</c> stands for all classes that begin and end so.</summary>
    private static bool IsShortFor(string name, string test) =>
        name.Split('…') is [var start, var end] && test.StartsWith(start, StringComparison.Ordinal) && test.EndsWith(end, StringComparison.Ordinal);

    /// <summary>As they stand in addresses: lower case, a hyphen for each blank, nothing else that is no letter, digit or underscore.</summary>
    private static HashSet<string> Headings(string text) =>
        [.. Heading().Matches(text).Select(h => NotInAnchor().Replace(h.Groups[1].Value.ToLowerInvariant(), "").Replace(' ', '-'))];

    private static string Text(string document) => File.ReadAllText(Path.Combine(_root, document));

    [GeneratedRegex(@"\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^#+ (.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\w -]")]
    private static partial Regex NotInAnchor();

    [GeneratedRegex(@"\bclass (\w+Tests)\b")]
    private static partial Regex TestClass();

    [GeneratedRegex(@"`(\w+(?:…\w*)?Tests)(?:\.\w+)?`")]
    private static partial Regex NamedTest();
}
