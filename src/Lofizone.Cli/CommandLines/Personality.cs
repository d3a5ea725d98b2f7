using System.CommandLine;
using Lofizone.Cli.Solaris;
using Lofizone.Cli.Usage;
using Lofizone.Cli.Verbs;

namespace Lofizone.Cli.CommandLines;

/// <summary>
/// One binary under several names: the name by which it is called chooses the command line. Without links, <c>zone zoneadm list</c> is
/// <c>zoneadm list</c>.
/// </summary>
public static class Personality
{
    /// <summary>The binary's own name.</summary>
    public const string Own = "zone";

    private sealed record Program(string Name, Func<RootCommand> Create)
    {
        /// <summary>Marks the begin of words that the parser must not interpret.</summary>
        public Func<string[], string[]> Separate { get; init; } = arguments => arguments;

        /// <summary>Commands that the program interprets itself.</summary>
        public IReadOnlyList<CommandDescription> Inner { get; init; } = [];
    }

    private static readonly Program[] _programs =
    [
        new(Own, ZoneCommand.Create)
        {
            Separate = a => a is ["login", .. var rest] ? ["login", .. PassedOn.Separate(LoginCommand.Create(), rest, operands: 1)] : a,
        },
        new("zoneadm", ZoneadmCommand.Create),
        new("zonecfg", ZonecfgCommandLine.Create)
        {
            Separate = a => PassedOn.Separate(ZonecfgCommandLine.Create(), a, operands: 0),
            Inner = ZonecfgCommandLine.Describe(),
        },
        new("zlogin", ZloginCommand.Create) { Separate = a => PassedOn.Separate(ZloginCommand.Create(), a, operands: 1) },
        new("zonestat", ZonestatCommand.Create),
        new("zonename", ZonenameCommand.Create),
        new("lofiadm", LofiadmCommand.Create),
        new("mkfile", MkfileCommand.Create),
        new("newfs", NewfsCommand.Create),
    ];

    /// <summary>All names, the binary's own first.</summary>
    internal static IReadOnlyList<string> Names => [.. _programs.Select(p => p.Name)];

    /// <summary>The parser of a name.</summary>
    internal static RootCommand Describe(string program) => Find(program)!.Create();

    /// <summary>The command lines of all programs, for man pages, completions and tests.</summary>
    public static IReadOnlyList<CommandDescription> Descriptions => [.. _programs.Select(p => DescriptionOf(p.Name))];

    /// <summary>The command line of one program.</summary>
    public static CommandDescription DescriptionOf(string program)
    {
        Program found = Find(program)!;
        CommandDescription description = CommandDescription.Of(found.Create()) with { Name = program };
        return found.Inner.Count > 0 ? description with { Commands = found.Inner } : description;
    }

    /// <summary>Name and arguments of the intended command line.</summary>
    internal static (string Program, string[] Arguments) Of(string calledAs, string[] arguments)
    {
        string name = Path.GetFileName(calledAs);
        if (name != Own && Find(name) is not null)
            return (name, arguments);
        return arguments.Length > 0 && arguments[0] != Own && Find(arguments[0]) is not null
            ? (arguments[0], arguments[1..])
            : (Own, arguments);
    }

    internal static Task<int> RunAsync(string program, string[] arguments)
    {
        Program found = Find(program)!;
        return CommandLine.RunAsync(program, found.Create(), found.Separate(arguments));
    }

    /// <summary>Parses a command line and returns its fault, for tests of texts that name commands.</summary>
    internal static string? WrongIn(string program, string[] arguments)
    {
        Program found = Find(program)!;
        return WrongUsage.Of(found.Create().Parse(found.Separate(arguments)));
    }

    private static Program? Find(string name) => _programs.FirstOrDefault(p => p.Name == name);
}
