using System.Text.RegularExpressions;
using Lofizone.Testing.Hosts;

namespace Lofizone.Integration.Tests.Zones;

/// <summary>zlogin(1) in a running zone.</summary>
public sealed class ZloginTests(TinyRunningZone zone) : IClassFixture<TinyRunningZone>
{
    private TestHost Host => zone.Host;

    [Fact]
    public async Task A_string_goes_to_a_shell_of_the_zone_and_several_words_are_one_line()
    {
        Assert.Equal("one\n42\n", await Host.RunCheckedAsync("zlogin", "web", "echo one; echo $((40+2)) | cat"));
        Assert.Equal("/root a  b\n", await Host.RunCheckedAsync("zlogin", "web", "echo", "$HOME", "a  b"));
        Assert.Equal("it's one\n", await Host.RunCheckedAsync("zlogin", "web", "echo", "it's one"));
        Assert.Equal("-C -l\n", await Host.RunCheckedAsync("zlogin", "web", "echo", "-C", "-l"));
        // zone login interprets nothing.
        Assert.Equal("$HOME; exit\n", await Host.RunCheckedAsync("login", "web", "--", "echo", "$HOME;", "exit"));
        Assert.Equal(7, (await Host.RunAsync("zlogin", "web", "exit 7")).ExitCode);
        Assert.Equal(127, (await Host.RunAsync("zlogin", "web", "no-such-program")).ExitCode);
    }

    [Fact]
    public async Task Input_goes_to_the_command_to_a_shell_or_nowhere()
    {
        Assert.Equal("a\n0\n", (await Host.RunAsync("echo a\nid -u\n", [], "zlogin", "web", "sh")).Output);
        CommandResult shell = await Host.RunAsync("echo a\nexit 3\n", [], "zlogin", "web");
        Assert.Equal((3, "a\n", ""), (shell.ExitCode, shell.Output, shell.Error));
        Assert.Equal("x", (await Host.RunAsync("x", [], "zlogin", "web", "cat")).Output);
        Assert.Equal("", (await Host.RunAsync("x", [], "zlogin", "-n", "web", "cat")).Output);
    }

    [Fact]
    public async Task A_user_of_the_zone_has_his_own_ids_home_and_profile_and_no_capabilities()
    {
        Assert.Equal("1000 1001 1001 50\n", await Host.RunCheckedAsync("zlogin", "-l", "ann", "web", "echo $(id -u) $(id -g) $(id -G)"));
        Assert.Equal("/home/ann /home/ann ann ann /bin/sh read\n", await Host.RunCheckedAsync("zlogin", "-lann", "web", "echo $HOME $PWD $USER $LOGNAME $SHELL $PROFILE"));
        string[] capabilities = (await Host.RunCheckedAsync("zlogin", "-l", "ann", "web", "grep", "^Cap[IPEA]", "/proc/self/status")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(4, capabilities.Length);
        Assert.All(capabilities, c => Assert.EndsWith("0000000000000000", c, StringComparison.Ordinal));
        Assert.NotEqual(0, (await Host.RunAsync("zlogin", "-l", "ann", "web", "cat /proc/1/environ >/dev/null || touch /root/x")).ExitCode);
        Assert.Equal("err\n", (await Host.RunAsync("zlogin", "-l", "ann", "web", "echo err >/dev/stderr")).Error);
        (await Host.RunAsync("zlogin", "-l", "bob", "web", "id")).AssertRefused("zone web: has no user bob");
        (await Host.RunAsync("zlogin", "-l", "far", "web", "id")).AssertRefused("user far has an ID that the zone does not have");
    }

    [Fact]
    public async Task A_safe_login_looks_at_no_file_of_the_zone()
    {
        await zone.InAsync("sh", "-c", "mv /etc/passwd /etc/kept && echo root:x:0:0::/root:/bin/false >/etc/passwd");
        try
        {
            Assert.Equal(1, (await Host.RunAsync("zlogin", "web", "echo here")).ExitCode);
            Assert.Equal("here / 0\n", await Host.RunCheckedAsync("zlogin", "-S", "web", "echo here $HOME $(id -u)"));
            Assert.Equal("here\n", (await Host.RunAsync("echo here\n", [], "zlogin", "-S", "web")).Output);
        }
        finally
        {
            await zone.InAsync("mv", "/etc/kept", "/etc/passwd");
        }
    }

    [Theory]
    [InlineData("INT")]
    [InlineData("HUP")]
    [InlineData("TERM")]
    public async Task The_signal_that_ends_zlogin_is_the_one_that_the_command_gets(string signal)
    {
        string script = $$"""
            zone zlogin web 'for s in INT HUP TERM; do trap "echo got $s; exit" $s; done; touch /tmp/ready-{{signal}}; while :; do sleep 0.05; done' >"$1/said" &
            until zone login web -- test -e /tmp/ready-{{signal}}; do :; done
            kill -{{signal}} $!
            wait $!
            cat "$1/said"
            """;
        (_, string output, string error) = await zone.RunScriptAsync("env --default-signal=INT,HUP,TERM bash -c \"$(cat \"$2\")\" bash \"$1\"", "set -m\n" + script);
        Assert.True(output == $"got {signal}\n", output + error);
    }

    [Fact]
    public async Task A_login_on_a_terminal_tells_of_its_connection_and_is_left_by_the_escape()
    {
        const string leave = """
            {
                printf 'tty; echo mark$((40+2))\n'
                until grep -q mark42 "$1/screen" 2>/dev/null; do sleep 0.05; done
                printf '\r%s' "$3"
                until grep -q 'closed\|left' "$1/screen" 2>/dev/null; do sleep 0.05; done
            } | script -qefc "zone zlogin $2 web; echo left \$?" "$1/screen"
            """;
        (_, string usual, string error) = await zone.RunScriptAsync($"bash -c '{leave.Replace("'", "'\\''", StringComparison.Ordinal)}' bash \"$1\" '' '~.'");
        string terminal = Regex.Match(usual, @"\[Connected to zone 'web' (pts/\d+)\]").Groups[1].Value;
        Assert.True(terminal.Length > 0, usual + error);
        Assert.Contains($"/dev/{terminal}", usual, StringComparison.Ordinal);
        Assert.Contains($"[Connection to zone 'web' {terminal} closed]", usual, StringComparison.Ordinal);
        Assert.True(usual.Contains("left 0", StringComparison.Ordinal), usual + error);
        (_, string quiet, _) = await zone.RunScriptAsync($"bash -c '{leave.Replace("'", "'\\''", StringComparison.Ordinal)}' bash \"$1\" '-Qe ^' '^.'");
        Assert.DoesNotContain("Connect", quiet, StringComparison.Ordinal);
        Assert.Contains("left 0", quiet, StringComparison.Ordinal);
        // Without an escape key the keys are typed in the zone.
        (_, string none, _) = await zone.RunScriptAsync($"bash -c '{leave.Replace("'", "'\\''", StringComparison.Ordinal)}' bash \"$1\" -QE $'~.\\nexit 5\\n'");
        Assert.Contains("left 5", none, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_command_has_a_terminal_only_if_one_is_asked_for()
    {
        (_, string output, string error) = await zone.RunScriptAsync("script -qec \"zone zlogin web 'tty; true'; zone zlogin -i web tty\" /dev/null");
        Assert.True(output.Contains("not a tty", StringComparison.Ordinal) && output.Contains("/dev/pts/", StringComparison.Ordinal), output + error);
    }
}
