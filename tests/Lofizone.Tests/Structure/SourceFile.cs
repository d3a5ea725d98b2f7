using System.Text.RegularExpressions;

namespace Lofizone.Tests.Structure;

/// <summary>A file of the source.</summary>
/// <param name="Path">Below <c>src</c>.</param>
/// <param name="Lines">As they are.</param>
internal sealed partial record SourceFile(string Path, string[] Lines)
{
    private const string Root = "Lofizone";

    /// <summary>Its namespace without <c>Lofizone.</c>.</summary>
    public string Room { get; } = Namespace().Match(string.Join('\n', Lines)) is { Success: true } m ? RoomOf(m.Groups[1].Value) : FolderOf(Path);

    /// <summary>The room that its folder stands for.</summary>
    public string Folder => FolderOf(Path);

    /// <summary>Without comments.</summary>
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

    /// <summary>Its types, each from its first line to the bracket that ends it; those within types count as parts of these.</summary>
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
