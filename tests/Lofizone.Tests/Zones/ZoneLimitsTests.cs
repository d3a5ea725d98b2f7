using Lofizone.Config;
using Lofizone.Doctor;
using Lofizone.Hosts;
using Lofizone.Programs;
using Lofizone.Zones;

namespace Lofizone.Tests.Zones;

/// <summary>A command that looks at a zone reports limits of the host that are too low for one more zone.</summary>
public sealed class ZoneLimitsTests : IDisposable
{
    private readonly TemporaryHost _temporary = new();
    private readonly List<int> _asked = [];
    private readonly ZoneHost _host;

    public ZoneLimitsTests()
    {
        _host = new ZoneHost(_temporary.Paths, new ProgramRunner(), TimeProvider.System, "/bin/false") { CheckLimits = Check };
        foreach (string name in (string[])["web", "db", "up"])
        {
            ZoneConfig config = new() { Name = name, Uuid = Guid.NewGuid(), ZonePath = $"/zones/{name}", RootImage = new RootImage("dir:/nonexistent/share", 1 << 30, "ext4") };
            _host.Index.Save(new ZoneRecord { Version = ZoneRecord.CurrentVersion, Config = config, State = ZoneState.Configured, UidBase = 1 << 30 });
        }

        _host.Index.SaveRun("up", new ZoneRun { Id = 1, Phase = ZoneState.Running, BootedAt = default, Config = _host.Require("up").Config });
    }

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public async Task Verify_finds_them()
    {
        LofizoneException found = await Assert.ThrowsAsync<LofizoneException>(() => new Zone(_host, "web", SilentReporter.Instance).VerifyAsync(TestContext.Current.CancellationToken));
        Assert.Contains("a.b is 1", found.Message, StringComparison.Ordinal);
        Assert.Contains("sysctl -w a.b=2", found.Message, StringComparison.Ordinal);
        Assert.Equal([2], _asked);
    }

    [Fact]
    public async Task Doctor_notes_them()
    {
        Diagnosis diagnosis = await new ZoneDoctor(_host).ExamineAsync("up", full: false, TestContext.Current.CancellationToken);
        Assert.Contains(new Finding(Severity.Note, "a.b is 1", "sysctl -w a.b=2"), diagnosis.Findings);
        // The zone itself is already up.
        Assert.Equal([1], _asked);
    }

    private IReadOnlyList<HostLimitFinding> Check(int zones)
    {
        _asked.Add(zones);
        return [new HostLimitFinding("a.b is 1", "sysctl -w a.b=2")];
    }
}
