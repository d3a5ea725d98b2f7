namespace Lofizone.Runtime;

/// <summary>
/// The escape of zlogin(1) -C: <c>~.</c> at the start of a line disconnects, and <c>~~</c> types one tilde. The typed bytes may be divided
/// into reads at any place.
/// </summary>
public sealed class ConsoleEscape
{
    private const byte Tilde = (byte)'~';

    private bool _atLineStart = true;
    private bool _pendingTilde;

    /// <summary>Takes typed bytes, and appends the bytes for the zone to <paramref name="forZone"/>.</summary>
    /// <returns>True when the user wants to disconnect; bytes after the escape are dropped.</returns>
    public bool Take(ReadOnlySpan<byte> typed, List<byte> forZone)
    {
        foreach (byte value in typed)
        {
            if (_pendingTilde)
            {
                _pendingTilde = false;
                if (value == '.')
                    return true;
                forZone.Add(Tilde);
                _atLineStart = false;
                if (value == Tilde)
                    continue;
            }
            else if (_atLineStart && value == Tilde)
            {
                _pendingTilde = true;
                continue;
            }

            forZone.Add(value);
            _atLineStart = value is (byte)'\r' or (byte)'\n';
        }

        return false;
    }
}
