using System.Text;
using Lofizone.Hosts;
using Lofizone.Interop;

namespace Lofizone.Zones;

/// <summary>
/// A zone's /etc/resolv.conf. The file is written where there is none, or where this program wrote the present file. A file of the zone's
/// administrator stays, also a link to a resolver of the zone. An empty file counts as none, because installs of earlier versions made one.
/// </summary>
internal static class ZoneResolver
{
    /// <summary>First line of a file that this program wrote.</summary>
    internal const string Mark =
        "# Written by Lofizone at each boot, from the host's name servers. Remove this line to keep what is below.";

    private const string Name = "resolv.conf";
    private const uint ForEveryone = 0x1A4; // 0644
    private const int LimitBytes = 64 << 10;
    private const ResolveFlags Inside = ResolveFlags.Beneath | ResolveFlags.NoSymlinks | ResolveFlags.NoMagicLinks;

    /// <param name="root">The zone's root on the host's own mount, where the root user's ID is 0. No process of the zone runs yet.</param>
    /// <param name="servers">Lines of the file, without the mark.</param>
    /// <exception cref="LinuxException">The root has no directory /etc, or no space.</exception>
    public static void Write(string root, string servers)
    {
        byte[] wanted = Encoding.UTF8.GetBytes($"{Mark}\n{servers}");
        using FileDescriptor top = Files.Open(root, OpenFlags.Directory | OpenFlags.NoFollow);
        using FileDescriptor etc = Files.OpenAt(top, "etc", OpenFlags.Directory, Inside);
        if (MayReplace(etc, wanted))
            AtomicWrite.Write(etc, Name, wanted, ForEveryone);
    }

    private static bool MayReplace(FileDescriptor etc, byte[] wanted)
    {
        try
        {
            using FileDescriptor file = RegularFile.Open(etc, Name, OpenFlags.ReadOnly, Inside);
            byte[] there = RegularFile.Read(file, LimitBytes);
            return there.Length == 0
                || (there.AsSpan().StartsWith(Encoding.UTF8.GetBytes(Mark + "\n")) && !there.AsSpan().SequenceEqual(wanted));
        }
        catch (NotRegularFileException)
        {
            return false;
        }
        catch (LinuxException error) when (error.Errno is Errno.ENOENT or Errno.ELOOP)
        {
            // ELOOP: the name is a symbolic link, whatever its target.
            return error.Errno == Errno.ENOENT;
        }
    }
}
