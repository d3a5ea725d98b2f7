using System.Text.RegularExpressions;
using Lofizone.Testing.Hosts;

namespace Lofizone.Tests.Structure;

/// <summary>
/// Compares the source with the floors in ARCHITECTURE.md and with the sizes in CONTRIBUTING.md. Code that does not fit yet is listed in
/// <c>exceptions.txt</c>, which may only get shorter: an exception without a need fails the test.
/// </summary>
public sealed partial class StructureTests
{
    private const int FileLines = 500, TypeLines = 600, Columns = 140;

    private static readonly SourceFile[] _files = SourceFile.ReadAll(HostCleanup.RepositoryRoot());

    private static readonly (string Room, string[] Imports)[] _floors =
    [
        .. File.ReadLines(Path.Combine(HostCleanup.RepositoryRoot(), "ARCHITECTURE.md")).Select(l => Row().Match(l)).Where(m => m.Success)
            .Select(m => (m.Groups[1].Value, m.Groups[2].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries))),
    ];

    [Fact]
    public void Each_room_imports_exactly_what_the_table_of_floors_shows()
    {
        Imports imports = new(_files);
        string[] source = [.. _files.GroupBy(f => f.Room).Select(r => Line(r.Key, r.SelectMany(imports.Of).Distinct()))];
        string[] table = [.. _floors.Select(f => Line(f.Room, f.Imports))];
        None(source.Except(table).Select(l => $"the source has {l}").Concat(table.Except(source).Select(l => $"the table has {l}")));
    }

    [Fact]
    public void No_room_imports_one_that_stands_above_it()
    {
        List<string> below = [];
        List<string> upward = [];
        foreach ((string room, string[] imports) in _floors)
        {
            upward.AddRange(imports.Except(below).Select(i => $"{room} -> {i}"));
            below.Add(room);
        }

        AssertExcepted("import", upward);
    }

    [Fact]
    public void A_namespace_is_its_folder() => None(_files.Where(f => f.Room != f.Folder).Select(f => f.Path));

    [Fact]
    public void No_file_is_longer_than_its_limit() => AssertExcepted("file", _files.Where(f => f.Lines.Length > FileLines).Select(f => f.Path));

    [Fact]
    public void No_type_is_longer_than_its_limit_over_all_its_files() => AssertExcepted(
        "type", _files.SelectMany(f => f.Types()).GroupBy(t => t.Name, t => t.Lines).Where(t => t.Sum() > TypeLines).Select(t => t.Key));

    [Fact]
    public void No_line_is_wider_than_its_limit() => AssertExcepted("columns", _files.Where(f => f.Lines.Any(l => l.Length > Columns)).Select(f => f.Path));

    private static string Line(string room, IEnumerable<string> imports) => $"{room}: {string.Join(' ', imports.Order(StringComparer.Ordinal))}";

    /// <summary>An exception is a line <c>KIND WHAT</c>. WHAT may be the beginning of several names. The reason follows <c>#</c>.</summary>
    private static void AssertExcepted(string kind, IEnumerable<string> found)
    {
        string[] exceptions =
        [
            .. File.ReadLines(Path.Combine(HostCleanup.RepositoryRoot(), "tests/Lofizone.Tests/Structure/exceptions.txt")).Select(l => l.Split('#')[0].Trim())
                .Where(l => l.StartsWith(kind + " ", StringComparison.Ordinal)).Select(l => l[(kind.Length + 1)..]),
        ];
        string[] all = [.. found];
        None(all.Where(f => !exceptions.Any(e => f.StartsWith(e, StringComparison.Ordinal))).Select(f => $"{kind} {f}: beyond the limit"));
        None(exceptions.Where(e => !all.Any(f => f.StartsWith(e, StringComparison.Ordinal))).Select(e => $"{kind} {e}: needs no exception any more"));
    }

    private static void None(IEnumerable<string> wrong) => Assert.True(!wrong.Any(), string.Join('\n', wrong));

    /// <summary>A line of the table: <c>| `ROOM` | what it holds | `IMPORT IMPORT …` |</c>.</summary>
    [GeneratedRegex(@"^\| `([\w.]+)` \| [^|]* \|(?: `([\w. ]+)`)? \|$")]
    private static partial Regex Row();
}
