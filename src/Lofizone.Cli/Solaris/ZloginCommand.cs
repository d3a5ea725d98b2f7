using System.CommandLine;
using Lofizone.Cli.Usage;
using Lofizone.Cli.Verbs;

namespace Lofizone.Cli.Solaris;

/// <summary><c>zlogin [-C] ZONE [COMMAND…]</c>, as in zlogin(1).</summary>
internal static class ZloginCommand
{
    public static RootCommand Create()
    {
        Option<bool> console = new("-C") { Description = "the zone's console; ~. leaves it" };
        Argument<string> zone = new Argument<string>("ZONE") { Description = "a running zone" }.Checked(ValueChecks.Zone);
        Argument<string[]> words = new("COMMAND")
        {
            Arity = ArgumentArity.ZeroOrMore,
            Description = "what to run instead of a login shell",
        };
        RootCommand root = new("enter a running zone") { console, zone, words };
        root.SetAction((parsed, cancellation) => parsed.GetValue(console)
            ? LoginCommand.ConsoleAsync(parsed.GetValue(zone)!, cancellation)
            : LoginCommand.LoginAsync(parsed.GetValue(zone)!, parsed.GetValue(words)!, cancellation));
        return root;
    }
}
