using System.Text.RegularExpressions;

namespace Lofizone.Tests.Structure;

/// <summary>
/// A file's imports from other rooms: the rooms of its <c>using</c> lines, the rooms that it names before a type, and the rooms around its
/// own room, whose types need no name of the room.
/// </summary>
internal sealed partial class Imports(SourceFile[] files)
{
    private readonly HashSet<string> _types = [.. files.SelectMany(f => f.Types()).Select(t => t.Name)];

    public IEnumerable<string> Of(SourceFile file) => Using().Matches(file.Code).Select(m => m.Groups[1].Value)
        .Concat(Name().Matches(file.Code).SelectMany(m => Around(file.Room).Select(r => r + m.Groups[1].Value).Where(r => _types.Contains(r + m.Groups[2].Value)))
            .Select(r => r.TrimEnd('.')))
        .Where(r => r != file.Room);

    /// <summary>The scopes in which a name is searched: <c>Install.Update.</c>, <c>Install.</c>, and the whole.</summary>
    private static IEnumerable<string> Around(string room)
    {
        for (; room.Length > 0; room = room[..Math.Max(0, room.LastIndexOf('.'))])
            yield return room + ".";
        yield return "";
    }

    [GeneratedRegex(@"^using Lofizone\.([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex Using();

    /// <summary>A name with its qualifiers, except for names of properties.</summary>
    [GeneratedRegex(@"(?<![\w.""])(?:Lofizone\.)?((?:[A-Z]\w*\.)*)([A-Z]\w*)\b(?! \{ get)")]
    private static partial Regex Name();
}
