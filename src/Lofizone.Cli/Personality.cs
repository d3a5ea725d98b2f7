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

    private static readonly Dictionary<string, Func<string[], Task<int>>> _names = new(StringComparer.Ordinal)
    {
        [Own] = a => Run(Own, ZoneCommand.Create(), a is ["login", .. var rest] ? ["login", .. ZloginCommand.Separate(rest)] : a),
        ["zoneadm"] = a => Run("zoneadm", ZoneadmCommand.Create(), a),
        ["zonecfg"] = a => Run("zonecfg", ZonecfgCommandLine.Create(), a),
        ["zlogin"] = a => Run("zlogin", ZloginCommand.Create(), ZloginCommand.Separate(a)),
        ["lofiadm"] = a => Run("lofiadm", LofiadmCommand.Create(), a),
        ["mkfile"] = a => Run("mkfile", MkfileCommand.Create(), a),
        ["newfs"] = a => Run("newfs", NewfsCommand.Create(), a),
    };

    /// <summary>Name and arguments of the command line that is meant.</summary>
    public static (string Program, string[] Arguments) Of(string calledAs, string[] arguments)
    {
        string name = Path.GetFileName(calledAs);
        if (name != Own && _names.ContainsKey(name))
            return (name, arguments);
        return arguments.Length > 0 && arguments[0] != Own && _names.ContainsKey(arguments[0]) ? (arguments[0], arguments[1..]) : (Own, arguments);
    }

    public static Task<int> RunAsync(string program, string[] arguments) => _names[program](arguments);

    private static Task<int> Run(string program, RootCommand root, string[] arguments) => CommandLine.RunAsync(program, root, arguments);
}
