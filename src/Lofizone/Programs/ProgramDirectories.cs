using Lofizone.Hosts;

namespace Lofizone.Programs;

/// <summary>
/// Where the programs are that this system is built on: a fixed list of directories, whatever PATH says, so that neither a shell's settings
/// nor what somebody put into /usr/local decide what runs as root here. Directory and file must be root's alone.
/// </summary>
public sealed class ProgramDirectories
{
    /// <summary>The same as a program that is started finds them.</summary>
    public const string SearchPath = "/usr/sbin:/usr/bin:/sbin:/bin";

    /// <summary>
    /// Name of the environment variable with a directory that is looked into first, for tests. It counts on a throw-away host only
    /// (<see cref="HostPaths.RootVariable"/>): whoever can set that one leads the command to an index and a runtime directory of his own
    /// anyway.
    /// </summary>
    public const string Variable = "LOFIZONE_PROGRAMS";

    private readonly string? _first;

    /// <param name="first">Looked into before all others, and taken as it is; null on a real host.</param>
    public ProgramDirectories(string? first = null) => _first = first;

    public static ProgramDirectories FromEnvironment() =>
        Of(Environment.GetEnvironmentVariable(HostPaths.RootVariable), Environment.GetEnvironmentVariable(Variable));

    /// <param name="root">What <see cref="HostPaths.RootVariable"/> says.</param>
    /// <param name="first">What <see cref="Variable"/> says.</param>
    internal static ProgramDirectories Of(string? root, string? first) => new(string.IsNullOrEmpty(root) ? null : first);

    /// <summary>Absolute path of the program; null when it is not there, or not root's alone.</summary>
    public string? Find(string program)
    {
        if (_first is not null && Path.Combine(_first, program) is var own && File.Exists(own))
            return own;
        return Candidates(program).FirstOrDefault(file => RootOnly.Follow(file).Problem is null);
    }

    /// <summary>Why a program that is there is not used; null when there is none.</summary>
    public static string? Refusal(string program) =>
        Candidates(program).FirstOrDefault() is { } file && RootOnly.Follow(file).Problem is { } problem
            ? $"{file} is not used, since {problem}"
            : null;

    private static IEnumerable<string> Candidates(string program) =>
        SearchPath.Split(':').Select(d => Path.Combine(d, program)).Where(File.Exists);
}
