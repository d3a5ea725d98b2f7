namespace Lofizone.Moving;

/// <summary>Another host, reached by ssh(1) with the user's own configuration, keys and agent.</summary>
/// <param name="Host">A destination of ssh: a name, <c>user@host</c>, or an alias of ssh_config(5).</param>
public sealed record SshDestination(string Host)
{
    /// <summary>Name of the program that is run as ssh and gets ssh's arguments.</summary>
    public const string DefaultSsh = "ssh";

    /// <summary>This program's name on the other host's PATH.</summary>
    public const string DefaultProgram = "zone";

    /// <summary>Limit for the making of a connection, seconds.</summary>
    public const int ConnectLimitSeconds = 15;

    /// <summary>
    /// Interval at which ssh checks a silent connection, seconds (ssh_config(5), ServerAliveInterval). ssh gives the connection up after
    /// <see cref="AliveCount"/> checks.
    /// </summary>
    private const int AliveSeconds = 5;

    private const int AliveCount = 3;

    /// <summary>The program that is run as ssh.</summary>
    public string Ssh { get; init; } = DefaultSsh;

    /// <summary>This program on the other host: a name on its PATH, or an absolute path.</summary>
    public string Program { get; init; } = DefaultProgram;

    /// <summary>The host in a form that is safe for messages.</summary>
    public string Shown => Lofizone.SafeText.Text(Host);

    /// <summary>
    /// The reason why the host's name is not accepted; null for a good name. ssh would take a leading dash for an option.
    /// </summary>
    public static string? Problem(string host) =>
        host.Length == 0 || host.StartsWith('-') || host.Any(c => char.IsControl(c) || char.IsWhiteSpace(c))
            ? $"'{Lofizone.SafeText.Text(host)}' is no host that ssh could know"
            : null;

    /// <summary>Arguments of ssh for one command on the other host.</summary>
    /// <param name="terminal">True when ssh may ask a user for a password.</param>
    /// <param name="words">Arguments of the program on the other host.</param>
    public IReadOnlyList<string> Arguments(bool terminal, params IEnumerable<string> words)
    {
        if (Problem(Host) is { } problem)
            throw new LofizoneException(problem, "name it as for ssh: HOST, USER@HOST, or an alias of ~/.ssh/config");
        return
        [
            "-T",
            "-o", $"BatchMode={(terminal ? "no" : "yes")}",
            "-o", $"ConnectTimeout={ConnectLimitSeconds}",
            "-o", $"ServerAliveInterval={AliveSeconds}",
            "-o", $"ServerAliveCountMax={AliveCount}",
            // These options switch off the parts of the user's configuration that a command on the other host does not need, or that would
            // outlive the command.
            "-o", "ControlMaster=no",
            "-o", "ClearAllForwardings=yes",
            "-o", "ForwardAgent=no",
            "-o", "ForwardX11=no",
            "-o", "RemoteCommand=none",
            "--",
            Host,
            ShellWord.Join([Program, .. words]),
        ];
    }
}
