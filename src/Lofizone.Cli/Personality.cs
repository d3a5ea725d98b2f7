using System.CommandLine;
using Lofizone.Cli.Solaris;
using Lofizone.Cli.Zone;

namespace Lofizone.Cli;

/// <summary>
/// One binary under several names: the name it is called by chooses the command line. Without links, <c>zone zoneadm list</c> is <c>zoneadm list</c>.
/// </summary>
internal static class Personality
{
    /// <summary>The binary's own name.</summary>
    public const string Own = "zone";

    private static readonly Dictionary<string, CalledAs> _names = new(StringComparer.Ordinal)
    {
        [Own] = new(ZoneCommand.Create) { Arrange = a => a is ["login", .. var rest] ? ["login", .. ZloginCommand.Separate(rest)] : a },
        ["zoneadm"] = new(ZoneadmCommand.Create),
        ["zonecfg"] = new(ZonecfgCommandLine.Create),
        ["zlogin"] = new(ZloginCommand.Create) { Arrange = ZloginCommand.Separate },
        ["lofiadm"] = new(LofiadmCommand.Create),
        ["mkfile"] = new(MkfileCommand.Create),
        ["newfs"] = new(NewfsCommand.Create),
    };

    /// <summary>All names, our own first.</summary>
    public static IReadOnlyCollection<string> Names => _names.Keys;

    /// <summary>The command line behind a name, with all its commands, options and arguments.</summary>
    public static RootCommand Describe(string name) => _names[name].Create();

    /// <summary>Name and arguments of the command line that is meant.</summary>
    public static (string Program, string[] Arguments) Of(string calledAs, string[] arguments)
    {
        string name = Path.GetFileName(calledAs);
        if (name != Own && _names.ContainsKey(name))
            return (name, arguments);
        return arguments.Length > 0 && arguments[0] != Own && _names.ContainsKey(arguments[0]) ? (arguments[0], arguments[1..]) : (Own, arguments);
    }

    public static Task<int> RunAsync(string program, string[] arguments) =>
        CommandLine.RunAsync(program, Describe(program), _names[program].Arrange(arguments));

    /// <summary>What a name stands for.</summary>
    /// <param name="Create">Makes its command line.</param>
    private sealed record CalledAs(Func<RootCommand> Create)
    {
        /// <summary>Marks places in the arguments that the parser can't know.</summary>
        public Func<string[], string[]> Arrange { get; init; } = arguments => arguments;
    }
}
