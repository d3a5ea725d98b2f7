namespace Lofizone.Moving;

/// <summary>Another host, and how it is reached: by ssh(1), with the user's own configuration, keys and agent.</summary>
/// <param name="Host">Whatever ssh understands: a name, <c>user@host</c>, an alias of ssh_config(5).</param>
public sealed record SshDestination(string Host)
{
    /// <summary>The program to run instead of ssh; it gets ssh's arguments.</summary>
    public const string DefaultSsh = "ssh";

    /// <summary>This program's name on the other host's PATH.</summary>
    public const string DefaultProgram = "zone";

    /// <summary>How long a connection may take to come about, seconds.</summary>
    public const int ConnectLimitSeconds = 15;

    /// <summary>
    /// A silent connection is asked for a sign of life this often, seconds, and given up after <see cref="AliveCount"/> times.
    /// </summary>
    private const int AliveSeconds = 5;

    private const int AliveCount = 3;

    /// <summary>The program that speaks ssh.</summary>
    public string Ssh { get; init; } = DefaultSsh;

    /// <summary>This program on the other host: a name on its PATH, or an absolute path.</summary>
    public string Program { get; init; } = DefaultProgram;

    /// <summary>The host as messages show it.</summary>
    public string Shown => Lofizone.Shown.Text(Host);

    /// <summary>What is wrong with the host's name, or null: ssh would take a leading dash for an option.</summary>
    public static string? Problem(string host) =>
        host.Length == 0 || host.StartsWith('-') || host.Any(c => char.IsControl(c) || char.IsWhiteSpace(c))
            ? $"'{Lofizone.Shown.Text(host)}' is no host that ssh could know"
            : null;

    /// <summary>Arguments of ssh for one command on the other host.</summary>
    /// <param name="terminal">There is somebody whom ssh may ask for a password.</param>
    /// <param name="words">What follows the program's name there.</param>
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
            // Nothing of the user's configuration that a command on the other host does not need, or that would outlive it.
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
