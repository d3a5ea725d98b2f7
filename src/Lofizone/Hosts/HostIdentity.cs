using System.Security.Cryptography;
using System.Text;
using Lofizone.Lofi;

namespace Lofizone.Hosts;

/// <summary>Tells this host from others that have the same name (cloned machines): a random ID, made once and kept under /etc.</summary>
public static class HostIdentity
{
    private const int IdBytes = 16;
    private const string FileName = "host-id";

    /// <summary>The ID, 32 hexadecimal digits.</summary>
    public static string Id(HostPaths paths)
    {
        string file = Path.Combine(Path.GetDirectoryName(paths.ZoneIndex)!, FileName);
        if (File.Exists(file) && File.ReadAllText(file).Trim() is { Length: IdBytes * 2 } id)
            return id;
        string made = RandomNumberGenerator.GetHexString(IdBytes * 2, lowercase: true);
        HostFile.Write(file, Encoding.ASCII.GetBytes(made + "\n"));
        return made;
    }

    /// <summary>This host as the owner of an image.</summary>
    public static ImageOwner Describe(HostPaths paths, DateTimeOffset since) => new(
        Environment.MachineName, Id(paths), since, typeof(HostIdentity).Assembly.GetName().Version?.ToString(3) ?? "");
}
