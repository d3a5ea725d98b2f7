using System.CommandLine;
using Lofizone.Boot;
using Lofizone.Cli.Output;
using Lofizone.Logs;
using Lofizone.Zones;

namespace Lofizone.Cli.Verbs;

/// <summary>
/// The table of operations on one zone. <c>zone VERB NAME</c> and <c>zoneadm -z NAME VERB</c> are two parsers of this table, so an added
/// operation is in both. The few verbs whose meaning differs stand in <see cref="All"/> and <see cref="OfZoneadm"/>.
/// </summary>
/// <param name="Name">The verb.</param>
/// <param name="Summary">One line for the help.</param>
/// <param name="Run">Runs the operation.</param>
internal sealed record ZoneVerb(string Name, string Summary, Func<Zone, VerbOptions, CancellationToken, Task> Run)
{
    private static readonly ZoneVerb[] _common =
    [
        new("verify", "check that the zone can be installed and booted here", (zone, _, cancellation) => zone.VerifyAsync(cancellation)),
        new("install", "make the zone's root", (zone, _, cancellation) => zone.InstallAsync(cancellation)),
        new(
            "ready", "mount the zone's root and make its container, without a process in it",
            (zone, _, cancellation) => zone.ReadyAsync(cancellation)),
        new("boot", "boot the zone", (zone, options, cancellation) => zone.BootAsync(options.Arguments, cancellation)) { Boots = true },
        new("uninstall", "remove the zone's root for good", UninstallAsync) { Force = "don't ask" },
    ];

    /// <summary>Effect of -F; null when the verb has no -F.</summary>
    public string? Force { get; private init; }

    /// <summary>Effect of --now; null when the verb has no --now.</summary>
    public string? Now { get; private init; }

    /// <summary>Effect of -r; null when the verb has no -r.</summary>
    public string? Again { get; private init; }

    /// <summary>True for a verb that starts the zone. <c>zone</c> can then wait until the zone is up.</summary>
    public bool Boots { get; private init; }

    /// <summary>True for a verb that takes boot arguments.</summary>
    public bool TakesBootArguments => Boots || Again is not null;

    /// <summary>The verbs of <c>zone</c>, whose halt asks the zone to shut down.</summary>
    public static IReadOnlyList<ZoneVerb> All { get; } =
    [
        .. _common,
        new(
            "halt", "shut the zone down, and kill it when that takes too long",
            (zone, options, cancellation) => zone.HaltAsync(options.Mode, cancellation))
        {
            Force = "kill at once, and don't wait for a dead server",
            Now = "kill at once, without the zone's shutdown scripts",
        },
        new(
            "reboot", "halt and boot the zone",
            (zone, options, cancellation) => zone.RebootAsync(options.Mode, options.Arguments, cancellation))
        {
            Boots = true,
            Now = "without the zone's shutdown scripts",
        },
    ];

    /// <summary>The verbs of zoneadm(8), whose halt and reboot run no scripts of the zone.</summary>
    public static IReadOnlyList<ZoneVerb> OfZoneadm { get; } =
    [
        .. _common,
        new(
            "halt", "kill the zone's processes, without its shutdown scripts",
            (zone, options, cancellation) => zone.HaltAsync(options.Force ? HaltMode.Force : HaltMode.Now, cancellation))
        {
            Force = "don't wait for a dead server",
        },
        new("shutdown", "shut the zone down, and kill it when that takes too long", ShutdownAsync)
        {
            Again = "boot the zone again",
        },
        new(
            "reboot", "halt and boot the zone, without its shutdown scripts",
            (zone, options, cancellation) => zone.RebootAsync(HaltMode.Now, options.Arguments, cancellation)) { Boots = true },
    ];

    /// <summary>Runs the verb as a user's command: for root only, with progress on the console.</summary>
    public async Task<int> RunAsync(string zone, VerbOptions options, CancellationToken cancellation)
    {
        Root.Require($"{Name} {zone}");
        ZoneHost host = ZoneHost.FromEnvironment();
        await Lifecycle.NoteAsync(
            host.Paths, zone, Name, () => Run(new Zone(host, zone, ConsoleReporter.Of(host, zone)), options, cancellation));
        return 0;
    }

    private static Task ShutdownAsync(Zone zone, VerbOptions options, CancellationToken cancellation) => options.Again
        ? zone.RebootAsync(HaltMode.Shutdown, options.Arguments, cancellation)
        : zone.HaltAsync(HaltMode.Shutdown, cancellation);

    private static async Task UninstallAsync(Zone zone, VerbOptions options, CancellationToken cancellation)
    {
        if (await Confirm.AskAsync($"Are you sure you want to uninstall zone {zone.Name}", "uninstall", options.Force, cancellation))
            await zone.UninstallAsync(cancellation);
    }
}
