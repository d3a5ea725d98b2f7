using System.Runtime.InteropServices;

namespace Lofizone.Bench;

/// <summary>
/// libnfs (the library below QEMU's NFS driver) as the user-space NFS client that unpacks into a directory of the share: synchronous
/// calls one after the other, as an unpacking program behind a FUSE file system would make them.
/// </summary>
internal sealed unsafe partial class LibNfs : IDisposable
{
    private const string Library = "libnfs.so.13";

    private nint _context;

    /// <param name="server">Address; the port is the portmapper's answer.</param>
    /// <param name="directory">What is mounted.</param>
    public LibNfs(string server, string directory)
    {
        _context = InitContext();
        Check(Mount(_context, server, directory), $"mount {server}:{directory}");
    }

    public void MakeDirectory(string path) => Check(MakeDirectory(_context, path), $"mkdir {path}");

    public void MakeLink(string target, string path) => Check(Symlink(_context, target, path), $"symlink {path}");

    public void WriteFile(string path, int mode, ReadOnlySpan<byte> data)
    {
        Check(Create(_context, path, mode, out nint file), $"creat {path}");
        fixed (byte* bytes = data)
        {
            for (int at = 0; at < data.Length;)
            {
                int written = PWrite(_context, file, (ulong)at, (ulong)Math.Min(data.Length - at, 1 << 20), bytes + at);
                Check(written, $"write {path}");
                at += written;
            }
        }

        Check(Close(_context, file), $"close {path}");
    }

    public void Dispose()
    {
        if (_context != 0)
            DestroyContext(_context);
        _context = 0;
    }

    private void Check(int result, string what)
    {
        if (result < 0)
            throw new LofizoneException($"libnfs: {what}: {Marshal.PtrToStringUTF8(GetError(_context))}");
    }

    [LibraryImport(Library, EntryPoint = "nfs_init_context")]
    private static partial nint InitContext();

    [LibraryImport(Library, EntryPoint = "nfs_destroy_context")]
    private static partial void DestroyContext(nint context);

    [LibraryImport(Library, EntryPoint = "nfs_get_error")]
    private static partial nint GetError(nint context);

    [LibraryImport(Library, EntryPoint = "nfs_mount", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Mount(nint context, string server, string directory);

    [LibraryImport(Library, EntryPoint = "nfs_mkdir", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MakeDirectory(nint context, string path);

    [LibraryImport(Library, EntryPoint = "nfs_symlink", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Symlink(nint context, string target, string path);

    [LibraryImport(Library, EntryPoint = "nfs_creat", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Create(nint context, string path, int mode, out nint file);

    [LibraryImport(Library, EntryPoint = "nfs_pwrite")]
    private static partial int PWrite(nint context, nint file, ulong offset, ulong count, byte* data);

    [LibraryImport(Library, EntryPoint = "nfs_close")]
    private static partial int Close(nint context, nint file);
}
