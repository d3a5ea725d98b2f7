using Lofizone.Config;
using Lofizone.Hosts;
using Lofizone.Logs;
using Lofizone.Zones;

namespace Lofizone.Tests.Zones;

public sealed class ZoneIndexTests : IDisposable
{
    private readonly TemporaryHost _host = new();
    private readonly ZoneIndex _index;

    public ZoneIndexTests() => _index = new ZoneIndex(_host.Paths);

    public void Dispose() => _host.Dispose();

    [Fact]
    public void An_index_that_can_not_be_read_is_a_failure_and_one_that_is_not_there_is_empty()
    {
        using TemporaryHost host = new();
        Assert.Empty(new ZoneIndex(host.Paths).Names());
        Directory.CreateDirectory(Path.GetDirectoryName(host.Paths.ZoneIndex)!);
        File.WriteAllText(host.Paths.ZoneIndex, "");
        Assert.Contains(host.Paths.ZoneIndex, Assert.Throws<LofizoneException>(() => new ZoneIndex(host.Paths).Names()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_record_is_read_back_as_it_was_written()
    {
        ZoneRecord record = Record("web") with { State = ZoneState.Installed };
        _index.Save(record);
        ZoneRecord read = _index.Load("web")!;
        Assert.Equal(ZoneConfigJson.Digest(record.Config), ZoneConfigJson.Digest(read.Config));
        Assert.Equal((record.State, record.UidBase, record.Creating), (read.State, read.UidBase, read.Creating));
        Assert.Equal(["web"], _index.Names());
    }

    [Fact]
    public void Every_change_of_a_state_is_an_event_with_its_reason()
    {
        ZoneRecord record = Record("web");
        using (EventCause.Begin("create"))
            _index.Save(record with { State = ZoneState.Configured });
        using (EventCause.Begin("install"))
            _index.Save(record with { State = ZoneState.Installed });
        _index.Save(record with { State = ZoneState.Installed, UidBase = 131072 });
        ZoneRun run = new() { Id = 1, Phase = ZoneState.Ready, BootedAt = default, Config = record.Config };
        using (EventCause.Begin("boot", EventActor.Zone))
        {
            _index.SaveRun("web", run);
            _index.SaveRun("web", run with { Lofi = 1 });
            _index.SaveRun("web", run with { Phase = ZoneState.Running });
        }

        using (EventCause.Begin("halt"))
            _index.DeleteRun("web");
        _index.Delete("web");
        Assert.Equal(
            [
                (null, "configured", "create"), ("configured", "installed", "install"), ("installed", "ready", "boot"), ("ready", "running", "boot"),
                ("running", "installed", "halt"), ("installed", null, null),
            ],
            EventLog.Read(_host.Paths).Select(e => (e.From, e.To, e.Operation)));
        Assert.Equal(EventActor.Zone, EventLog.Read(_host.Paths)[2].By);
    }

    [Theory]
    [InlineData(ZoneState.Installed, true)]
    [InlineData(ZoneState.Configured, false)]
    [InlineData(ZoneState.Incomplete, false)]
    public void What_is_noted_of_reboots_goes_when_the_zone_is_given_away_lost_or_made_anew(ZoneState state, bool stays)
    {
        _index.SaveReboots("web", new ZoneReboots(3, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch));
        _index.Save(Record("web") with { State = state });
        Assert.Equal(stays, _index.LoadReboots("web") is not null);
    }

    [Fact]
    public void A_zone_that_is_not_there_has_no_record_and_deleting_it_is_fine()
    {
        Assert.Null(_index.Load("web"));
        Assert.Empty(_index.Names());
        _index.Delete("web");
    }

    [Theory]
    [InlineData("", "broken JSON")]
    [InlineData("{\"version\": 1", "broken JSON")]
    [InlineData("[1]", "broken JSON")]
    public void A_broken_record_is_named_with_what_to_do(string content, string expected)
    {
        _index.Save(Record("web"));
        string file = Path.Combine(_host.Paths.ZoneIndex, "web.json");
        File.WriteAllText(file, content);
        LofizoneException error = Assert.Throws<LofizoneException>(() => _index.Load("web"));
        Assert.Contains(file, error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.NotNull(error.Advice);
    }

    [Fact]
    public void A_record_of_another_version_or_another_zone_is_refused()
    {
        _index.Save(Record("web"));
        string file = Path.Combine(_host.Paths.ZoneIndex, "web.json");
        File.Copy(file, Path.Combine(_host.Paths.ZoneIndex, "db.json"));
        Assert.Contains("web", Assert.Throws<LofizoneException>(() => _index.Load("db")).Message, StringComparison.Ordinal);
        File.WriteAllText(file, File.ReadAllText(file).Replace("\"version\": 1", "\"version\": 99", StringComparison.Ordinal));
        Assert.Contains("99", Assert.Throws<LofizoneException>(() => _index.Load("web")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Files_are_for_root_alone_and_no_temporary_name_stays()
    {
        _index.Save(Record("web"));
        string file = Assert.Single(Directory.GetFiles(_host.Paths.ZoneIndex));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(_host.Paths.ZoneIndex));
    }

    [Fact]
    public void Zone_IDs_are_never_given_twice()
    {
        int[] ids = new int[20];
        Parallel.For(0, ids.Length, i => ids[i] = new ZoneIndex(_host.Paths).NextId());
        Assert.Equal(Enumerable.Range(1, ids.Length), ids.Order());
    }

    [Fact]
    public void A_taken_zone_lock_names_its_holder()
    {
        using HostLock held = HostLock.Take(_host.Paths, "web", "install", TimeSpan.Zero);
        Assert.True(HostLock.IsHeld(_host.Paths, "web", out string? by));
        Assert.Contains("install (pid ", by, StringComparison.Ordinal);
        LofizoneException error = Assert.Throws<LofizoneException>(() => HostLock.Take(_host.Paths, "web", "boot", TimeSpan.Zero));
        Assert.Contains("install (pid ", error.Message, StringComparison.Ordinal);
        held.Dispose();
        Assert.False(HostLock.IsHeld(_host.Paths, "web", out _));
    }

    [Fact]
    public void The_names_of_states_are_those_of_zones_7_and_fenced()
    {
        Assert.Equal(
            ["configured", "incomplete", "installed", "ready", "running", "shutting_down", "down", "fenced", "unavailable"],
            Enum.GetValues<ZoneState>().Select(s => s.Text()));
    }

    [Fact]
    public void The_numbers_and_names_of_stored_states_never_change() =>
        Assert.Equal("Configured=0 Incomplete=1 Installed=2 Ready=3 Running=4 ShuttingDown=5 Down=6 Fenced=7 Unavailable=-1", string.Join(' ', Enum.GetValues<ZoneState>().Select(s => $"{s}={(int)s}")));

    private static ZoneRecord Record(string name) => new()
    {
        Version = ZoneRecord.CurrentVersion,
        Config = new ZoneConfig
        {
            Name = name,
            Uuid = Guid.NewGuid(),
            ZonePath = $"/zones/{name}",
            RootImage = new RootImage("nfs://nas/export/zones", 1L << 30),
            Net = [new NetResource("br0", "192.0.2.7/24")],
            Attr = [new AttrResource("comment", "string", "a zone")],
        },
        State = ZoneState.Configured,
        UidBase = 1 << 30,
    };
}
