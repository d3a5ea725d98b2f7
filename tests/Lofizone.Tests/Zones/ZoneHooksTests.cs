using Lofizone.Config;
using Lofizone.Hosts;
using Lofizone.Operations;
using Lofizone.Programs;
using Lofizone.Zones;
using Microsoft.Extensions.Time.Testing;

namespace Lofizone.Tests.Zones;

public sealed class ZoneHooksTests : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("lofizone-test-hooks-");
    private readonly FakeTimeProvider _clock = new();
    private readonly Reports _reports = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _root.Delete(recursive: true);

    [Fact]
    public async Task Hooks_run_in_the_order_of_their_names_and_are_told_about_the_zone()
    {
        Add("pre-boot/20-b", "echo second; echo said >&2");
        Add("pre-boot/10-a", "echo $LOFIZONE_HOOK $LOFIZONE_ZONE $LOFIZONE_ZONEPATH $LOFIZONE_BRAND $LOFIZONE_SHARE $# $PATH; cat");
        Add("pre-boot/30-copy~", "echo wrong");
        Add("pre-boot/30-new.dpkg-new", "echo wrong");
        Add("pre-boot/.hidden", "echo wrong");
        Add("pre-boot/README", "echo wrong", UnixFileMode.UserRead);
        Add("post-boot/10-other", "echo wrong");
        await Hooks().PreBoot().Do(Cancellation);
        Assert.Equal(
            [
                "web: pre-boot hook 10-a: pre-boot web /zones/web native nfs://nas/zones 0 /usr/sbin:/usr/bin:/sbin:/bin",
                "web: pre-boot hook 20-b: second", "web: pre-boot hook 20-b: said",
            ],
            _reports.Lines);
    }

    [Fact]
    public async Task A_pre_boot_hook_that_fails_stops_the_boot_and_post_halt_hooks_are_its_way_back()
    {
        Add("pre-boot/10-a", "echo why; exit 7");
        Add("pre-boot/20-b", "echo wrong");
        Add("post-halt/10-back", "echo back");
        Step step = Hooks().PreBoot();
        LofizoneException error = await Assert.ThrowsAsync<LofizoneException>(() => step.Do(Cancellation));
        Assert.Equal("web: not booted: pre-boot hook 10-a: exit code 7", error.Message);
        Assert.Equal($"mend the hook or remove it from {_root.FullName}/etc/lofizone/hooks/pre-boot, and run again", error.Advice);
        await step.Undo!(Cancellation);
        Assert.Equal(["web: pre-boot hook 10-a: why", "web: post-halt hook 10-back: back"], _reports.Lines);
    }

    [Fact]
    public async Task Any_other_hook_that_fails_is_a_warning_and_the_next_one_runs()
    {
        Add("pre-halt/10-a", "exit 1");
        Add("pre-halt/20-b", "echo next");
        await File.WriteAllTextAsync(Add("pre-halt/30-c", ""), "no program", Cancellation);
        await Hooks().PreHalt().Do(Cancellation);
        Assert.Equal(
            ["warning: web: pre-halt hook 10-a: exit code 1", "web: pre-halt hook 20-b: next"], _reports.Lines.Take(2));
        Assert.StartsWith("warning: web: pre-halt hook 30-c: can't be started: ", _reports.Lines[2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_another_user_could_have_written_is_not_run()
    {
        string hook = Add("post-boot/10-a", "echo wrong", UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.OtherWrite);
        await Hooks().PostBoot().Do(Cancellation);
        Assert.Equal([$"warning: web: post-boot hook 10-a: not run as root, since everybody may write to {hook}"], _reports.Lines);

        _reports.Lines.Clear();
        File.SetUnixFileMode(hook, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        File.SetUnixFileMode(Path.GetDirectoryName(hook)!, (UnixFileMode)0b111_111_111);
        await Hooks().PostBoot().Do(Cancellation);
        Assert.Contains("everybody may write to", Assert.Single(_reports.Lines), StringComparison.Ordinal);

        _reports.Lines.Clear();
        File.Delete(hook);
        File.SetUnixFileMode(Path.GetDirectoryName(hook)!, (UnixFileMode)0b111_101_101);
        string elsewhere = Add("elsewhere", "echo wrong", (UnixFileMode)0b111_111_111);
        File.CreateSymbolicLink(hook, elsewhere);
        await Hooks().PostBoot().Do(Cancellation);
        Assert.Contains($"everybody may write to {elsewhere}", Assert.Single(_reports.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_hook_that_does_not_end_takes_the_time_of_all_and_no_more()
    {
        Add("post-halt/10-a", "sleep 1000");
        Add("post-halt/20-b", "echo wrong");
        List<TimeSpan?> limits = [];
        await Hooks(new Hanging(_clock, limits)).PostHalt().Do(Cancellation);
        Assert.Equal([ZoneHooks.Limit], limits);
        Assert.Equal(
            ["warning: web: post-halt hook 10-a: no end", "warning: web: post-halt hook 20-b: no time is left for it: all post-halt hooks together have 30 s"],
            _reports.Lines);
    }

    [Fact]
    public async Task A_cancelled_command_ends_its_hook()
    {
        Add("pre-boot/10-a", "exec sleep 1000");
        using CancellationTokenSource stop = new();
        Task run = Hooks().PreBoot().Do(stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
    }

    private ZoneHooks Hooks(IProgramRunner? programs = null) => new(
        new ZoneHost(new HostPaths(_root.FullName), programs ?? new ProgramRunner(), _clock, "/bin/false"),
        new ZoneConfig { Name = "web", ZonePath = "/zones/web", RootImage = new RootImage("nfs://nas/zones", 16 << 20) },
        _reports);

    private string Add(string name, string script, UnixFileMode mode = (UnixFileMode)0b111_101_101)
    {
        string file = Path.Combine(_root.FullName, "etc/lofizone/hooks", name);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, "#!/bin/sh\n" + script + "\n");
        File.SetUnixFileMode(file, mode);
        return file;
    }

    /// <summary>Every program takes all of its time.</summary>
    private sealed class Hanging(FakeTimeProvider clock, List<TimeSpan?> limits) : IProgramRunner
    {
        public string? Find(string program) => program;

        public Task<ProgramResult> RunAsync(ProgramCall call, CancellationToken cancellation)
        {
            limits.Add(call.TimeLimit);
            clock.Advance(call.TimeLimit!.Value);
            throw new LofizoneException("no end");
        }
    }

    private sealed class Reports : IReporter
    {
        public List<string> Lines { get; } = [];

        public void Line(string text) => Lines.Add(text);

        public void Progress(string text, long done, long total)
        {
            // Only lasting lines count.
        }
    }
}
