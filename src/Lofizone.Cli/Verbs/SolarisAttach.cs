using System.CommandLine;
using Lofizone.Cli.Usage;
using Lofizone.Logs;
using Lofizone.Zones;

namespace Lofizone.Cli.Verbs;

/// <summary>The options of zoneadm(8), attach, that <c>zone attach</c> does not have.</summary>
internal sealed class SolarisAttach
{
    private const string ForceTakeover = "force-takeover";
    private const string StandardInput = "-";

    /// <summary>Largest manifest that is read, bytes; more than a manifest can have.</summary>
    private const int LimitBytes = 16 << 20;

    private readonly Option<string?> _manifest = new("-n")
    {
        Description = "change nothing; say whether a zone with this manifest of detach -n could be attached; - is standard input",
        HelpName = "MANIFEST",
    };

    private readonly Option<string?> _extension = new Option<string?>("-x")
    {
        Description = $"{ForceTakeover}: take the zone of a host that is dead, as zone takeover --no-boot does",
        HelpName = "EXTENSION",
    }
        .Checked(text => text == ForceTakeover ? null : $"'{SafeText.Text(text)}' has no effect here; {ForceTakeover} has");

    public void AddTo(Command command)
    {
        command.Options.Add(_manifest);
        command.Options.Add(_extension);
    }

    /// <summary>Runs what the options ask for. False when there is none of them.</summary>
    public async Task<bool> TryRunAsync(
        ParseResult parsed, ZoneHost host, Zone zone, AttachOptions options, CancellationToken cancellation)
    {
        string? manifest = parsed.GetValue(_manifest);
        bool takeover = parsed.GetValue(_extension) is not null;
        WrongUsage.Refuse(manifest is not null && takeover, "attach: -n and -x exclude each other");
        WrongUsage.Refuse(manifest is not null && options.Force, "attach: -n and -F exclude each other");
        if (takeover)
        {
            TakeoverOptions taken = new() { Boot = false, Update = options.Update, Force = options.Force };
            await Lifecycle.NoteAsync(host.Paths, zone.Name, "takeover", () => zone.TakeOverAsync(null, taken, cancellation));
            return true;
        }

        if (manifest is null)
            return false;
        string origin = manifest == StandardInput ? "standard input" : manifest;
        await zone.CheckManifestAsync(await ReadAsync(manifest, cancellation), origin, options.Update, cancellation);
        return true;
    }

    private static async Task<byte[]> ReadAsync(string file, CancellationToken cancellation)
    {
        using Stream content = file == StandardInput ? Console.OpenStandardInput() : File.OpenRead(file);
        byte[] buffer = new byte[LimitBytes];
        int length = await content.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellation);
        return length < buffer.Length
            ? buffer[..length]
            : throw new LofizoneException($"{file}: is too long for a manifest", "'zone detach -n NAME' prints a manifest");
    }
}
