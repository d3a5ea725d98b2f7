using Lofizone.Hosts;
using Lofizone.Runtime;

namespace Lofizone.Tests.Runtime;

public sealed class InitFailureTests
{
    [Theory]
    [InlineData(129, "asked for a reboot")]
    [InlineData(130, "powered the zone off")]
    [InlineData(137, "signal 9")]
    [InlineData(139, "signal 11")]
    [InlineData(255, "signal 127")]
    [InlineData(3, "exit status 3")]
    [InlineData(0, "exit status 0")]
    public void How_an_init_ended_is_told(int code, string words) => Assert.Contains(words, Message(ZoneExit.FromCode(code), []), StringComparison.Ordinal);

    [Fact]
    public void An_end_that_nobody_saw_is_told_too() => Assert.Contains("nobody saw how", Message(new ZoneExit(ExitKind.Unknown, -1), []), StringComparison.Ordinal);

    [Theory]
    [InlineData("Failed to create inotify object", "fs.inotify.max_user_instances")]
    [InlineData("Failed to allocate manager object: Too many open files", "fs.inotify.max_user_instances")]
    [InlineData("unshare: No space left on device", "user.max_mnt_namespaces")]
    [InlineData("fork: Resource temporarily unavailable", "kernel.pid_max")]
    public void A_limit_that_the_console_speaks_of_is_named(string console, string limit)
    {
        LofizoneException error = InitFailure.Error("web", new ZoneExit(ExitKind.Exited, 1), ["before", console], []);
        Assert.Contains(limit, error.Advice, StringComparison.Ordinal);
        Assert.Contains(console, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_limit_that_was_found_low_is_told_with_what_raises_it()
    {
        LofizoneException error = InitFailure.Error("web", new ZoneExit(ExitKind.Exited, 1), [], [new HostLimitFinding("x.y is 1", "sysctl -w x.y=2")]);
        Assert.Contains("x.y is 1: sysctl -w x.y=2", error.Message, StringComparison.Ordinal);
        Assert.Contains("it printed nothing", error.Message, StringComparison.Ordinal);
        Assert.Contains("console.log of web", error.Advice, StringComparison.Ordinal);
    }

    private static string Message(ZoneExit exit, IReadOnlyList<string> console) => InitFailure.Error("web", exit, console, []).Message;
}
