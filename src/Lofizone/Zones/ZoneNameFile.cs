using System.Text;
using Lofizone.Hosts;
using Lofizone.Interop;

namespace Lofizone.Zones;

/// <summary>
/// The file in a zone from which the zone's zonename(1) reads the zone's name. The host name is another name: a zone may change it, and a
/// zone's name may hold characters that no host name does.
/// </summary>
internal static class ZoneNameFile
{
    private const string Name = "zonename";
    private const uint ForEveryone = 0x1A4; // 0644
    private const int LimitBytes = 128;
    private const ResolveFlags Inside = ResolveFlags.Beneath | ResolveFlags.NoSymlinks | ResolveFlags.NoMagicLinks;

    /// <param name="root">The zone's root on the host's own mount, where the root user's ID is 0. No process of the zone runs yet.</param>
    /// <param name="zone">The zone's name.</param>
    /// <exception cref="LinuxException">The root has no directory /etc, or no space.</exception>
    public static void Write(string root, string zone)
    {
        byte[] wanted = Encoding.UTF8.GetBytes(zone + "\n");
        using FileDescriptor top = Files.Open(root, OpenFlags.Directory | OpenFlags.NoFollow);
        using FileDescriptor etc = Files.OpenAt(top, "etc", OpenFlags.Directory, Inside);
        if (!Has(etc, wanted))
            AtomicWrite.Write(etc, Name, wanted, ForEveryone);
    }

    private static bool Has(FileDescriptor etc, byte[] wanted)
    {
        try
        {
            using FileDescriptor file = RegularFile.Open(etc, Name, OpenFlags.ReadOnly, Inside);
            return RegularFile.Read(file, LimitBytes).AsSpan().SequenceEqual(wanted);
        }
        catch (NotRegularFileException)
        {
            return false;
        }
        catch (LinuxException error) when (error.Errno is Errno.ENOENT or Errno.ELOOP)
        {
            return false;
        }
    }
}
