using Lofizone.Shares;

namespace Lofizone.Doctor;

/// <summary>How a user gets at the device in a command that mends: it is there, or has to be attached first.</summary>
internal sealed record Hand(string Prefix, string Device)
{
    public static Hand OfDevice(string device) => new("", device);

    /// <summary>The device of the examination is gone when its advice is read.</summary>
    public static Hand OfImage(ShareUri image) => new($"DEVICE=$(lofiadm -a {image}) && ", "$DEVICE");

    /// <summary>Advice that speaks of a DEVICE.</summary>
    public string Text(string advice) => Prefix.Length == 0
        ? advice.Replace("DEVICE", Device, StringComparison.Ordinal)
        : $"{advice}, with {Prefix.TrimEnd(' ', '&')}";

    public string Command(string program) => $"{Prefix}{program} {Device}";
}
