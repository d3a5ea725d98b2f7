namespace Lofizone.Install.State;

/// <summary>
/// A zone's host name inside the zone. A zone's name may hold characters that no host name does (hostname(7): letters, digits and '-' in
/// labels between dots). An init that repairs such a name by itself, as systemd does, would leave a host that can't resolve its own name.
/// </summary>
internal static class ZoneHostName
{
    /// <summary>The zone's name with '-' for '_', and without labels that are empty or that begin or end with '-'.</summary>
    public static string Of(string zone) =>
        string.Join('.', zone.Replace('_', '-').Split('.').Select(label => label.Trim('-')).Where(label => label.Length > 0));

    /// <summary>The names of the zone's own address in /etc/hosts: the host name, and the zone's name if it differs.</summary>
    public static string InHosts(string zone) => Of(zone) == zone ? zone : $"{Of(zone)} {zone}";
}
