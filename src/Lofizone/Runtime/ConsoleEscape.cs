namespace Lofizone.Runtime;

/// <summary>
/// The escape of zlogin(1): <c>~.</c> at the start of a line disconnects, and <c>~~</c> types one tilde. The typed bytes may be divided
/// into reads at any place.
/// </summary>
/// <param name="key">The key in the place of the tilde; null for no escape.</param>
public sealed class ConsoleEscape(byte? key = ConsoleEscape.Tilde)
{
    public const byte Tilde = (byte)'~';

    private bool _atLineStart = true;
    private bool _pending;

    /// <summary>Takes typed bytes, and appends the bytes for the zone to <paramref name="forZone"/>.</summary>
    /// <returns>True when the user wants to disconnect; bytes after the escape are dropped.</returns>
    public bool Take(ReadOnlySpan<byte> typed, List<byte> forZone)
    {
        foreach (byte value in typed)
        {
            if (_pending)
            {
                _pending = false;
                if (value == '.')
                    return true;
                forZone.Add(key!.Value);
                _atLineStart = false;
                if (value == key)
                    continue;
            }
            else if (_atLineStart && value == key)
            {
                _pending = true;
                continue;
            }

            forZone.Add(value);
            _atLineStart = value is (byte)'\r' or (byte)'\n';
        }

        return false;
    }
}
