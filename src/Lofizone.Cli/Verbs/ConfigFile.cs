using System.Text;
using Lofizone.Config;
using Lofizone.Config.Zonecfg;

namespace Lofizone.Cli.Verbs;

/// <summary>A user's file with a configuration: zonecfg commands, or JSON as in zone.json.</summary>
internal static class ConfigFile
{
    /// <summary>The configuration for a zone of the given name. The file's own name and UUID do not count.</summary>
    /// <exception cref="LofizoneException">The file can't be read, or holds no configuration.</exception>
    public static async Task<ZoneConfig> ReadAsync(
        string file, string zone, IReadOnlyCollection<string> brands, CancellationToken cancellation)
    {
        byte[] content = await ContentAsync(file, cancellation);
        string name = file == "-" ? "standard input" : file;
        if (content.AsSpan().TrimStart(" \t\r\n\uFEFF"u8) is [(byte)'{', ..])
            return ZoneConfigJson.Read(content, name) with { Name = zone, Uuid = Guid.Empty };
        string commands = Encoding.UTF8.GetString(content);
        // An export names no zonepath for another host, and then the default is used.
        return await ConfigText.ReadAsync(commands, name, zone, brands, cancellation);
    }

    private static async Task<byte[]> ContentAsync(string file, CancellationToken cancellation)
    {
        try
        {
            await using Stream stream = file == "-" ? Console.OpenStandardInput() : File.OpenRead(file);
            byte[] buffer = new byte[ZoneConfigJson.MaxBytes + 1];
            int length = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellation);
            if (length > ZoneConfigJson.MaxBytes)
                throw new LofizoneException($"{file}: more than {ZoneConfigJson.MaxBytes} bytes, which no configuration has");
            return buffer[..length];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LofizoneException(
                $"{SafeText.Text(file)}: can't be read: {e.Message}",
                    "name a file of zonecfg commands, or JSON as 'zone schema' describes it", e);
        }
    }
}
