namespace Lofizone.Config;

/// <summary>The parts of a zone's root that the zone may write: property <c>file-mac-profile</c>, mwac(7) of Solaris.</summary>
/// <param name="IsAll">True when the whole root is writable.</param>
/// <param name="Directories">Directories that are writable in a root that is not, relative to the root.</param>
/// <param name="Except">Directories in these that are not writable: they hold what is installed and what runs by itself.</param>
public sealed record WritableParts(bool IsAll, IReadOnlyList<string> Directories, IReadOnlyList<string> Except)
{
    public static WritableParts All { get; } = new(true, [], []);

    private static readonly string[] _packages = ["var/lib/dpkg", "var/lib/apt"];

    private const string AllWord = "all";

    /// <summary>One word for a command line: <c>all</c>, or the directories and the exceptions.</summary>
    public string Word => IsAll ? AllWord : $"{string.Join(':', Directories)}!{string.Join(':', Except)}";

    /// <summary>The parts that a <see cref="Word"/> tells.</summary>
    public static WritableParts OfWord(string word) =>
        word == AllWord ? All : new WritableParts(false, Names(word.Split('!')[0]), Names(word.Split('!')[^1]));

    private static string[] Names(string list) => list.Split(':', StringSplitOptions.RemoveEmptyEntries);

    [EffectOf("file-mac-profile")]
    public static WritableParts Of(ZoneConfig config) => GlobalProperties.FileMacProfile.Of(config) switch
    {
        "strict" => new WritableParts(false, [], []),
        "fixed-configuration" => new WritableParts(false, ["var"], [.. _packages, "var/spool/cron"]),
        "flexible-configuration" => new WritableParts(false, ["etc", "root", "var"], _packages),
        _ => All,
    };
}
