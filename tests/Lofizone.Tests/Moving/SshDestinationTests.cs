using Lofizone.Moving;

namespace Lofizone.Tests.Moving;

public sealed class SshDestinationTests
{
    [Theory]
    [InlineData("")]
    [InlineData("-oProxyCommand=reboot")]
    [InlineData("a b")]
    [InlineData("a\nb")]
    public void What_ssh_would_take_for_something_else_is_no_host(string host)
    {
        Assert.NotNull(SshDestination.Problem(host));
        Assert.Throws<LofizoneException>(() => new SshDestination(host).Arguments(terminal: false, "x"));
    }

    [Theory]
    [InlineData(false, "BatchMode=yes")]
    [InlineData(true, "BatchMode=no")]
    public void Without_a_terminal_ssh_asks_nobody(bool terminal, string option)
    {
        IReadOnlyList<string> arguments = new SshDestination("root@b") { Program = "/opt/my zone" }.Arguments(terminal, "move-peer");
        Assert.Contains(option, arguments);
        Assert.Equal(["--", "root@b", "'/opt/my zone' move-peer"], arguments.TakeLast(3));
    }
}
