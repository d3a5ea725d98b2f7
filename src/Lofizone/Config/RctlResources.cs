using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Lofizone.Config;

/// <summary>
/// Resource <c>rctl</c>: Solaris's general spelling of limits (resource_controls(7)), another view of the properties that have a name of
/// their own. Configurations and drivers that were written for Solaris use it.
/// </summary>
internal static partial class RctlResources
{
    private const string Form = "(priv=privileged,limit=<number>,action=deny)";

    /// <summary>zone.cpu-cap counts hundredths of a CPU.</summary>
    private const decimal CapOfCpu = 100;

    /// <summary>The known controls, each with the property of the zone, or resource and property, that it stands for.</summary>
    private static readonly Control[] _controls =
    [
        Of("zone.cpu-shares", GlobalProperties.CpuShares, "none"),
        Of("zone.max-lwps", GlobalProperties.MaxLwps),
        Of("zone.max-processes", GlobalProperties.MaxProcessesProperty),
        Of("zone.max-msg-ids", GlobalProperties.MaxMsgIds),
        Of("zone.max-sem-ids", GlobalProperties.MaxSemIds),
        Of("zone.max-shm-ids", GlobalProperties.MaxShmIds),
        Of("zone.max-shm-memory", GlobalProperties.MaxShmMemory) with { Show = Bytes, Read = ByteText },
        Of("zone.max-physical-memory", ResourceTypes.CappedMemory, "physical") with { Show = Bytes, Read = ByteText },
        Of("zone.max-swap", ResourceTypes.CappedMemory, "swap") with { Show = Bytes, Read = ByteText },
        Of("zone.max-locked-memory", ResourceTypes.CappedMemory, "locked") with { Show = Bytes, Read = ByteText },
        Of("zone.cpu-cap", ResourceTypes.CappedCpu, "ncpus") with
        {
            Show = cpus => (decimal.Parse(cpus, CultureInfo.InvariantCulture) * CapOfCpu).ToString("0", CultureInfo.InvariantCulture),
            Read = cap => (cap / CapOfCpu).ToString("0.##", CultureInfo.InvariantCulture),
        },
    ];

    public static ResourceType Type { get; } = new(
        "rctl",
        "Solaris's general spelling of a limit: another view of the property that has the limit's name.\nThe only privilege is privileged; "
        + "the action is deny, or none for zone.cpu-shares.",
        [
            new("name", ValueKind.OneOf([.. _controls.Select(c => c.Name)]), "name of the limit") { Required = true,
                Change = ChangeTime.Live },
            new("value", new ValueKind(Form, ValueFault, "(priv=privileged,limit=100,action=deny)") { TakesLists = true }, "the limit")
            {
                Required = true,
                Change = ChangeTime.Live,
            },
        ],
        config => [.. _controls.Select(c => (Control: c, Value: c.Get(config))).Where(p => p.Value is not null)
            .Select(p => ImmutableDictionary<string,
                string>.Empty.Add("name", p.Control.Name).Add("value", Value(p.Control.Show(p.Value!), p.Control.Action)))],
        With)
    {
        IsView = true,
    };

    private static ZoneConfig With(ZoneConfig config, ImmutableList<ImmutableDictionary<string, string>> list)
    {
        foreach (Control control in _controls)
        {
            string? value = list.LastOrDefault(v => v["name"] == control.Name)?["value"];
            if (value is null)
                config = control.Set(config, null);
            else if (value != Type.Get(config).FirstOrDefault(v => v["name"] == control.Name)?["value"])
                config = control.Set(config, Limit(control, value));
        }

        return config;
    }

    private static string Limit(Control control, string value)
    {
        Match match = ValuePattern().Match(value);
        if (match.Groups["action"].Value != control.Action)
            throw new LofizoneException(
                $"rctl: {control.Name}: its action is {control.Action}: Linux has no other",
                    $"set value=(priv=privileged,limit=...,action={control.Action})");
        return control.Property.Read(
            control.Read(decimal.Parse(match.Groups["limit"].Value, NumberStyles.None, CultureInfo.InvariantCulture)),
                $"rctl: {control.Name}: ");
    }

    private static string Value(string limit, string action) => $"(priv=privileged,limit={limit},action={action})";

    private static string? ValueFault(string value) =>
        ValuePattern().IsMatch(value) ? null : $"'{SafeText.Text(value)}' is no limit: write {Form}";

    private static string Bytes(string size) => ByteSize.TryParse(size)!.Value.ToString(CultureInfo.InvariantCulture);

    private static string ByteText(decimal bytes) =>
        bytes <= long.MaxValue ? ByteSize.Format((long)bytes) : bytes.ToString(CultureInfo.InvariantCulture);

    private static Control Of(string name, GlobalProperty property, string action = "deny") => new(
        name, property, action, property.Get, (c, v) => v is null ? property.Clear!(c) : property.With(c, v));

    private static Control Of(string name, ResourceType type, string property) => new(
        name, type.Property(property), "deny", c => type.Get(c).FirstOrDefault()?.GetValueOrDefault(property), (c, v) =>
        {
            ImmutableDictionary<string, string> values = type.Get(c).FirstOrDefault() ?? ImmutableDictionary<string, string>.Empty;
            values = v is null ? values.Remove(property) : values.SetItem(property, v);
            return type.With(c, values.IsEmpty ? [] : [values]);
        });

    // A number of at most 18 digits fits every limit.
    [GeneratedRegex(@"^\(priv=privileged,limit=(?<limit>[0-9]{1,18}),action=(?<action>deny|none)\)$")]
    private static partial Regex ValuePattern();

    /// <param name="Name">Name of the control.</param>
    /// <param name="Property">The property that the control stands for.</param>
    /// <param name="Action">The one action that the limit has on Linux.</param>
    /// <param name="Get">The property's value in a configuration; null when it is not set.</param>
    /// <param name="Set">The configuration with a value of the property; null clears it.</param>
    private sealed record Control(
        string Name, Property Property, string Action, Func<ZoneConfig, string?> Get, Func<ZoneConfig, string?, ZoneConfig> Set)
    {
        /// <summary>The limit for a value of the property.</summary>
        public Func<string, string> Show { get; init; } = value => value;

        /// <summary>The value of the property for a limit.</summary>
        public Func<decimal, string> Read { get; init; } = limit => limit.ToString(CultureInfo.InvariantCulture);
    }
}
