using Lofizone.Shares;

namespace Lofizone.Doctor;

/// <summary>The way by which a user reaches the device in a repair command: the device exists, or must be attached first.</summary>
internal sealed record DeviceReach(string Prefix, string Device)
{
    public static DeviceReach OfDevice(string device) => new("", device);

    /// <summary>For an image: the device of the examination is gone when the user reads the advice.</summary>
    public static DeviceReach OfImage(ShareUri image) => new($"DEVICE=$(lofiadm -a {image}) && ", "$DEVICE");

    /// <summary>Completes an advice that speaks of a DEVICE.</summary>
    public string Text(string advice) => Prefix.Length == 0
        ? advice.Replace("DEVICE", Device, StringComparison.Ordinal)
        : $"{advice}, with {Prefix.TrimEnd(' ', '&')}";

    public string Command(string program) => $"{Prefix}{program} {Device}";
}
