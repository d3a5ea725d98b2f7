using System.CommandLine;
using Lofizone.Cli.Output;
using Lofizone.Cli.Usage;
using Lofizone.Logs;
using Lofizone.Zones;

namespace Lofizone.Cli.Verbs;

/// <c>zone delete NAME</c>: removes root, image and configuration.
internal static class DeleteCommand
{
    public static Command Create()
    {
        Argument<string> name = new Argument<string>("NAME") { Description = "the zone; it must not be running" }.Checked(ValueChecks.Zone);
        Option<bool> force = new("--force", "-F") { Description = "don't ask" };
        Option<bool> forget = new("--forget")
        {
            Description = "remove the configuration only; what is on the share stays (for a share that is gone)",
        };
        Command command = new("delete", "remove a zone for good: its image on the share and its configuration") { name, force, forget };
        command.SetAction(async (parsed, cancellation) =>
        {
            string zone = parsed.GetValue(name)!;
            Root.Require($"delete {zone}");
            ZoneHost host = ZoneHost.FromEnvironment();
            host.Require(zone);
            bool keep = parsed.GetValue(forget);
            string question = keep
                ? $"Are you sure you want to forget zone {zone}"
                : $"Are you sure you want to delete zone {zone} and everything in it";
            if (!await Confirm.AskAsync(question, "delete", parsed.GetValue(force), cancellation))
                return 0;
            Zone target = new(host, zone, ConsoleReporter.Of(host, zone));
            await Lifecycle.NoteAsync(
                host.Paths, zone, keep ? "delete --forget" : "delete",
                () => keep ? target.ForgetAsync(cancellation) : target.DeleteAsync(cancellation));
            return 0;
        });
        return command;
    }
}
