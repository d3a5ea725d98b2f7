using System.Text.RegularExpressions;

namespace Lofizone.Tests.Structure;

/// <summary>
/// What a file takes from other rooms: those of its <c>using</c> lines, those that it names in front of a type, and the rooms around its own, whose
/// types it sees without a word.
/// </summary>
internal sealed partial class Imports(SourceFile[] files)
{
    private readonly HashSet<string> _types = [.. files.SelectMany(f => f.Types()).Select(t => t.Name)];

    public IEnumerable<string> Of(SourceFile file) => Using().Matches(file.Code).Select(m => m.Groups[1].Value)
        .Concat(Name().Matches(file.Code).SelectMany(m => Around(file.Room).Select(r => r + m.Groups[1].Value).Where(r => _types.Contains(r + m.Groups[2].Value)))
            .Select(r => r.TrimEnd('.')))
        .Where(r => r != file.Room);

    /// <summary>The scopes in which a name is looked for: <c>Install.Update.</c>, <c>Install.</c>, and the whole.</summary>
    private static IEnumerable<string> Around(string room)
    {
        for (; room.Length > 0; room = room[..Math.Max(0, room.LastIndexOf('.'))])
            yield return room + ".";
        yield return "";
    }

    [GeneratedRegex(@"^using Lofizone\.([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex Using();

    /// <summary>A name with what stands in front of it, but for the names of properties.</summary>
    [GeneratedRegex(@"(?<![\w.""])(?:Lofizone\.)?((?:[A-Z]\w*\.)*)([A-Z]\w*)\b(?! \{ get)")]
    private static partial Regex Name();
}
