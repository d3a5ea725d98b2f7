using System.CommandLine;
using Lofizone.Cli.Usage;
using Lofizone.Config;
using Lofizone.Zones;

namespace Lofizone.Cli.Verbs;

/// <summary>
/// The options that name the zone of a zoneadm command: <c>-z ZONE</c>, and before the command <c>-u UUID</c>. The zone with the UUID
/// counts, and the zone with the name when this host has no zone with the UUID (zoneadm(8)).
/// </summary>
internal sealed class ZoneSelector
{
    private readonly Option<string?> _name = new Option<string?>("-z", "--zone")
    {
        Description = "the zone",
        HelpName = "ZONE",
        Recursive = true,
    }
        .Checked(name => name == ZoneName.Global ? null : ValueChecks.Zone(name));

    private readonly Option<string?> _uuid = new Option<string?>("-u")
    {
        Description = "the zone with this UUID, whatever its name; the zone of -z when there is none",
        HelpName = "UUID",
    }
        .Checked(text => Guid.TryParseExact(text, "D", out _) ? null : $"{SafeText.Text(text)}: is no UUID");

    public void AddTo(RootCommand root)
    {
        root.Options.Add(_name);
        root.Options.Add(_uuid);
    }

    public bool IsGiven(ParseResult parsed) => parsed.GetValue(_name) is not null || parsed.GetValue(_uuid) is not null;

    /// <summary>The zone's name; null when no option names a zone.</summary>
    /// <exception cref="LofizoneException">No zone has the UUID, and there is no name.</exception>
    public string? Selected(ParseResult parsed)
    {
        string? name = parsed.GetValue(_name);
        if (parsed.GetValue(_uuid) is not { } text)
            return name;
        Guid uuid = Guid.ParseExact(text, "D");
        // A zone whose record can't be read has no UUID. 'zone list' tells of such a zone.
        return ZoneHost.FromEnvironment().All(_ => { }).FirstOrDefault(z => z.Record.Config.Uuid == uuid)?.Name ?? name
            ?? throw new LofizoneException($"no zone of this host has the UUID {uuid}", "zoneadm list -cp shows the UUIDs");
    }

    /// <summary>The zone's name, for a command that needs a zone of this host.</summary>
    public string Require(ParseResult parsed)
    {
        string verb = parsed.CommandResult.Command.Name;
        WrongUsage.Refuse(!IsGiven(parsed), $"{verb}: name the zone: zoneadm -z ZONE {verb}");
        return Selected(parsed)!;
    }
}
