using System.Text;
using Lofizone.Config;
using Lofizone.Config.Zonecfg;

namespace Lofizone.Tests.Config;

/// <summary>A store of configurations in memory.</summary>
internal sealed class MemoryStore : IZoneConfigStore
{
    public Dictionary<string, ZoneConfig> Zones { get; } = [];

    public bool Installed { get; set; }

    public int Commits { get; private set; }

    /// <summary>Error of the next commit.</summary>
    public LofizoneException? CommitError { get; set; }

    public Task<ZoneConfig?> LoadAsync(string zone, CancellationToken cancellation) => Task.FromResult(Zones.GetValueOrDefault(zone));

    public Task<ZonecfgLimits> LimitsAsync(string zone, CancellationToken cancellation) => Task.FromResult(new ZonecfgLimits(Installed));

    public Task CommitAsync(ZoneConfig config, ZoneConfig? previous, CancellationToken cancellation)
    {
        if (CommitError is { } error)
            throw error;
        Assert.Same(Zones.GetValueOrDefault(config.Name), previous);
        Assert.Empty(ZoneConfigVerifier.Verify(config, ["native"]));
        Commits++;
        Zones[config.Name] = config;
        return Task.CompletedTask;
    }

    public Task DeleteAsync(string zone, CancellationToken cancellation)
    {
        Assert.True(Zones.Remove(zone));
        return Task.CompletedTask;
    }
}

/// <summary>
/// A terminal whose screen is one text: prompts, the user's input behind them, output and errors in order. Without <paramref
/// name="interactive"/> the input is a pipe, whose lines are not on the screen. Control-D follows the last line.
/// </summary>
internal sealed class FakeTerminal(bool interactive, params string[] lines) : ZonecfgIo
{
    private readonly Queue<string> _lines = new(lines);
    private readonly StringBuilder _screen = new();

    public override bool IsInteractive => interactive;

    public override TextWriter Out => new StringWriter(_screen) { NewLine = "\n" };

    public override TextWriter Error => Out;

    public string Screen => _screen.ToString();

    public Dictionary<string, string> Files { get; } = [];

    public override Task<string?> ReadLineAsync(string prompt, CancellationToken cancellation)
    {
        string? line = _lines.Count > 0 ? _lines.Dequeue() : null;
        if (interactive)
            _screen.Append(prompt).Append(line ?? "^D").Append('\n');
        return Task.FromResult(line);
    }

    public override Task WriteFileAsync(string path, string content, CancellationToken cancellation)
    {
        if (path.StartsWith("/nowhere/", StringComparison.Ordinal))
            throw new DirectoryNotFoundException("no such directory");
        Files[path] = content;
        return Task.CompletedTask;
    }
}
