using Lofizone.Cli.Output;
using Lofizone.Logs;
using Lofizone.Zones;

namespace Lofizone.Cli.Verbs;

/// <summary>
/// The table of operations on one zone. <c>zone VERB NAME</c> and <c>zoneadm -z NAME VERB</c> are two parsers of this table, so an added
/// operation is in both.
/// </summary>
/// <param name="Name">The verb.</param>
/// <param name="Summary">One line for the help.</param>
/// <param name="Force">Effect of -F; null when the verb has no -F.</param>
/// <param name="Run">Runs the operation.</param>
internal sealed record ZoneVerb(string Name, string Summary, string? Force, Func<Zone, bool, CancellationToken, Task> Run)
{
    /// <summary>True for a verb that starts the zone. <c>zone</c> can then wait until the zone is up.</summary>
    public bool Boots { get; private init; }

    public static IReadOnlyList<ZoneVerb> All { get; } =
    [
        new(
            "verify", "check that the zone can be installed and booted here", null,
            (zone, _, cancellation) => zone.VerifyAsync(cancellation)),
        new("install", "make the zone's root", null, (zone, _, cancellation) => zone.InstallAsync(cancellation)),
        new("boot", "boot the zone", null, (zone, _, cancellation) => zone.BootAsync(cancellation)) { Boots = true },
        new(
            "halt", "shut the zone down, and kill it when that takes too long", "kill at once, and don't wait for a dead server",
            (zone, force, cancellation) => zone.HaltAsync(force, cancellation)),
        new("reboot", "halt and boot the zone", null, (zone, _, cancellation) => zone.RebootAsync(cancellation)) { Boots = true },
        new("uninstall", "remove the zone's root for good", "don't ask", UninstallAsync),
    ];

    /// <summary>Runs the verb as a user's command: for root only, with progress on the console.</summary>
    public async Task<int> RunAsync(string zone, bool force, CancellationToken cancellation)
    {
        Root.Require($"{Name} {zone}");
        ZoneHost host = ZoneHost.FromEnvironment();
        await Lifecycle.NoteAsync(
            host.Paths, zone, Name, () => Run(new Zone(host, zone, ConsoleReporter.Of(host, zone)), force, cancellation));
        return 0;
    }

    private static async Task UninstallAsync(Zone zone, bool force, CancellationToken cancellation)
    {
        if (await Confirm.AskAsync($"Are you sure you want to uninstall zone {zone.Name}", "uninstall", force, cancellation))
            await zone.UninstallAsync(cancellation);
    }
}
