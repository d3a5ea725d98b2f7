using System.Globalization;
using Lofizone.Testing;
using Lofizone.Testing.Hosts;
using Lofizone.Testing.Nfs;

namespace Lofizone.Integration.Tests.Zones;

/// <summary>The server of a running zone goes away and comes back.</summary>
[Collection(SilentZones.Name)]
public sealed class LostServerTests(InstalledZone zone) : IClassFixture<InstalledZone>
{
    /// <summary>Time for which the server is away, seconds: longer than its lease.</summary>
    private const int AwaySeconds = 10;

    /// <summary>Limit for a command's report of a dead server, seconds.</summary>
    private const int AnswerLimitSeconds = 20;

    private TestHost Host => zone.Host;

    [Fact]
    public async Task A_zone_that_writes_through_a_server_restart_loses_nothing_it_has_synced()
    {
        const string write = """
            mkdir -p /data; i=0
            while [ ! -e /data/stop ]; do
                i=$((i + 1))
                { dd if=/dev/urandom bs=64k count=4 status=none of=/data/f$i conv=fsync && sha256sum /data/f$i >>/data/sums && sync /data/sums && echo $i >/data/last; } 2>>/data/errors || echo "write $i failed" >>/data/errors
            done
            """;
        await Host.RunCheckedAsync("boot", "web");
        string spare = $"{zone.Share}/spare.img";
        await Host.RunCheckedAsync("mkfile", "-n", "64m", spare);
        Task<CommandResult> writer = Host.RunAsync(write, [], "login", "web", "--", "sh", "-s");
        int before = await WrittenAsync(atLeast: 5);

        await zone.Server.KillAsync();
        // A lease that runs out while its server is down gives no event.
        await Task.Delay(TimeSpan.FromSeconds(AwaySeconds), Cancellation);
        await zone.Server.StartAgainAsync(Cancellation);
        // A new open waits for the end of the grace period.
        CommandResult attach = await Host.RunAsync("lofiadm", "-a", spare);
        Assert.True(attach.ExitCode == 0, attach.ToString());
        await Host.RunCheckedAsync("lofiadm", "-d", spare);

        int after = await WrittenAsync(atLeast: before + 5);
        await Host.RunCheckedAsync("login", "web", "--", "touch", "/data/stop");
        CommandResult wrote = await writer;
        Assert.True((wrote.ExitCode, wrote.Error) == (0, ""), wrote.ToString());
        await VerifyAsync(after);
        Assert.Contains("lock held", await Host.RunCheckedAsync("explain", "web"), StringComparison.Ordinal);
        await Host.RunCheckedAsync("halt", "web");
        await Host.RunCheckedAsync("boot", "web");
        await VerifyAsync(after);
        await Host.RunCheckedAsync("login", "web", "--", "rm", "-r", "/data");
        await Host.RunCheckedAsync("halt", "web");
    }

    [Fact]
    public async Task With_a_dead_server_df_and_explain_answer_and_still_show_the_rest()
    {
        string other = Directory.CreateDirectory(Path.Combine(Host.Root, "other")).FullName;
        await Host.RunCheckedAsync("zonecfg", "-z", "near", $"create; set zonepath={Host.Root}/zones/near; add rootimage; set storage=dir:{other}; set size=1g; set fstype=ext4; end");
        try
        {
            await zone.Server.PauseAsync();
            await AssertAnswersAsync("installed", "does not answer");
            await zone.Server.ResumeAsync();
            await Host.RunCheckedAsync("boot", "web");
            await zone.Server.KillAsync();
            await AssertAnswersAsync("running", "can't be reached");
            Assert.Matches($@"{Host.Paths.DevLofi}/1 +[0-9]+ .*{Host.Root}/zones/web", (await Host.RunAsync("df")).Output);
        }
        finally
        {
            await zone.Server.ResumeAsync();
            await zone.Server.StartAgainAsync(Cancellation);
        }

        await Host.RunCheckedAsync("login", "web", "--", "sh", "-c", "echo x >/root/x && sync /root/x");
        await Host.RunCheckedAsync("halt", "web");
        await Host.RunCheckedAsync("zonecfg", "-z", "near", "delete", "-F");
    }

    private async Task AssertAnswersAsync(string state, string problem)
    {
        CommandResult df = await Host.RunAsync("df");
        Assert.True(df.ExitCode == 1, df.ToString());
        Assert.InRange(df.Took.TotalSeconds, 0, AnswerLimitSeconds);
        Assert.Contains(zone.Share, df.Error, StringComparison.Ordinal);
        Assert.Matches($@"{zone.Share} +- +- +- +- -", df.Output);
        Assert.Matches($@"dir:{Host.Root}/other +[0-9]+ ", df.Output);

        CommandResult explain = await Host.RunAsync("explain", "web");
        Assert.True(explain.ExitCode == 0, explain.ToString());
        Assert.InRange(explain.Took.TotalSeconds, 0, AnswerLimitSeconds);
        Assert.Contains($"state {state}", explain.Output, StringComparison.Ordinal);
        Assert.True(explain.Output.Contains(problem, StringComparison.Ordinal), explain.ToString());
        Assert.Equal(0, (await Host.RunAsync("list")).ExitCode);
    }

    private async Task<int> WrittenAsync(int atLeast)
    {
        int number = 0;
        await Wait.UntilAsync(
            async () => int.TryParse(
                (await Host.RunAsync("login", "web", "--", "cat", "/data/last")).Output.Trim(), CultureInfo.InvariantCulture, out number) && number >= atLeast,
            "the zone writes nothing", Cancellation);
        return number;
    }

    private async Task VerifyAsync(int atLeast)
    {
        CommandResult errors = await Host.RunAsync("login", "web", "--", "cat", "/data/errors");
        Assert.True(errors.Output == "", errors.ToString());
        CommandResult check = await Host.RunAsync("login", "web", "--", "sha256sum", "-c", "--quiet", "/data/sums");
        Assert.True(check.ExitCode == 0, check.ToString());
        string count = (await Host.RunCheckedAsync("login", "web", "--", "wc", "-l", "/data/sums")).Split(' ')[0];
        Assert.InRange(int.Parse(count, CultureInfo.InvariantCulture), atLeast, int.MaxValue);
    }
}
