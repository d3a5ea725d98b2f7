using System.CommandLine;
using Lofizone.Cli.Output;
using Lofizone.Cli.Usage;
using Lofizone.Install.Update;
using Lofizone.Logs;
using Lofizone.Shares;
using Lofizone.Zones;

namespace Lofizone.Cli.Verbs;

/// <c>zone detach NAME</c> and <c>zone attach NAME|URI</c>, and the same commands as <c>zoneadm -z NAME detach|attach</c>, with the options
/// of zoneadm(8).
internal static class AttachCommands
{
    /// <summary>Makes the command detach. The zone is named by an argument of the command, or by <paramref name="selector"/>.</summary>
    public static Command CreateDetach(ZoneSelector? selector = null)
    {
        Argument<string> argument = new Argument<string>("NAME") { Description = "the zone" }.Checked(ValueChecks.Zone);
        Option<bool> dry = new("-n") { Description = "change nothing; print the manifest" };
        Option<bool> force = new("-F") { Description = "without looking into the image, which may be damaged" };
        Command command = new("detach", "give the zone away: its files stay on the share, for any host to attach") { dry, force };
        Name(command, argument, selector);
        command.SetAction(async (parsed, cancellation) =>
        {
            (ZoneHost host, Zone zone) = Open("detach", Zone(parsed, argument, selector));
            bool noExecute = parsed.GetValue(dry);
            byte[]? manifest = await NoteAsync(
                host, zone, noExecute ? null : "detach", () => zone.DetachAsync(noExecute, parsed.GetValue(force), cancellation));
            if (manifest is not null)
                Console.WriteLine(Failure.Safe(System.Text.Encoding.UTF8.GetString(manifest)));
            return 0;
        });
        return command;
    }

    /// <summary>Makes the command attach. <c>zone attach</c> also takes a URI.</summary>
    public static Command CreateAttach(ZoneSelector? selector = null)
    {
        Argument<string> argument = new Argument<string>("NAME|URI")
        {
            Description = "a zone of this host; or SHARE/NAME, a zone that this host need not know",
        }
            .Checked(ValueChecks.ZoneOrUri);
        Option<bool> dry = new("-n") { Description = "change nothing; say whether the zone could be attached" };
        Option<bool> needed = new("-u") { Description = "update the packages that must match this system's" };
        Option<bool> all = new("-U") { Description = "update all packages that this system has" };
        Option<bool> force = new("-F") { Description = "whatever its packages are, and whichever host it is installed on" };
        Option<string?> zonePath = new Option<string?>("--zonepath")
        {
            Description = "with a URI: where the image is mounted",
            HelpName = "PATH",
        }
            .Checked(ValueChecks.ZonePath);
        Option<bool> accept = new("--accept")
        {
            Description = "with a URI: accept what the zone's configuration on the share asks of this host",
        };
        Command command = new(
            "attach", "take a zone that was detached: compare its packages with this system's, and install it here") { needed, all, force };
        SolarisAttach solaris = new();
        if (selector is not null)
        {
            solaris.AddTo(command);
        }
        else
        {
            command.Options.Add(dry);
            command.Options.Add(zonePath);
            command.Options.Add(accept);
        }

        Name(command, argument, selector);
        command.SetAction(async (parsed, cancellation) =>
        {
            string target = Zone(parsed, argument, selector);
            WrongUsage.Refuse(parsed.GetValue(needed) && parsed.GetValue(all), "attach: -u and -U exclude each other");
            WrongUsage.Refuse(
                selector is null && parsed.GetValue(zonePath) is not null && !ValueChecks.IsUri(target),
                "attach: --zonepath needs a URI; the zonepath of a zone of this host is set by zonecfg");
            AttachOptions options = new()
            {
                NoExecute = selector is null && parsed.GetValue(dry),
                Force = parsed.GetValue(force),
                Update = parsed.GetValue(all) ? UpdateKind.All : parsed.GetValue(needed) ? UpdateKind.Needed : UpdateKind.None,
                ZonePath = selector is null ? parsed.GetValue(zonePath) : null,
                Accept = selector is null && parsed.GetValue(accept),
            };
            (ShareUri? share, string name) = ValueChecks.IsUri(target) ? ShareUri.Parse(target).Split() : ((ShareUri?)null, target);
            (ZoneHost host, Zone zone) = Open("attach", name);
            if (selector is not null && await solaris.TryRunAsync(parsed, host, zone, options, cancellation))
                return 0;
            return await NoteAsync(host, zone, options.NoExecute ? null : "attach", async () =>
            {
                await (share is null ? zone.AttachAsync(options, cancellation) : zone.AttachFromAsync(share, options, cancellation));
                return 0;
            });
        });
        return command;
    }

    private static void Name(Command command, Argument<string> argument, ZoneSelector? selector)
    {
        if (selector is null)
            command.Arguments.Add(argument);
    }

    private static string Zone(ParseResult parsed, Argument<string> argument, ZoneSelector? selector) =>
        selector is null ? parsed.GetValue(argument)! : selector.Require(parsed);

    internal static (ZoneHost Host, Zone Zone) Open(string verb, string name)
    {
        Root.Require($"{verb} {name}");
        ZoneHost host = ZoneHost.FromEnvironment();
        return (host, new Zone(host, name, ConsoleReporter.Of(host, name)));
    }

    /// <summary>Notes the outcome in the host's log. A command that changes nothing (null) is not noted.</summary>
    internal static Task<T> NoteAsync<T>(ZoneHost host, Zone zone, string? what, Func<Task<T>> run) =>
        what is null ? run() : Lifecycle.NoteAsync(host.Paths, zone.Name, what, run);
}
