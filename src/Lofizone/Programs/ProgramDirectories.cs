using Lofizone.Hosts;

namespace Lofizone.Programs;

/// <summary>
/// The directories of the programs that this system is built on: a fixed list, independent of PATH. So neither a shell's settings nor files
/// in /usr/local decide which program runs as root. Directory and file must be writable by root alone.
/// </summary>
public sealed class ProgramDirectories
{
    /// <summary>The directories as the PATH of a started program.</summary>
    public const string SearchPath = "/usr/sbin:/usr/bin:/sbin:/bin";

    /// <summary>
    /// Name of the environment variable with a directory that is searched first, for tests. The variable counts only on a throw-away host
    /// (<see cref="HostPaths.RootVariable"/>). A user who can set that variable can lead the command to an index and a runtime directory of
    /// his own anyway.
    /// </summary>
    public const string Variable = "LOFIZONE_PROGRAMS";

    private readonly string? _first;

    /// <param name="first">Directory that is searched first, without a check; null on a real host.</param>
    public ProgramDirectories(string? first = null) => _first = first;

    public static ProgramDirectories FromEnvironment() =>
        Of(Environment.GetEnvironmentVariable(HostPaths.RootVariable), Environment.GetEnvironmentVariable(Variable));

    /// <param name="root">Value of <see cref="HostPaths.RootVariable"/>.</param>
    /// <param name="first">Value of <see cref="Variable"/>.</param>
    internal static ProgramDirectories Of(string? root, string? first) => new(string.IsNullOrEmpty(root) ? null : first);

    /// <summary>Absolute path of the program; null when the program is missing, or when a user other than root may change it.</summary>
    public string? Find(string program)
    {
        if (_first is not null && Path.Combine(_first, program) is var own && File.Exists(own))
            return own;
        return Candidates(program).FirstOrDefault(file => RootOnly.Follow(file).Problem is null);
    }

    /// <summary>The reason why an existing program is not used; null when there is no reason.</summary>
    public static string? Refusal(string program) =>
        Candidates(program).FirstOrDefault() is { } file && RootOnly.Follow(file).Problem is { } problem
            ? $"{file} is not used, since {problem}"
            : null;

    private static IEnumerable<string> Candidates(string program) =>
        SearchPath.Split(':').Select(d => Path.Combine(d, program)).Where(File.Exists);
}
