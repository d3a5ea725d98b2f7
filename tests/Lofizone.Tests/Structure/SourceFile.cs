using System.Text.RegularExpressions;

namespace Lofizone.Tests.Structure;

/// <summary>A file of the source.</summary>
/// <param name="Path">Path below <c>src</c>.</param>
/// <param name="Lines">The file's lines.</param>
internal sealed partial record SourceFile(string Path, string[] Lines)
{
    private const string Root = "Lofizone";

    /// <summary>The file's namespace without <c>Lofizone.</c>.</summary>
    public string Room { get; } = Namespace().Match(string.Join('\n', Lines)) is { Success: true } m ? RoomOf(m.Groups[1].Value) : FolderOf(Path);

    /// <summary>The room of the file's folder.</summary>
    public string Folder => FolderOf(Path);

    /// <summary>The file's text without comments.</summary>
    public string Code { get; } = string.Join('\n', Lines.Where(l => !l.TrimStart().StartsWith("//", StringComparison.Ordinal)));

    public static SourceFile[] ReadAll(string repository)
    {
        string source = System.IO.Path.Combine(repository, "src");
        return
        [
            .. Directory.EnumerateFiles(source, "*.cs", SearchOption.AllDirectories).Where(f => !f.Contains("/obj/", StringComparison.Ordinal))
                .Select(f => new SourceFile(System.IO.Path.GetRelativePath(source, f), File.ReadAllLines(f))),
        ];
    }

    public static string RoomOf(string space) => space == Root ? Root : space[(Root.Length + 1)..];

    /// <summary>
    /// The file's types, each from its first line to its closing bracket. Nested types count as parts of their outer types.
    /// </summary>
    public IEnumerable<(string Name, int Lines)> Types()
    {
        for (int i = 0; i < Lines.Length; i++)
        {
            if (Declaration().Match(Lines[i]) is { Success: true } m)
                yield return ($"{Room}.{m.Groups[1].Value}", Array.FindIndex(Lines, i, l => l == "}" || l.EndsWith(';') && !l.StartsWith(' ')) - i + 1);
        }
    }

    private static string FolderOf(string path) => RoomOf(System.IO.Path.GetDirectoryName(path)!.Replace("Lofizone/", "Lofizone.", StringComparison.Ordinal).Replace('/', '.'));

    [GeneratedRegex(@"^namespace ([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex Namespace();

    [GeneratedRegex(@"^(?:\w+ )*(?:class|struct|interface|enum|record|record struct|delegate [\w<>?]+) (\w+)")]
    private static partial Regex Declaration();
}
