using System.Net.Sockets;
using System.Text;
using Lofizone.Logs;

namespace Lofizone.Tests.Logs;

public sealed class LifecycleTests : IDisposable
{
    private readonly TemporaryHost _host = new();
    private readonly Socket _journal = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);

    public LifecycleTests()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_host.Paths.Journal)!);
        _journal.Bind(new UnixDomainSocketEndPoint(_host.Paths.Journal));
    }

    public void Dispose()
    {
        _journal.Dispose();
        _host.Dispose();
    }

    [Fact]
    public async Task What_was_done_to_a_zone_is_one_entry_that_names_it()
    {
        Assert.Equal(7, await Lifecycle.NoteAsync(_host.Paths, "web", "take from b", () => Task.FromResult(7)));
        AssertEntry(LogPriority.Information, "web", "zone web: take from b: done");
    }

    [Fact]
    public async Task What_failed_is_an_error_with_its_reason_on_one_line()
    {
        await Assert.ThrowsAsync<LofizoneException>(() => Lifecycle.NoteAsync(_host.Paths, "web", "boot", () => throw new LofizoneException("web: no\e image\nZONE=forged")));
        AssertEntry(LogPriority.Error, "web", "zone web: boot failed: web: no? image ZONE=forged");
    }

    [Fact]
    public async Task What_was_interrupted_is_told_so()
    {
        await Assert.ThrowsAsync<OperationCanceledException>(() => Lifecycle.NoteAsync(_host.Paths, "web", "move", () => throw new OperationCanceledException()));
        AssertEntry(LogPriority.Information, "web", "zone web: move: interrupted");
    }

    [Fact]
    public async Task Each_outcome_is_an_event_with_who_caused_it()
    {
        await Lifecycle.NoteAsync(_host.Paths, "web", "boot", () => Task.CompletedTask);
        await Assert.ThrowsAsync<LofizoneException>(() => Lifecycle.NoteAsync(_host.Paths, "web", "halt", () => throw new LofizoneException("web: no\e image\n{\"forged\":1}")));
        await Assert.ThrowsAsync<OperationCanceledException>(() => Lifecycle.NoteAsync(_host.Paths, "db", "move", () => throw new OperationCanceledException()));
        Lifecycle.Warn(_host.Paths, "web", "slow");
        IReadOnlyList<ZoneEvent> events = EventLog.Read(_host.Paths);
        Assert.Equal(
            [
                ("web", ZoneEventKind.Done, "boot", null), ("web", ZoneEventKind.Failed, "halt", "web: no? image {\"forged\":1}"),
                ("db", ZoneEventKind.Interrupted, "move", null), ("web", ZoneEventKind.Warning, null, "slow"),
            ],
            events.Select(e => (e.Zone, e.Event, e.Operation, e.Text)));
        Assert.Equal(Environment.UserName, events[0].By!.User);
        Assert.Null(events[3].By);
    }

    [Fact]
    public void A_warning_goes_to_whoever_waits_and_to_the_journal()
    {
        RecordingReporter console = new();
        ZoneReporter reporter = new(console, _host.Paths, "web");
        reporter.Line("[1/2] shut the zone down: 60.01 s");
        reporter.Warning("web: it did not shut down within 60 s and was killed");
        Assert.Equal(["[1/2] shut the zone down: 60.01 s", "warning: web: it did not shut down within 60 s and was killed"], console.Lines);
        AssertEntry(LogPriority.Warning, "web", "zone web: it did not shut down within 60 s and was killed");
    }

    [Fact]
    public void Of_zones_side_by_side_each_line_names_its_own()
    {
        RecordingReporter console = new();
        ZoneReporter reporter = new(console, _host.Paths, "web", ZoneNaming.Always);
        reporter.Line("[1/2] shut the zone down: 60.01 s");
        reporter.Line("web: is down");
        Assert.Equal(["zone web: [1/2] shut the zone down: 60.01 s", "zone web: is down"], console.Lines);
    }

    [Fact]
    public void What_nobody_watches_is_said_to_the_journal()
    {
        using HostLogWriter log = HostLog.Open(_host.Paths, "web", Path.Combine(_host.Paths.Log, "web", "settle.log"));
        LogReporter reporter = new(log);
        reporter.Line("[1/6] remove container and network: 0.10 s");
        AssertEntry(LogPriority.Information, "web", "zone web: [1/6] remove container and network: 0.10 s");
        reporter.Warning("web: asked for 16 reboots in a row");
        AssertEntry(LogPriority.Warning, "web", "zone web: asked for 16 reboots in a row");
        log.WriteLine("reconnected");
        AssertEntry(LogPriority.Information, "web", "zone web: reconnected");
    }

    private void AssertEntry(LogPriority priority, string zone, string message)
    {
        byte[] buffer = new byte[4096];
        Assert.True(_journal.Poll(TimeSpan.FromSeconds(10), SelectMode.SelectRead), "there is no entry");
        Assert.Equal(
            $"SYSLOG_IDENTIFIER=zone\nPRIORITY={priority:D}\nOBJECT_SYSTEMD_UNIT=lofizone.service\nZONE={zone}\nMESSAGE={message}\n",
            Encoding.UTF8.GetString(buffer, 0, _journal.Receive(buffer)));
    }
}
