using System.Text.RegularExpressions;
using Lofizone.Testing.Hosts;

namespace Lofizone.Tests;

/// <summary>Every target of a link in the documents exists.</summary>
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

    /// <summary>A list begins with its folder, <c>In `src/Lofizone`:</c>. A name without a folder is that of a file anywhere below.</summary>
    [Fact]
    public void A_file_that_a_recipe_names_is_there()
    {
        // The file that the example itself would make.
        string[] made = ["Operations/Link.cs"];
        string folder = "", text = Text("CONTRIBUTING.md");
        List<string> missing = [];
        foreach (string line in text[text.IndexOf("## Recipes", StringComparison.Ordinal)..text.IndexOf("## Simulation", StringComparison.Ordinal)].Split('\n'))
        {
            folder = Folder().Match(line) is { Success: true } start ? start.Groups[1].Value : folder;
            missing.AddRange(SourcePath().Matches(line).Select(m => m.Groups[1].Value).Except(made).Where(path => !IsBelow(folder, path) && !IsBelow("", path)));
        }

        Assert.Equal([], missing);
    }

    private static bool IsBelow(string folder, string path)
    {
        string directory = Path.Combine(_root, folder, Path.GetDirectoryName(path)!);
        return Directory.Exists(directory) && Directory.EnumerateFiles(
            directory, Path.GetFileName(path), path.Contains('/') || folder.Length == 0 ? SearchOption.TopDirectoryOnly : SearchOption.AllDirectories).Any();
    }

    /// <summary><c>Killed…Tests</c> stands for all classes whose names begin and end like that.</summary>
    private static bool IsShortFor(string name, string test) =>
        name.Split('…') is [var start, var end] && test.StartsWith(start, StringComparison.Ordinal) && test.EndsWith(end, StringComparison.Ordinal);

    /// <summary>
    /// A heading in the form of addresses: lower case, with a hyphen for each blank, and without other characters than letters, digits and
    /// underscores.
    /// </summary>
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

    [GeneratedRegex(@"^In `([\w./]+)`")]
    private static partial Regex Folder();

    [GeneratedRegex(@"`([\w./*]+\.cs)`")]
    private static partial Regex SourcePath();
}
