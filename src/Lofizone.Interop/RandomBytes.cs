using System.Runtime.InteropServices;

namespace Lofizone.Interop;

/// <summary>Random bytes of the kernel, getrandom(2). They are fit for secrets, and need no library in the process.</summary>
public static partial class RandomBytes
{
    /// <exception cref="LinuxException">The kernel gave none.</exception>
    public static byte[] Get(int count)
    {
        byte[] bytes = new byte[count];
        int filled = 0;
        while (filled < count)
        {
            // Before the kernel has gathered enough randomness the call waits; a signal ends the wait.
            nint got = GetRandomNative(ref bytes[filled], count - filled, 0);
            if (got < 0 && Marshal.GetLastPInvokeError() != (int)Errno.EINTR)
                throw LinuxException.Last("getrandom");
            filled += (int)Math.Max(0, got);
        }

        return bytes;
    }

    public static ulong GetUInt64() => BitConverter.ToUInt64(Get(sizeof(ulong)));

    /// <summary>Random bytes as lower-case hexadecimal digits, two for each byte.</summary>
    public static string GetHex(int bytes) => Convert.ToHexStringLower(Get(bytes));

    [LibraryImport("libc", EntryPoint = "getrandom", SetLastError = true)]
    private static partial nint GetRandomNative(ref byte buffer, nint length, uint flags);
}
