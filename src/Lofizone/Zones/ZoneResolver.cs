using System.Text;
using Lofizone.Hosts;
using Lofizone.Interop;

namespace Lofizone.Zones;

/// <summary>
/// A zone's /etc/resolv.conf. It is written where there is none, and where this program wrote the one that is there: what the zone's
/// administrator made, a link to a resolver of the zone's own too, stays. An empty file is none: installs of earlier versions made one.
/// </summary>
internal static class ZoneResolver
{
    /// <summary>First line of a file of ours.</summary>
    internal const string Mark =
        "# Written by Lofizone at each boot, from the host's name servers. Remove this line to keep what is below.";

    private const string Name = "resolv.conf";
    private const uint ForEveryone = 0x1A4; // 0644
    private const int LimitBytes = 64 << 10;
    private const ResolveFlags Inside = ResolveFlags.Beneath | ResolveFlags.NoSymlinks | ResolveFlags.NoMagicLinks;

    /// <param name="root">The zone's root on the host's own mount, where its root user is 0; nothing of the zone runs yet.</param>
    /// <param name="servers">Lines of the file, without the mark.</param>
    /// <exception cref="LinuxException">There is no directory /etc in the root, or no space.</exception>
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
            // ELOOP: a symbolic link, wherever it leads.
            return error.Errno == Errno.ENOENT;
        }
    }
}
