using System.Text;

namespace Lofizone.Install.Dpkg;

/// <summary>One paragraph of a deb822(5) file: dpkg's status, debconf's databases, apt's *.sources.</summary>
/// <param name="Text">The paragraph's text in the file, without the empty line after the paragraph.</param>
internal sealed record ControlParagraph(string Text)
{
    private readonly Dictionary<string, string> _fields = ParseFields(Text);

    /// <summary>
    /// Value of a field (names are case-insensitive), with continuation lines joined by line feeds. Null when the field is missing.
    /// </summary>
    public string? this[string field] => _fields.GetValueOrDefault(field);

    /// <summary>Splits a file into paragraphs. Comment lines belong to no field.</summary>
    public static IEnumerable<ControlParagraph> Split(string file)
    {
        foreach (string text in file.ReplaceLineEndings("\n").Split("\n\n", StringSplitOptions.RemoveEmptyEntries))
        {
            string trimmed = text.Trim('\n');
            if (trimmed.Length > 0)
                yield return new ControlParagraph(trimmed);
        }
    }

    private static Dictionary<string, string> ParseFields(string text)
    {
        // Continuation lines are appended without copies, because a zone's file may have millions.
        Dictionary<string, StringBuilder> fields = new(StringComparer.OrdinalIgnoreCase);
        string? name = null;
        foreach (string line in text.Split('\n'))
        {
            if (line.StartsWith('#'))
                continue;
            if (line.Length > 0 && line[0] is ' ' or '\t')
            {
                if (name is not null)
                    fields[name].Append('\n').Append(line);
                continue;
            }

            int colon = line.IndexOf(':');
            if (colon <= 0)
                continue;
            name = line[..colon];
            fields[name] = new StringBuilder(line[(colon + 1)..].Trim());
        }

        return fields.ToDictionary(f => f.Key, f => f.Value.ToString(), StringComparer.OrdinalIgnoreCase);
    }
}
