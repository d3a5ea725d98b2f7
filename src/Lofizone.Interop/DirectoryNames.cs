using System.Runtime.InteropServices;
using System.Text;

namespace Lofizone.Interop;

/// <summary>
/// Names in an open directory, by getdents64(2). The names are those of the opened directory, even if its path leads elsewhere now.
/// </summary>
public static partial class DirectoryNames
{
    /// <summary>
    /// Largest number of names that is read from one directory. A larger directory gives an error instead of filling memory.
    /// </summary>
    public const int Limit = 100_000;

    private const int BufferBytes = 32 << 10;
    private const int LengthOffset = 16;
    private const int NameOffset = 19;

    /// <summary>All names but "." and "..", in the file system's order.</summary>
    /// <exception cref="LinuxException">EOVERFLOW for more than <see cref="Limit"/> names.</exception>
    public static IReadOnlyList<string> Read(FileDescriptor directory)
    {
        List<string> names = [];
        byte[] buffer = new byte[BufferBytes];
        using DescriptorUse use = new(directory);
        nint count;
        while ((count = GetDents64Native(use.Number, ref buffer[0], (nuint)buffer.Length)) != 0)
        {
            if (count < 0)
                throw LinuxException.Last("getdents64");
            Collect(buffer.AsSpan(0, (int)count), names);
            if (names.Count > Limit)
                throw new LinuxException(Errno.EOVERFLOW, "getdents64");
        }

        return names;
    }

    private static void Collect(ReadOnlySpan<byte> entries, List<string> names)
    {
        while (entries.Length > NameOffset)
        {
            int length = MemoryMarshal.Read<ushort>(entries[LengthOffset..]);
            ReadOnlySpan<byte> name = entries[NameOffset..length];
            string text = Encoding.UTF8.GetString(name[..name.IndexOf((byte)0)]);
            if (text is not ("." or ".."))
                names.Add(text);
            entries = entries[length..];
        }
    }

    [LibraryImport("libc", EntryPoint = "getdents64", SetLastError = true)]
    private static partial nint GetDents64Native(int descriptor, ref byte buffer, nuint count);
}
