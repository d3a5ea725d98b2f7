namespace Lofizone.Cli.Output;

/// <summary>
/// Solaris's parsable lines: fields separated by colons. A backslash escapes a colon or backslash inside a field (zoneadm(8), list -p).
/// </summary>
internal static class Parsable
{
    public static string Line(params IEnumerable<string> fields) =>
        string.Join(
            ':',
            fields.Select(f =>
                SafeText.Line(f).Replace("\\", "\\\\", StringComparison.Ordinal).Replace(":", "\\:", StringComparison.Ordinal)));
}
