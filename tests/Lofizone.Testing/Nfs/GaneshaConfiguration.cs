using System.Globalization;
using System.Text.RegularExpressions;
using Lofizone.Testing.Hosts;

namespace Lofizone.Testing.Nfs;

/// <summary>
/// Writes a server's configuration file from <c>scripts/ganesha.conf.in</c>, which is also the source for the scripts' servers.
/// </summary>
internal static partial class GaneshaConfiguration
{
    public static string Render(GaneshaOptions options, int port, string exportDirectory, string recoveryDirectory)
    {
        string access = $"Access_Type = {(options.ReadWrite ? "RW" : "RO")};";
        Dictionary<string, string> values = new()
        {
            ["ADDRESS"] = options.BindAddress ?? options.Address,
            ["PORT"] = port.ToString(CultureInfo.InvariantCulture),
            ["MINORS"] = string.Join(',', options.MinorVersions),
            ["LEASE"] = options.LeaseSeconds.ToString(CultureInfo.InvariantCulture),
            ["GRACELESS"] = options.GraceSeconds is null ? "true" : "false",
            ["GRACE"] = (options.GraceSeconds ?? 1).ToString(CultureInfo.InvariantCulture),
            ["RECOVERY"] = recoveryDirectory,
            ["EXPORT"] = exportDirectory,
            ["PSEUDO"] = options.PseudoPath,
            ["ACCESS"] = options.Clients is null ? access : $"Access_Type = None; CLIENT {{ Clients = {options.Clients}; {access} }}",
            ["SQUASH"] = options.RootSquash ? "root_squash" : "no_root_squash",
            ["ANONYMOUS"] = options.AnonymousUid.ToString(CultureInfo.InvariantCulture),
            ["LOG"] = options.LogLevel,
        };
        IEnumerable<string> template = File.ReadLines(Path.Combine(HostCleanup.RepositoryRoot(), "scripts", "ganesha.conf.in"))
            .Where(line => !line.StartsWith('#'));
        return Places().Replace(
            string.Join('\n', template) + "\n",
            place => values.TryGetValue(place.Groups["name"].Value, out string? value) ? value
                : place.Groups["default"] is { Success: true } stated ? stated.Value
                : throw new InvalidOperationException($"ganesha.conf.in: {place.Value} has no value"));
    }

    [GeneratedRegex("@(?<name>[A-Z]+)(=(?<default>[^@]*))?@")]
    private static partial Regex Places();
}
