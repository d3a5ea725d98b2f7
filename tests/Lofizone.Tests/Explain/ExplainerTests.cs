using Lofizone.Config;
using Lofizone.Explain;
using Lofizone.Hosts;
using Lofizone.Programs;
using Lofizone.Zones;

namespace Lofizone.Tests.Explain;

public sealed class ExplainerTests : IDisposable
{
    private readonly TemporaryHost _host = new();

    public void Dispose() => _host.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Only_a_create_whose_command_has_ended_was_interrupted(bool runs)
    {
        ZoneHost host = new(_host.Paths, new ProgramRunner(), TimeProvider.System, "/usr/sbin/zone");
        ZoneConfig config = new() { Name = "web", RootImage = new RootImage($"dir:{_host.Paths.Root}", 1L << 30, "ext4") };
        host.Index.Save(new ZoneRecord { Version = ZoneRecord.CurrentVersion, Config = config, State = ZoneState.Incomplete, UidBase = 1 << 30, Creating = true });
        using HostLock? create = runs ? HostLock.Take(_host.Paths, "web", "create", TimeSpan.Zero) : null;

        Layer zone = (await new Explainer(host).ExplainAsync("web", TestContext.Current.CancellationToken)).Layers[0];

        Assert.Equal(runs, zone.Problem is null);
        Assert.Equal(runs, zone.Facts.Any(f => f.Name == "now" && f.Value.Contains("create", StringComparison.Ordinal)));
    }
}
