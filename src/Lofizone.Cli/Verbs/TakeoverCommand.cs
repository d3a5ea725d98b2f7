using System.CommandLine;
using Lofizone.Cli.Output;
using Lofizone.Cli.Usage;
using Lofizone.Install.Update;
using Lofizone.Logs;
using Lofizone.Shares;
using Lofizone.Zones;

namespace Lofizone.Cli.Verbs;

/// <summary><c>zone takeover NAME|URI [--now] [--fence PROGRAM] [-- ARGUMENTS OF THE FENCE]</c>.</summary>
internal static class TakeoverCommand
{
    public static Command Create()
    {
        Argument<string> target = new Argument<string>("NAME|URI") { Description = "a zone that this host knows; or SHARE/NAME" }
            .Checked(ValueChecks.ZoneOrUri);
        Argument<string[]> fenceArguments = new("ARGUMENTS")
        {
            Description = "after --: the fence's arguments",
            Arity = ArgumentArity.ZeroOrMore,
        };
        Option<bool> now = new("--now") { Description = "end the owner's claim at once; if it lives, its zone is stopped there" };
        Option<string?> fence = new("--fence")
        {
            Description = "a program that makes sure of the owner's death, or ends its claim on the server",
            HelpName = "PROGRAM",
        };
        Option<bool> noBoot = new("--no-boot") { Description = "take the zone, and leave it installed" };
        Option<bool> needed = new("-u") { Description = "update the packages that must match this system's" };
        Option<bool> all = new("-U") { Description = "update all packages that this system has" };
        Option<bool> force = new("-F") { Description = "whatever its packages are" };
        Option<bool> accept = new("--accept") { Description = "accept what its configuration on the share asks of this host" };
        Command command = new(
            "takeover", "take a zone whose host is dead: wait until the server lets go of it, check it, boot it here") { target,
            fenceArguments, now, fence, noBoot, needed, all, force, accept };
        command.SetAction(async (parsed, cancellation) =>
        {
            WrongUsage.Refuse(parsed.GetValue(needed) && parsed.GetValue(all), "takeover: -u and -U exclude each other");
            WrongUsage.Refuse(
                parsed.GetValue(fence) is null && parsed.GetValue(fenceArguments) is { Length: > 0 },
                "takeover: one zone at a time; what follows -- is for the program that --fence names");
            string text = parsed.GetValue(target)!;
            (ShareUri? share, string name) = ValueChecks.IsUri(text) ? ShareUri.Parse(text).Split() : ((ShareUri?)null, text);
            TakeoverOptions options = new()
            {
                Now = parsed.GetValue(now),
                Fence = parsed.GetValue(fence) is { } program ? [program, .. parsed.GetValue(fenceArguments) ?? []] : null,
                Boot = !parsed.GetValue(noBoot),
                Update = parsed.GetValue(all) ? UpdateKind.All : parsed.GetValue(needed) ? UpdateKind.Needed : UpdateKind.None,
                Force = parsed.GetValue(force),
                Accept = parsed.GetValue(accept),
            };
            (ZoneHost host, Zone zone) = AttachCommands.Open("takeover", name);
            await Lifecycle.NoteAsync(host.Paths, name, "takeover", () => zone.TakeOverAsync(share, options, cancellation));
            return 0;
        });
        return command;
    }
}
