using Lofizone.Testing.Hosts;

namespace Lofizone.Integration.Tests.Commands;

/// <summary>Standard output takes no data. A command ends with an error, as for other failures.</summary>
public sealed class LostOutputTests : IAsyncDisposable
{
    private readonly TestHost _host = new();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Theory]
    [InlineData("list")]
    [InlineData("zoneadm", "list", "-cv")]
    [InlineData("stat", "--openmetrics")]
    [InlineData("zonecfg", "help")]
    [InlineData("--help")]
    public async Task A_full_disk_below_standard_output_is_a_failure_and_named(params string[] command)
    {
        CommandResult end = await _host.RunAsync(null, Shell("exec \"$@\" >/dev/full"), command);
        end.AssertRefused("standard output can't be written: No space left on device");
    }

    [Fact]
    public async Task Closed_standard_output_is_a_failure_and_closed_standard_error_is_none()
    {
        (await _host.RunAsync(null, Shell("exec \"$@\" >&-"), "list")).AssertRefused("standard output can't be written");
        Assert.Equal(0, (await _host.RunAsync(null, Shell("exec \"$@\" 2>&-"), "list")).ExitCode);
        Assert.Equal(1, (await _host.RunAsync(null, Shell("exec \"$@\" 2>/dev/full"), "boot", "web")).ExitCode);
        Assert.Equal(2, (await _host.RunAsync(null, Shell("exec \"$@\" 2>/dev/full"), "boot")).ExitCode);
    }

    [Fact]
    public async Task A_reader_that_has_seen_enough_ends_a_look_without_an_end_and_no_word_is_said()
    {
        // The second interval is never reached, because the wait of the first interval notices the reader's end.
        CommandResult end = await _host.RunAsync(null, Shell("{ \"$@\"; echo $? >&2; } | true"), "stat", "-i", "86400");
        Assert.Equal("141\n", end.Error);
    }

    private static string[] Shell(string line) => ["sh", "-c", line, "sh"];
}
