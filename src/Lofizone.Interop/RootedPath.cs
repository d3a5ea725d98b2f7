using System.Runtime.InteropServices;

namespace Lofizone.Interop;

/// <summary>struct open_how of linux/openat2.h.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct OpenHow
{
    public ulong Flags;
    public ulong Mode;
    public ulong Resolve;
}

/// <summary>
/// Looks into a tree that somebody else controls: links, absolute ones too, are followed as if the tree were the root directory,
/// and never lead out of it (openat2(2) with RESOLVE_IN_ROOT and RESOLVE_NO_MAGICLINKS).
/// </summary>
public static unsafe partial class RootedPath
{
    private const long OpenAt2Call = 437;
    private const ulong NonBlocking = 0x800;
    private const ulong NoControllingTerminal = 0x100;
    private const ulong CloseOnExec = 0x80000;
    private const ulong PathOnly = 0x200000;
    private const ulong ResolveNoMagicLinks = 0x02;
    private const ulong ResolveInRoot = 0x10;

    /// <summary>The path below <paramref name="root"/> that <paramref name="path"/> leads to after all links, with a leading slash; null when it leads nowhere.</summary>
    public static string? Resolve(string root, string path)
    {
        using FileDescriptor directory = DescriptorPath.Open(root, DescriptorPath.PathOnly);
        using FileDescriptor? file = Open(directory, path, PathOnly);
        if (file is null)
            return null;
        string? top = File.ResolveLinkTarget($"/proc/self/fd/{directory.Number}", returnFinalTarget: false)?.FullName;
        string? found = File.ResolveLinkTarget($"/proc/self/fd/{file.Number}", returnFinalTarget: false)?.FullName;
        return top is not null && found is not null && found.StartsWith(top, StringComparison.Ordinal) ? found[top.Length..] : null;
    }

    /// <summary>At most <paramref name="limitBytes"/> from the start of a regular file in the tree; null when there is none.</summary>
    public static byte[]? Read(string root, string path, int limitBytes)
    {
        using FileDescriptor directory = DescriptorPath.Open(root, DescriptorPath.PathOnly);
        // Not blocking: a fifo in the place of the file must not hold us up.
        using FileDescriptor? file = Open(directory, path, NonBlocking | NoControllingTerminal);
        if (file is null)
            return null;
        byte[] buffer = new byte[limitBytes];
        int length = 0;
        while (length < limitBytes)
        {
            int count = Polling.Read(file.Number, buffer.AsSpan(length));
            if (count <= 0)
                break;
            length += count;
        }

        return buffer[..length];
    }

    private static FileDescriptor? Open(FileDescriptor directory, string path, ulong flags)
    {
        OpenHow how = new() { Flags = flags | CloseOnExec, Resolve = ResolveInRoot | ResolveNoMagicLinks };
        nint descriptor = OpenAt2Native(OpenAt2Call, directory, path, &how, (nuint)sizeof(OpenHow));
        return descriptor < 0 ? null : new FileDescriptor((int)descriptor);
    }

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint OpenAt2Native(long call, FileDescriptor directory, string path, OpenHow* how, nuint size);
}
