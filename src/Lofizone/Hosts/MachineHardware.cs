using Lofizone.Basics;

namespace Lofizone.Hosts;

/// <summary>
/// Distinguishes this machine from another machine that was started from a copy of its disk, by the firmware's UUID and the addresses of
/// the network interfaces.
/// </summary>
internal static class MachineHardware
{
    private const string ProductUuid = "/sys/class/dmi/id/product_uuid";
    private const string Interfaces = "/sys/class/net";
    private const int DigestBytes = 8;

    /// <summary>Digest of all known hardware, hexadecimal. Empty when neither part is known, as in a container.</summary>
    public static string Digest() =>
        Digest(
            Text(ProductUuid),
            Directory.Exists(Interfaces)
                ? Directory.EnumerateDirectories(Interfaces).Where(IsHardware).Select(i => Text(Path.Combine(i, "address")))
                : []);

    /// <param name="uuid">The firmware's UUID; empty when there is none.</param>
    /// <param name="addresses">Addresses of the network interfaces, in any order. Empty addresses are ignored.</param>
    internal static string Digest(string uuid, IEnumerable<string> addresses)
    {
        string[] known = [.. addresses.Append(uuid).Where(word => word.Length > 0).Order(StringComparer.Ordinal)];
        return known.Length == 0
            ? ""
            : Convert.ToHexStringLower(Digests.Sha256(string.Join('\n', known)).AsSpan(0, DigestBytes));
    }

    /// <summary>Tells whether an interface is hardware. Bridges, veths and the like have no device behind them, and come and go.</summary>
    private static bool IsHardware(string directory) => Directory.Exists(Path.Combine(directory, "device"));

    private static string Text(string file)
    {
        try
        {
            return File.Exists(file) ? File.ReadAllText(file).Trim() : "";
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The file has vanished, or this user may not read it.
            return "";
        }
    }
}
