namespace Lofizone.Boot;

/// <summary>The boot arguments of zoneadm(8): <c>-s</c>, <c>-i PATH</c>, <c>-m milestone=NAME</c>, <c>-w</c>.</summary>
public sealed record BootArguments
{
    /// <summary>Largest length of the arguments' text, characters.</summary>
    public const int MaxLength = 1024;

    /// <summary>The init of a zone that is booted without <c>-i</c>.</summary>
    public const string UsualInit = "/sbin/init";

    private const string Known = "boot arguments are -s, -w, -i PATH, and -m milestone=NAME";
    private const string Milestone = "milestone=";

    private static readonly (string Name, BootTarget Target)[] _milestones =
    [
        ("none", BootTarget.Emergency), ("single-user", BootTarget.SingleUser), ("multi-user", BootTarget.MultiUser),
        ("multi-user-server", BootTarget.MultiUser), ("all", BootTarget.Usual),
    ];

    /// <summary>No arguments.</summary>
    public static BootArguments None { get; } = new();

    public BootTarget Target { get; init; }

    /// <summary>Absolute path of the program in the zone that starts as process 1.</summary>
    public string Init { get; init; } = UsualInit;

    /// <summary>True when the zone may write its whole root during this boot, whatever its file-mac-profile.</summary>
    public bool IsWritable { get; init; }

    /// <summary>
    /// Program and arguments of the zone's process 1. In a container systemd takes these words as a kernel's command line (systemd(1)), and
    /// sysvinit and BusyBox take them from their arguments.
    /// </summary>
    public IReadOnlyList<string> InitCommand => Target switch
    {
        BootTarget.Usual => [Init],
        BootTarget.Emergency => [Init, "emergency"],
        BootTarget.SingleUser => [Init, "single"],
        BootTarget.MultiUser => [Init, "3"],
        _ => throw new ArgumentOutOfRangeException(nameof(Target), Target, "no target"),
    };

    /// <summary>Reads arguments from one text, in which blanks separate the words.</summary>
    /// <exception cref="LofizoneException">The text is none; of kind wrong usage.</exception>
    public static BootArguments Parse(string text) => Parse(text.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries));

    /// <summary>Reads arguments.</summary>
    /// <exception cref="LofizoneException">An argument is unknown, or has no effect on Linux; of kind wrong usage.</exception>
    public static BootArguments Parse(IReadOnlyList<string> words)
    {
        if (words.Sum(w => w.Length + 1) > MaxLength)
            throw Wrong($"boot arguments have at most {MaxLength} characters");
        BootArguments read = None;
        for (int at = 0; at < words.Count; at++)
        {
            read = words[at] switch
            {
                "-s" => read with { Target = BootTarget.SingleUser },
                "-i" => read with { Init = PathOf(ValueOf(words, ref at)) },
                "-m" => read with { Target = TargetOf(ValueOf(words, ref at)) },
                "-w" => read with { IsWritable = true },
                "-W" => throw Wrong("-W: a zone can't change from a writable root to a read-only one while it runs: use -w, and reboot"),
                _ => throw Wrong($"{SafeText.Text(words[at])}: no boot argument: {Known}"),
            };
        }

        return read;
    }

    /// <summary>The arguments in the form that <see cref="Parse(string)"/> reads.</summary>
    public override string ToString()
    {
        string target = Target switch
        {
            BootTarget.Usual => "",
            BootTarget.SingleUser => "-s",
            _ => $"-m {Milestone}{_milestones.First(m => m.Target == Target).Name}",
        };
        return string.Join(' ', new[] { target, Init == UsualInit ? "" : $"-i {Init}", IsWritable ? "-w" : "" }.Where(w => w.Length > 0));
    }

    private static string ValueOf(IReadOnlyList<string> words, ref int at) => at + 1 < words.Count
        ? words[++at]
        : throw Wrong($"{words[at]}: its value is missing: {Known}");

    private static string PathOf(string path) => path is ['/', _, ..] && path.All(c => SafeText.IsSafe(c) && !char.IsWhiteSpace(c))
        ? path
        : throw Wrong($"-i {SafeText.Text(path)}: not an absolute path of the zone, without blanks");

    private static BootTarget TargetOf(string options)
    {
        if (!options.StartsWith(Milestone, StringComparison.Ordinal))
            throw Wrong(
                $"-m {SafeText.Text(options)}: only {Milestone}NAME has an effect here; a zone's own init decides on its messages and its "
                + "recovery");
        string name = options[Milestone.Length..];
        foreach ((string known, BootTarget target) in _milestones)
        {
            if (name == known)
                return target;
        }

        throw Wrong($"-m {SafeText.Text(options)}: no such milestone: {string.Join(", ", _milestones.Select(m => m.Name))}");
    }

    private static LofizoneException Wrong(string message) => new(message) { Kind = FailureKind.WrongUsage };
}
