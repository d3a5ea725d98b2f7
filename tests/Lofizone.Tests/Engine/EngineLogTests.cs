using Lofizone.Engine;
using Lofizone.Logs;

namespace Lofizone.Tests.Engine;

public sealed class EngineLogTests
{
    [Fact]
    public void The_end_of_an_engine_is_a_line_of_the_device_and_an_event_of_its_zone()
    {
        using TemporaryHost host = new();
        string file = Path.Combine(host.Paths.Log, "lofi-1.log");
        EngineLog.Of(host.Paths, "web", file).WriteEnd("engine ended (signal 9); process 7 goes on");
        EngineLog.Of(host.Paths, "web", file).Write("connected");
        EngineLog.Of(host.Paths, zone: null, file).WriteEnd("engine ended (signal 11); process 8 goes on");

        ZoneEvent happened = Assert.Single(EventLog.Read(host.Paths));
        Assert.Equal(("web", ZoneEventKind.Engine, EventActor.Keeper), (happened.Zone, happened.Event, happened.By));
        Assert.Equal("engine ended (signal 9); process 7 goes on, by the keeper of its engine", happened.ToString());
        Assert.Equal(
            ["zone web: keeper: engine ended (signal 9); process 7 goes on", "zone web: connected", "keeper: engine ended (signal 11); process 8 goes on"],
            File.ReadLines(file).Select(l => l[(l.IndexOf('Z', StringComparison.Ordinal) + 2)..]));
    }
}
