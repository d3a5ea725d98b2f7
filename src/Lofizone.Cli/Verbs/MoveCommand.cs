using System.CommandLine;
using Lofizone.Cli.Output;
using Lofizone.Cli.Usage;
using Lofizone.Hosts;
using Lofizone.Moving;
using Lofizone.Zones;

namespace Lofizone.Cli.Verbs;

/// <summary><c>zone move NAME HOST [-n] [-u|-U] [-F]</c>.</summary>
internal static class MoveCommand
{
    public static Command Create()
    {
        Argument<string> zone = new Argument<string>("NAME") { Description = "a zone of this host" }.Checked(ValueChecks.Zone);
        Argument<string> to = new Argument<string>("HOST") { Description = "whatever ssh understands: a name, user@host, an alias" }
            .Checked(SshOptions.Problem);
        Option<bool> dry = new("-n") { Description = "change nothing; check both hosts and say whether the zone could be moved" };
        Option<string?> share = new Option<string?>("--share")
        {
            Description = "the share as the other host reaches it, when that is another URI",
            HelpName = "URI",
        }
            .Checked(ValueChecks.Share);
        SshOptions ssh = new();
        Command command = new(
            "move", "move a zone to another host: halt it here, boot it there; if that fails, it runs here again") { zone, to, dry, share };
        ssh.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            string name = parsed.GetValue(zone)!;
            ssh.Check(parsed);
            Root.Require($"move {name}");
            ZoneHost host = ZoneHost.FromEnvironment();
            host.Require(name);
            ConsoleReporter reporter = new(host.Time);
            await using SshSession session = await SshOptions.OpenAsync(
                host, ssh.Destination(parsed, parsed.GetValue(to)!), reporter, cancellation);
            await using LocalMoveSource source = new(host, name, reporter);
            ZoneMove move = new(
                name, source, new RemoteMoveTarget(session, name, ssh.Take(parsed, parsed.GetValue(share))), host.Time, reporter);
            bool noExecute = parsed.GetValue(dry);
            ZoneOffer offer = await move.CheckAsync(noExecute, cancellation);
            if (noExecute)
                reporter.Line($"{name}: can be moved to {session.Host} ({session.Hello.Host}, Lofizone {session.Hello.Version})");
            else
            {
                await move.RunAsync(offer, cancellation);
                new KnownHosts(host.Paths).Learn(session.Hello.HostId, session.Hello.Host, session.Destination.Host);
            }

            return 0;
        });
        return command;
    }
}
