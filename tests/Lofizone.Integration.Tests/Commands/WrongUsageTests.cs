using Lofizone.Testing.Hosts;

namespace Lofizone.Integration.Tests.Commands;

/// <summary>A wrong command line gives exit code 2, and a message with the wrong word and the place of the usage.</summary>
public sealed class WrongUsageTests : IAsyncDisposable
{
    private readonly TestHost _host = new();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Theory]
    [InlineData("frob", "frob", "web")]
    [InlineData("NAME", "boot")]
    [InlineData("--frob", "list", "--frob")]
    [InlineData("--frob", "boot", "--frob", "web")]
    [InlineData("--frob", "boot", "web", "--frob")]
    [InlineData("--frob", "create", "--frob")]
    [InlineData("NAME", "create")]
    [InlineData("zfs", "create", "web", "--fstype", "zfs")]
    [InlineData("frob", "zoneadm", "frob")]
    [InlineData("frob", "zoneadm", "-z", "web", "frob")]
    [InlineData("zoneadm -z ZONE boot", "zoneadm", "boot")]
    [InlineData("-q", "zoneadm", "list", "-q")]
    [InlineData("-v and -p", "zoneadm", "list", "-v", "-p")]
    [InlineData("-z", "zonecfg")]
    [InlineData("--frob", "zonecfg", "-z", "web", "--frob")]
    [InlineData("-f", "zonecfg", "-z", "web", "-f", "x", "info")]
    [InlineData("ZONE", "zlogin")]
    [InlineData("--frob", "zlogin", "--frob")]
    [InlineData("--frob", "lofiadm", "--frob")]
    [InlineData("-a and -d", "lofiadm", "-a", "x", "-d", "y")]
    [InlineData("SIZE", "mkfile")]
    [InlineData("FILE", "mkfile", "10m")]
    [InlineData("--frob", "mkfile", "--frob", "10m", "/tmp/x")]
    [InlineData("DEVICE", "newfs")]
    [InlineData("--frob", "newfs", "--frob")]
    [InlineData("zfs", "newfs", "-T", "zfs", "/dev/lofi/1")]
    public async Task Wrong_usage_is_exit_code_2_and_says_which_word(string wrong, params string[] arguments)
    {
        CommandResult end = await _host.RunAsync(arguments);
        Assert.True(end.ExitCode == 2, end.ToString());
        string[] lines = end.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.True(lines.Length == 2, end.ToString());
        Assert.Contains(wrong, lines[0], StringComparison.Ordinal);
        Assert.Contains("--help", lines[1], StringComparison.Ordinal);
        Assert.Empty(Leavings.Of(_host));
    }
}
