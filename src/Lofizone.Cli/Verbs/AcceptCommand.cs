using System.CommandLine;
using Lofizone.Cli.Output;
using Lofizone.Cli.Usage;
using Lofizone.Shares;
using Lofizone.Zones;

namespace Lofizone.Cli.Verbs;

/// <summary><c>zone accept NAME|URI [-n]</c>.</summary>
internal static class AcceptCommand
{
    public static Command Create()
    {
        Argument<string> target = new Argument<string>("NAME|URI") { Description = "a zone that this host knows; or SHARE/NAME" }
            .Checked(ValueChecks.ZoneOrUri);
        Option<bool> dry = new("-n") { Description = "only show what the zone asks for" };
        Command command = new(
            "accept",
            "show what a zone's configuration on its share asks of this host, and accept exactly that for attach, takeover and "
            + "move") { target, dry };
        command.SetAction(async (parsed, cancellation) =>
        {
            string text = parsed.GetValue(target)!;
            (ShareUri? share, string name) = ValueChecks.IsUri(text) ? ShareUri.Parse(text).Split() : ((ShareUri?)null, text);
            Root.Require($"accept {name}");
            ZoneHost host = ZoneHost.FromEnvironment();
            await new ZoneAcceptance(host, name, new ConsoleReporter(host.Time)).AcceptAsync(share, parsed.GetValue(dry), cancellation);
            return 0;
        });
        return command;
    }
}
