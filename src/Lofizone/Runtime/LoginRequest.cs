namespace Lofizone.Runtime;

/// <summary>How much of a zone a login needs.</summary>
public enum LoginMode
{
    /// <summary>The user is looked up in the zone's files, and gets a shell of his own.</summary>
    Usual,

    /// <summary>Root's /bin/sh, without a look into the zone's files. Such a login works in a damaged zone (zlogin(1), -S).</summary>
    Safe,
}

/// <summary>What runs in a zone, for whom, and how.</summary>
public sealed record LoginRequest
{
    /// <summary>Program and arguments, each as it is. Empty for the user's login shell.</summary>
    public IReadOnlyList<string> Command { get; init; } = [];

    /// <summary>
    /// The words of a line that the user's shell interprets, in the place of <see cref="Command"/> (<see cref="LoginWords.LineOf"/>).
    /// </summary>
    public IReadOnlyList<string> Line { get; init; } = [];

    /// <summary>Name of a user of the zone; null for root.</summary>
    public string? User { get; init; }

    public LoginMode Mode { get; init; }

    /// <summary>True for a terminal of the zone, connected to the user's terminal.</summary>
    public bool Terminal { get; init; }

    /// <summary>The key that leaves a login on a terminal, at the start of a line and with a dot behind; null for no such key.</summary>
    public byte? EscapeKey { get; init; }

    /// <summary>True to tell of the connection's begin and end on the user's terminal.</summary>
    public bool Announce { get; init; }
}
