using System.Runtime.InteropServices;

namespace Lofizone.Interop;

/// <summary>struct winsize of asm-generic/termios.h.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct WindowSize
{
    public ushort Rows;
    public ushort Columns;
    public ushort PixelsX;
    public ushort PixelsY;
}

/// <summary>Terminal attributes: raw mode and its end, window size (termios(3), ioctl_tty(2)).</summary>
public static unsafe partial class Terminal
{
    private const int SetNow = 0;
    private const nuint GetWindowSize = 0x5413;
    private const nuint SetWindowSize = 0x5414;
    private const nuint GetSlaveNumber = 0x80045430;

    /// <summary>Room for struct termios, bytes; glibc's struct has 60 bytes.</summary>
    private const int AttributesBytes = 256;

    /// <summary>True when the descriptor is a terminal.</summary>
    public static bool Is(int descriptor)
    {
        byte* attributes = stackalloc byte[AttributesBytes];
        return GetAttributesNative(descriptor, attributes) == 0;
    }

    /// <summary>
    /// Has every key go through at once and unchanged, until the result is disposed. Null when the descriptor is not a terminal.
    /// </summary>
    public static IDisposable? EnterRawMode(int descriptor)
    {
        byte[] before = new byte[AttributesBytes];
        fixed (byte* saved = before)
        {
            if (GetAttributesNative(descriptor, saved) != 0)
                return null;
        }

        byte* raw = stackalloc byte[AttributesBytes];
        before.CopyTo(new Span<byte>(raw, AttributesBytes));
        MakeRawNative(raw);
        LinuxException.Check(SetAttributesNative(descriptor, SetNow, raw), "tcsetattr");
        return new Saved(descriptor, before);
    }

    /// <summary>Rows and columns. Null when the descriptor is not a terminal, or the terminal has no size.</summary>
    public static WindowSize? Size(int descriptor)
    {
        WindowSize size = default;
        return IoctlNative(descriptor, GetWindowSize, &size) == 0 && size is { Rows: > 0, Columns: > 0 } ? size : null;
    }

    /// <summary>True when the descriptor is the master of a pseudoterminal.</summary>
    public static bool IsMaster(int descriptor) => NumberOf(descriptor) is not null;

    /// <summary>The number of a pseudoterminal by its master (TIOCGPTN); null when the descriptor is no master.</summary>
    public static int? NumberOf(int descriptor)
    {
        // The call writes an int, which is half of the struct.
        WindowSize number = default;
        return IoctlNative(descriptor, GetSlaveNumber, &number) == 0 ? number.Rows | (number.Columns << 16) : null;
    }

    /// <summary>Sets a terminal's size. The terminal's foreground processes get SIGWINCH.</summary>
    public static void Resize(int descriptor, WindowSize size) => _ = IoctlNative(descriptor, SetWindowSize, &size);

    [LibraryImport("libc", EntryPoint = "tcgetattr", SetLastError = true)]
    private static partial int GetAttributesNative(int descriptor, byte* attributes);

    [LibraryImport("libc", EntryPoint = "tcsetattr", SetLastError = true)]
    private static partial int SetAttributesNative(int descriptor, int when, byte* attributes);

    [LibraryImport("libc", EntryPoint = "cfmakeraw", SetLastError = true)]
    private static partial void MakeRawNative(byte* attributes);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int IoctlNative(int descriptor, nuint request, WindowSize* size);

    private sealed class Saved(int descriptor, byte[] attributes) : IDisposable
    {
        public void Dispose()
        {
            fixed (byte* before = attributes)
                _ = SetAttributesNative(descriptor, SetNow, before);
        }
    }
}
