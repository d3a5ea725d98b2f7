namespace Lofizone.Config.Zonecfg;

/// <summary>One parsed command.</summary>
/// <param name="Command">The command to run.</param>
/// <param name="Flags">The given flags, each with its argument or an empty text.</param>
/// <param name="Operands">Words that are neither flag nor property.</param>
/// <param name="Properties">The pairs property=value, in order; an empty value is an empty text.</param>
internal sealed record Statement(
    ZonecfgCommand Command,
    IReadOnlyDictionary<char, string> Flags,
    IReadOnlyList<string> Operands,
    IReadOnlyList<KeyValuePair<string, string>> Properties)
{
    public bool Force => Flags.ContainsKey('F');
}
