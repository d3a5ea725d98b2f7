using System.CommandLine;

namespace Lofizone.Cli.Solaris;

/// <summary>Commands of zoneadm(8) that have no effect on Linux. Each is refused with the reason, and is not in the help.</summary>
internal static class RefusedVerbs
{
    private static readonly (string Name, string Reason, string Instead)[] _verbs =
    [
        ("clone", "zones can't be cloned yet", "'zonecfg -z NEWZONE \"create -t ZONE\"' copies a configuration"),
        ("suspend", "a zone can't be suspended", "'zoneadm shutdown' and 'zoneadm boot' do it with the zone's own programs"),
        ("migrate", "zone move does it", "zone move ZONE HOST"),
    ];

    public static void AddTo(RootCommand root)
    {
        foreach ((string name, string reason, string instead) in _verbs)
        {
            Command command = new(name, reason) { Hidden = true };
            command.Arguments.Add(new Argument<string[]>("ARGUMENTS") { Arity = ArgumentArity.ZeroOrMore });
            command.SetAction((Func<ParseResult, int>)(_ => throw new LofizoneException($"{name}: not possible: {reason}", instead)));
            root.Subcommands.Add(command);
        }
    }
}
