using Lofizone.Logs;

namespace Lofizone.Tests.Logs;

/// <summary>The file of events, and its readers.</summary>
public sealed class EventLogTests : IDisposable
{
    private readonly TemporaryHost _host = new();

    private string Log => EventLog.FileOf(_host.Paths);

    public void Dispose() => _host.Dispose();

    [Fact]
    public void An_event_is_one_line_of_JSON_and_comes_back_as_it_was()
    {
        using (EventCause.Begin("boot", new EventActor("bash", "root", "anna", "192.0.2.7")))
        {
            Assert.True(EventLog.AddState(_host.Paths, "web", "installed", "ready"));
            Assert.True(EventLog.AddState(_host.Paths, "web", "ready", "ready"));
        }

        string line = Assert.Single(File.ReadAllLines(Log));
        Assert.EndsWith(
            """
            "zone":"web","event":"state","operation":"boot","from":"installed","to":"ready","by":{"program":"bash","user":"root","sudoUser":"anna","address":"192.0.2.7"}}
            """.Trim(),
            line, StringComparison.Ordinal);
        Assert.Equal("installed -> ready (boot), by root for anna with bash from 192.0.2.7", Assert.Single(EventLog.Read(_host.Paths)).ToString());
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Log));
    }

    [Fact]
    public void Lines_that_are_no_events_hide_no_other_ones()
    {
        EventLog.Add(_host.Paths, "web", ZoneEventKind.Fenced, "taken over by b");
        File.AppendAllText(Log, "\n{}\n[1]\nnull\n{\"at\":\"x\"}\n" + new string('x', 1 << 18) + "\n{\"cut\":");
        File.AppendAllText(Log, "\n");
        EventLog.Add(_host.Paths, "web", ZoneEventKind.Ended, "killed");
        Assert.Equal([ZoneEventKind.Fenced, ZoneEventKind.Ended], EventLog.Read(_host.Paths).Select(e => e.Event));
    }

    [Fact]
    public void However_many_events_come_from_however_many_the_last_ones_are_there_whole()
    {
        string text = new('x', 1000);
        Parallel.For(0, 3000, i => Assert.True(EventLog.Add(_host.Paths, $"z{i}", ZoneEventKind.Warning, text)));
        EventLog.Add(_host.Paths, "last", ZoneEventKind.Done);
        Assert.Equal(["events.jsonl", "events.jsonl.1"], Directory.GetFiles(_host.Paths.Log).Select(f => Path.GetFileName(f)).Order());
        IReadOnlyList<ZoneEvent> events = EventLog.Read(_host.Paths);
        Assert.Equal("last", events[^1].Zone);
        Assert.Equal(File.ReadLines(Log).Count() + File.ReadLines(Log + ".1").Count(), events.Count);
    }

    [Fact]
    public void A_log_that_can_not_be_written_is_told()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_host.Paths.Log)!);
        File.WriteAllText(_host.Paths.Log, "in the way");
        Assert.False(EventLog.Add(_host.Paths, "web", ZoneEventKind.Done));
        Assert.Empty(EventLog.Read(_host.Paths));
    }

    [Fact]
    public void Text_of_others_can_not_command_a_terminal_nor_make_a_line_of_its_own()
    {
        EventLog.Add(_host.Paths, "web", ZoneEventKind.Failed, "a\e[2Jb\n{\"zone\":\"forged\"}", "boot\r\n");
        ZoneEvent read = Assert.Single(EventLog.Read(_host.Paths));
        Assert.Equal("a?[2Jb {\"zone\":\"forged\"}", read.Text);
        // A file that another program wrote is no safer.
        Assert.Equal("x failed: ?[2J", (read with { Operation = "x", Text = "\e[2J", By = null }).ToString());
    }

    [Fact]
    public async Task Causes_of_work_side_by_side_are_kept_apart_and_an_inner_one_ends()
    {
        async Task<string?> WorkAsync(string operation)
        {
            using EventCause cause = EventCause.Begin(operation);
            await Task.Yield();
            using (EventCause.Begin("inner", EventActor.Zone))
                await Task.Yield();
            return EventCause.Current?.Operation;
        }

        using EventCause outer = EventCause.Begin("outer", EventActor.Image);
        Assert.Equal(["a", "b"], await Task.WhenAll(WorkAsync("a"), WorkAsync("b")));
        Assert.Equal(("outer", EventActor.Image), (EventCause.Current!.Operation, EventCause.Current.By));
    }

    [Fact]
    public void A_followed_file_is_read_on_when_it_was_put_aside_and_anew_when_it_was_cut()
    {
        string path = Path.Combine(_host.Paths.Root, "log");
        using TailedFile file = new(path);
        Assert.Empty(file.ReadNew());
        File.WriteAllText(path, "one\ntw");
        Assert.Equal(["one"], file.ReadNew());
        File.AppendAllText(path, "o\nthree\n");
        File.Move(path, path + ".1");
        File.WriteAllText(path, "four\n");
        Assert.Equal(["two", "three", "four"], file.ReadNew());
        Assert.Empty(file.ReadNew());
        File.WriteAllText(path, "5\n");
        Assert.Equal(["5"], file.ReadNew());
        File.AppendAllText(path, new string('y', 100_000) + "\n");
        Assert.Equal([64 << 10, 100_000 - (64 << 10)], file.ReadNew().Select(l => l.Length));
        File.AppendAllText(path, "cut off\n" + new string('z', 8 << 20) + "\nlast\n");
        Assert.Equal("last", file.ReadNew()[^1]);
        File.Delete(path);
        Directory.CreateDirectory(path);
        Assert.Empty(file.ReadNew());
    }

    [Theory]
    [InlineData("OCF_RESOURCE_INSTANCE", "web", "/system.slice/pacemaker.service", "Pacemaker (resource web)")]
    [InlineData("", "", "/system.slice/lofizone.service", "systemd (lofizone.service)")]
    [InlineData("", "", "/user.slice/user-0.slice/user@0.service", "bash")]
    [InlineData("", "", "/", "bash")]
    [InlineData("OCF_RESOURCE_INSTANCE", "a\eb", "/", "Pacemaker (resource a?b)")]
    public void The_program_behind_a_command_is_named(string variable, string value, string cgroup, string program) => Assert.Equal(
        program, EventActor.Of(v => v == variable ? value : null, "root", $"1:name=systemd:{cgroup}\n0::{cgroup}\n", "Name:\tzone\nPPid:\t42\n", p => p == "42" ? "bash\n" : "").Program);

    [Theory]
    [InlineData("192.0.2.7 5 192.0.2.8 22", "192.0.2.7")]
    [InlineData("\e[2J 5", null)]
    [InlineData("", null)]
    public void An_address_counts_only_as_an_address(string connection, string? address) => Assert.Equal(
        address, EventActor.Of(v => v == "SSH_CONNECTION" ? connection : null, "root", "", "", _ => "").Address);
}
