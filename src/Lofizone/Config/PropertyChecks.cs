using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Lofizone.Config;

/// <summary>
/// Rules for the value of one property. Each check returns null, or the fault in words that fit behind "PROPERTY: ". The checks run when a
/// property is set, when a configuration is verified, and on everything that is read from a share.
/// </summary>
public static class PropertyChecks
{
    /// <summary>Longest zonepath (MAXPATHLEN of Solaris), in bytes.</summary>
    public const int MaxZonePathBytes = 1024;

    /// <summary>The text in a user's zonepath that stands for the zone's name, as in zonecfg(8) of Solaris 11.</summary>
    public const string ZoneNameToken = "%{zonename}";

    /// <summary>Longest interface name, bytes (IFNAMSIZ of linux/if.h without the closing zero).</summary>
    public const int MaxInterfaceNameBytes = 15;

    /// <summary>Longest value of any other property, in characters.</summary>
    public const int MaxValueLength = 4096;

    /// <summary>Smallest image, bytes. A file system with a journal makes no sense in a smaller one.</summary>
    public const long MinImageSizeBytes = 16L << 20;

    /// <summary>Largest image, bytes: far above the largest file of any share's file system.</summary>
    public const long MaxImageSizeBytes = 1L << 50;

    /// <summary>Unit of an image's size, bytes: images are whole 4 KiB sectors.</summary>
    public const long ImageSizeUnitBytes = 4096;

    /// <summary>File systems that an image can hold.</summary>
    public static IReadOnlyList<string> FsTypes { get; } = ["ext4", "xfs", "btrfs"];

    /// <summary>Types of an attr's value.</summary>
    public static IReadOnlyList<string> AttrTypes { get; } = ["string", "boolean", "int", "uint"];

    public static string? Text(string value)
    {
        if (value.Length > MaxValueLength)
            return $"it has {value.Length} characters, at most {MaxValueLength} are allowed";
        for (int i = 0; i < value.Length; i++)
        {
            if (char.IsSurrogatePair(value, i))
                i++;
            else if (!SafeText.IsSafe(value[i]))
                return "it holds a control character";
        }

        return null;
    }

    public static string? ZonePath(string path)
    {
        if (Text(path) is { } problem)
            return problem;
        if (!path.StartsWith('/'))
            return $"'{SafeText.Text(path)}' is not an absolute path";
        if (path == "/")
            return "'/' is the root of the global zone";
        if (Encoding.UTF8.GetByteCount(path) > MaxZonePathBytes)
            return $"the path is longer than {MaxZonePathBytes} bytes";
        if (path.Contains(ZoneNameToken, StringComparison.Ordinal))
            return $"it holds {ZoneNameToken}, which no directory's name may";
        string[] names = path[1..].Split('/');
        if (names.Any(n => n is "." or ".."))
            return $"'{SafeText.Text(path)}' holds '.' or '..'";
        if (names.Any(n => n.Length == 0))
            return $"'{SafeText.Text(path)}' holds an empty name: write it without '//' and without a '/' at the end";
        return names.Any(n => Encoding.UTF8.GetByteCount(n) > 255) ? "it holds a name over 255 bytes" : null;
    }

    /// <param name="known">Brands of this system; null accepts every well-formed name.</param>
    public static string? Brand(string brand, IReadOnlyCollection<string>? known)
    {
        bool wellFormed = brand.Length is > 0 and <= ZoneName.MaxLength && char.IsAsciiLetter(brand[0])
            && brand.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');
        if (!wellFormed || (known is not null && !known.Contains(brand)))
            return $"'{SafeText.Text(brand)}' is no known brand" + (known is null ? "" : $", this system has {string.Join(", ", known)}");
        return null;
    }

    public static string? Storage(string storage)
    {
        if (Text(storage) is { } problem)
            return problem;
        try
        {
            StorageText.Share(storage);
            return null;
        }
        catch (LofizoneException e)
        {
            return e.Message;
        }
    }

    public static string? ImageSize(long bytes)
    {
        if (bytes < MinImageSizeBytes)
            return $"{ByteSize.Format(bytes)} is too small, an image has at least {ByteSize.Format(MinImageSizeBytes)}";
        if (bytes > MaxImageSizeBytes)
            return $"{ByteSize.Format(bytes)} is too large, an image has at most {ByteSize.Format(MaxImageSizeBytes)}";
        return bytes % ImageSizeUnitBytes == 0 ? null : $"{bytes} is not a multiple of {ImageSizeUnitBytes} bytes";
    }

    public static string? FsType(string type) => OneOf(type, FsTypes);

    /// <summary>
    /// The kernel's rules for interface names (dev_valid_name in net/core/dev.c). A leading '-' is refused, too, because programs would
    /// take it for an option.
    /// </summary>
    public static string? Physical(string name)
    {
        if (name.Length == 0 || name is "." or "..")
            return $"'{name}' is no interface name";
        if (Encoding.UTF8.GetByteCount(name) > MaxInterfaceNameBytes)
            return $"'{SafeText.Text(name)}' is longer than {MaxInterfaceNameBytes} characters, which no interface name is";
        bool bad = name[0] == '-' || name.Any(c => c is '/' or ':' || char.IsWhiteSpace(c) || !SafeText.IsSafe(c));
        return bad ? $"'{SafeText.Text(name)}' is no interface name" : null;
    }

    public static string? Address(string address) => InterfaceAddress.Parse(address).Problem;

    public static string? DefRouter(string router) =>
        InterfaceAddress.ParseHost(router) is not null ? null
        : router.Contains('/') ? $"'{SafeText.Text(router)}' has a prefix length: write the router's address alone"
        : $"'{SafeText.Text(router)}' is no IPv4 or IPv6 address";

    /// <summary>Checks that a router can be reached from an address.</summary>
    public static string? RouterOf(InterfaceAddress address, IPAddress router)
    {
        if (router.AddressFamily != address.Address.AddressFamily)
            return $"{router} and address {address.Address} are not of the same family";
        if (router.Equals(address.Address))
            return $"{router} is the zone's own address";
        bool linkLocal = router.AddressFamily == AddressFamily.InterNetworkV6 && router.IsIPv6LinkLocal;
        return linkLocal || address.Reaches(router)
            ? null
            : $"{router} is not in the network of address {address.Address}/{address.PrefixLength}, so the zone could not reach it";
    }

    public static string? AttrName(string name)
    {
        if (name.Length is 0 or > 255 || !char.IsAsciiLetterOrDigit(name[0])
            || name.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_' or '.')))
            return $"'{SafeText.Text(name)}' is no attribute name: it starts with a letter or digit and goes on with letters, digits, "
                + "'-', '_' and '.'";
        return name.StartsWith("zone", StringComparison.Ordinal)
            ? $"'{SafeText.Text(name)}' is reserved: attribute names that start with 'zone' are the system's"
            : null;
    }

    public static string? AttrType(string type) => OneOf(type, AttrTypes);

    public static string? AttrValue(string type, string value)
    {
        const NumberStyles Signed = NumberStyles.AllowLeadingSign;
        CultureInfo culture = CultureInfo.InvariantCulture;
        return type switch
        {
            "boolean" when value is not ("true" or "false") => $"'{SafeText.Text(value)}' is not true or false",
            "int" when !long.TryParse(value, Signed, culture, out _) => $"'{SafeText.Text(value)}' is no integer",
            "uint" when !ulong.TryParse(value, NumberStyles.None, culture, out _) => $"'{SafeText.Text(value)}' is no unsigned integer",
            "string" when value.Length == 0 => "it is empty",
            _ => Text(value),
        };
    }

    internal static string? OneOf(string value, IReadOnlyList<string> values) =>
        values.Contains(value) ? null : $"'{SafeText.Text(value)}' is none of {string.Join(", ", values)}";
}
