namespace Lofizone.Config.Zonecfg;

/// <summary>A whole configuration as a text of zonecfg commands, as <c>export</c> prints it.</summary>
public static class ConfigText
{
    public static string Write(ZoneConfig config) => ConfigPrinter.Export(config);

    /// <summary>The configuration that the commands make. Nothing is stored.</summary>
    /// <param name="commands">The text.</param>
    /// <param name="file">Name of the text, for messages.</param>
    /// <param name="zone">Name of the zone.</param>
    /// <param name="brands">Brands of this system.</param>
    /// <param name="cancellation">Ends the work.</param>
    /// <exception cref="LofizoneException">The commands do not make a sound configuration. The message names the line.</exception>
    public static async Task<ZoneConfig> ReadAsync(
        string commands, string file, string zone, IReadOnlyCollection<string> brands, CancellationToken cancellation)
    {
        Catcher catcher = new();
        using StringWriter said = new();
        Silent io = new(said);
        int exitCode = await new ZonecfgSession(catcher, zone, io, brands).RunFileAsync(new StringReader(commands), file, cancellation);
        if (exitCode != ZonecfgSession.Success)
            throw new LofizoneException(said.ToString().TrimEnd('\n'));
        return catcher.Config ?? throw new LofizoneException(
            $"{file}: it makes no configuration", "begin it with 'create', as 'zonecfg -z ZONE export' does");
    }

    /// <summary>Keeps the committed configuration in memory.</summary>
    private sealed class Catcher : IZoneConfigStore
    {
        public ZoneConfig? Config { get; private set; }

        public Task<ZoneConfig?> LoadAsync(string zone, CancellationToken cancellation) => Task.FromResult(Config);

        public Task<ZonecfgLimits> LimitsAsync(string zone, CancellationToken cancellation) => Task.FromResult(ZonecfgLimits.None);

        public Task CommitAsync(ZoneConfig config, ZoneConfig? previous, CancellationToken cancellation)
        {
            Config = config;
            return Task.CompletedTask;
        }

        public Task DeleteAsync(string zone, CancellationToken cancellation)
        {
            Config = null;
            return Task.CompletedTask;
        }
    }

    private sealed class Silent(TextWriter error) : ZonecfgIo
    {
        public override bool IsInteractive => false;

        public override TextWriter Out => TextWriter.Null;

        public override TextWriter Error => error;

        public override Task<string?> ReadLineAsync(string prompt, CancellationToken cancellation) => Task.FromResult<string?>(null);

        // A text that is read only writes no file.
        public override Task WriteFileAsync(string path, string content, CancellationToken cancellation) => Task.CompletedTask;
    }
}
