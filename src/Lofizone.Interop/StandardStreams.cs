using System.Runtime.InteropServices;

namespace Lofizone.Interop;

/// <summary>Descriptors 0, 1 and 2 of this process.</summary>
public static partial class StandardStreams
{
    private const int Count = 3;

    /// <summary>
    /// Replaces each standard stream that is neither a pipe nor a socket by a memory file of this process. The next program's changes to
    /// its streams (crun gives them to the container's user) then touch no file of the host.
    /// </summary>
    /// <exception cref="LinuxException">There is no memory left, or no free descriptor.</exception>
    public static void ReplaceSharedFiles()
    {
        for (int stream = 0; stream < Count; stream++)
        {
            if (StatxCall.KindOf(stream) is FileKind.Fifo or FileKind.Socket)
                continue;
            using FileDescriptor own = MemoryFile("stream", 0);
            if (own.IsInvalid)
                throw LinuxException.Last("memfd_create");
            if (own.Number == stream)
                own.SetHandleAsInvalid();
            else
                Files.Replace(stream, own);
        }
    }

    [LibraryImport("libc", EntryPoint = "memfd_create", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial FileDescriptor MemoryFile(string name, uint flags);
}
