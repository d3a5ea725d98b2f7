using Lofizone.Integration.Tests.Zones;
using Lofizone.Testing;
using Lofizone.Testing.Hosts;

namespace Lofizone.Integration.Tests.Commands;

/// <summary>A terminal is closed, or a command is told to quit, in the middle of an operation. The whole operation is undone.</summary>
public sealed class ClosedTerminalTests(NasHost nas) : IClassFixture<NasHost>
{
    /// <summary>Closes the terminal. The terminal takes no output any more, and all of its processes get SIGHUP.</summary>
    private const string CloseTerminal = "kill -KILL $!";

    private const string Quit = "kill -QUIT $(pgrep -f \"^$3 create web $2\")";

    [Theory]
    [InlineData(CloseTerminal)]
    [InlineData(Quit)]
    public async Task A_create_that_is_ended_in_the_middle_leaves_nothing_half_made(string end)
    {
        TestHost host = nas.Host;
        IReadOnlyList<string> before = Leavings.Of(host, nas.ShareDirectory);
        string directory = Directory.CreateDirectory(Path.Combine(host.Root, "scripts", Guid.NewGuid().ToString("N"))).FullName;
        string program = await host.MakeProgramAsync(directory);
        string script = $$"""
            # A shell without job control has what runs in the background ignore SIGQUIT, and nohup(1) has what it starts ignore SIGHUP.
            script -qfec "env --default-signal=QUIT,HUP $1 create web $2" "$4/typescript" </dev/null >/dev/null 2>&1 &
            until grep -q 'attach the image' "$4/typescript" 2>/dev/null; do kill -0 $! || exit 3; done
            {{end}}
            wait $! 2>/dev/null
            true
            """;
        (int code, _, string error) = await TestProgram.TryAsync("bash", "-c", script, "bash", program, nas.Share, TestHost.ZoneBinary, directory);
        Assert.True(code == 0, error);

        await host.WaitUntilSettledAsync("web");
        await host.WaitAsync(() => Task.FromResult(Leavings.Of(host, nas.ShareDirectory).SequenceEqual(before)), "something of the zone is left");
        Assert.DoesNotContain("[13/13]", await File.ReadAllTextAsync(Path.Combine(directory, "typescript"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Null(await host.StateAsync("web"));
    }

    [Fact]
    public async Task Zone_top_obeys_keys_until_q()
    {
        string directory = Directory.CreateDirectory(Path.Combine(nas.Host.Root, "scripts", Guid.NewGuid().ToString("N"))).FullName;
        string program = await nas.Host.MakeProgramAsync(directory);
        const string script = """
            mkfifo "$2/typed"
            exec 3<>"$2/typed"
            timeout 60 script -qfec "$1 top -i 0.2" "$2/typescript" <&3 >/dev/null 2>&1 &
            until grep -q 'global' "$2/typescript" 2>/dev/null; do kill -0 $! || exit 3; done
            printf n >&3
            until grep -q '\[n\]name' "$2/typescript"; do kill -0 $! || exit 4; done
            printf q >&3
            wait $!
            """;
        (int code, _, string error) = await TestProgram.TryAsync("bash", "-c", script, "bash", program, directory);
        Assert.True(code == 0, $"exit code {code}: {error}");
    }

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task A_signal_is_an_answer_to_a_question(string signal)
    {
        TestHost host = nas.Host;
        string directory = Directory.CreateDirectory(Path.Combine(host.Root, "scripts", Guid.NewGuid().ToString("N"))).FullName;
        string program = await host.MakeProgramAsync(directory);
        string zone = "asked-" + signal;
        const string script = """
            mkfifo "$4/typed"
            exec 3<>"$4/typed"
            timeout 60 script -qfec "$1 zonecfg -z $2" "$4/typescript" <&3 >/dev/null 2>&1 &
            until grep -q "zonecfg:$2>" "$4/typescript" 2>/dev/null; do kill -0 $! || exit 3; done
            kill -$5 $(pgrep -f "^$3 zonecfg -z $2")
            wait $!
            """;
        (int code, _, string error) = await TestProgram.TryAsync("bash", "-c", script, "bash", program, zone, TestHost.ZoneBinary, directory, signal);
        Assert.True(code == 130, $"exit code {code}: {error}");
        Assert.Null(await host.StateAsync(zone));
    }
}
