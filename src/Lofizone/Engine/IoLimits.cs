using System.Globalization;

namespace Lofizone.Engine;

/// <summary>
/// The most that a device's users get in a second: of reads, and of writes as much again. 0 stands for no limit. Flushes are not counted.
/// </summary>
/// <param name="Operations">Requests in a second.</param>
/// <param name="Bytes">Bytes in a second.</param>
public readonly record struct IoLimits(long Operations, long Bytes)
{
    public bool IsNone => Operations <= 0 && Bytes <= 0;

    /// <summary>The limits as two words of a request to an engine.</summary>
    internal string Words => string.Create(CultureInfo.InvariantCulture, $"{Operations} {Bytes}");

    /// <summary>Null for words that are no limits.</summary>
    internal static IoLimits? TryParse(string operations, string bytes) =>
        long.TryParse(operations, NumberStyles.None, CultureInfo.InvariantCulture, out long most)
            && long.TryParse(bytes, NumberStyles.None, CultureInfo.InvariantCulture, out long size)
            ? new IoLimits(most, size)
            : null;
}
