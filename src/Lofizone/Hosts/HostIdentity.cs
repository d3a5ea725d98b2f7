using System.Security.Cryptography;
using System.Text;
using Lofizone.Lofi;

namespace Lofizone.Hosts;

/// <summary>Tells this host from others that have the same name (cloned machines): a random ID, made once and kept under /etc.</summary>
public static class HostIdentity
{
    private const int IdBytes = 16;
    private const string FileName = "host-id";
    private const string BootFileName = "boot-id";

    /// <summary>The ID, 32 hexadecimal digits.</summary>
    public static string Id(HostPaths paths) => MadeOnce(Path.Combine(Path.GetDirectoryName(paths.ZoneIndex)!, FileName));

    /// <summary>
    /// Tells this start of the host from its earlier ones: what belongs to another one has no process any more. The kernel's word for it
    /// (random(4), boot_id); of a host below a root of its own, which "starts" when its runtime directory is made, a random ID in there.
    /// </summary>
    public static string Boot(HostPaths paths) =>
        paths.IsMachine ? File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim() : MadeOnce(Path.Combine(paths.Run, BootFileName));

    /// <summary>This host as the owner of an image.</summary>
    public static ImageOwner Describe(HostPaths paths, DateTimeOffset since) => new(
        Environment.MachineName, Id(paths), since, typeof(HostIdentity).Assembly.GetName().Version?.ToString(3) ?? "");

    private static string MadeOnce(string file)
    {
        if (File.Exists(file) && File.ReadAllText(file).Trim() is { Length: IdBytes * 2 } id)
            return id;
        string made = RandomNumberGenerator.GetHexString(IdBytes * 2, lowercase: true);
        HostFile.Write(file, Encoding.ASCII.GetBytes(made + "\n"));
        return made;
    }
}
