using System.Security.Cryptography;
using System.Text;

namespace Lofizone.Hosts;

/// <summary>
/// What tells this machine from another one that was started from a copy of its disk: its firmware's UUID and its network interfaces'
/// addresses.
/// </summary>
internal static class MachineHardware
{
    private const string ProductUuid = "/sys/class/dmi/id/product_uuid";
    private const string Interfaces = "/sys/class/net";
    private const int DigestBytes = 8;

    /// <summary>Digest of all that is known of it, hexadecimal; empty when there is neither, as in a container.</summary>
    public static string Digest() =>
        Digest(
            Text(ProductUuid),
            Directory.Exists(Interfaces)
                ? Directory.EnumerateDirectories(Interfaces).Where(IsHardware).Select(i => Text(Path.Combine(i, "address")))
                : []);

    /// <param name="uuid">Of the firmware; empty when it has none.</param>
    /// <param name="addresses">Of the network interfaces, in any order; those that are empty tell nothing.</param>
    internal static string Digest(string uuid, IEnumerable<string> addresses)
    {
        string[] known = [.. addresses.Append(uuid).Where(word => word.Length > 0).Order(StringComparer.Ordinal)];
        return known.Length == 0
            ? ""
            : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', known))).AsSpan(0, DigestBytes));
    }

    /// <summary>Bridges, veths and the like have no device behind them, and come and go.</summary>
    private static bool IsHardware(string directory) => Directory.Exists(Path.Combine(directory, "device"));

    private static string Text(string file)
    {
        try
        {
            return File.Exists(file) ? File.ReadAllText(file).Trim() : "";
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Gone meanwhile, or not for this user.
            return "";
        }
    }
}
