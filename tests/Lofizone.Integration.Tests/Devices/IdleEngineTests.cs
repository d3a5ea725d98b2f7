using System.Globalization;
using Lofizone.Devices;
using Lofizone.Testing;
using Lofizone.Testing.Nfs;

namespace Lofizone.Integration.Tests.Devices;

/// <summary>The cost of a device whose zone is idle.</summary>
[Collection(Alone.Name)]
public sealed class IdleEngineTests() : NfsDeviceBed(new GaneshaOptions { LeaseSeconds = 5, RootSquash = true }, 64 << 20)
{
    private const int Renewals = 6;

    /// <summary>
    /// Number of wake-ups that a thread may have in the whole time, for its end for example. A worker of the runtime's pool ends after 20 s
    /// without work.
    /// </summary>
    private const int Once = 2;

    [Fact]
    public async Task An_idle_engine_wakes_for_its_lease_only_and_its_keeper_not_at_all()
    {
        LofiDevice device = await Host.AttachAsync(Image);
        foreach (int pid in new[] { device.Engine!.Pid, device.Keeper!.Pid })
            Assert.DoesNotContain("libcrypto", await File.ReadAllTextAsync($"/proc/{pid}/maps", Cancellation), StringComparison.Ordinal);
        // The wait covers the work that the start left, and the end of the pool's threads: three renewals, watched from outside, which
        // wakes no thread.
        await AwaitAnswersAsync(device.Engine.Pid, Renewals / 2);
        Dictionary<string, long> keeperBefore = Switches(device.Keeper.Pid);
        Dictionary<string, long> before = Switches(device.Engine.Pid);
        await AwaitAnswersAsync(device.Engine.Pid, Renewals);
        Dictionary<string, long> after = Switches(device.Engine.Pid);
        Dictionary<string, long> keeperAfter = Switches(device.Keeper.Pid);

        // One thread sends each renewal, and another thread gets the answer. No other thread wakes repeatedly.
        foreach ((string thread, long count) in after)
        {
            bool renews = thread.Contains("nfs rene", StringComparison.Ordinal) || thread.Contains("nfs receive", StringComparison.Ordinal);
            Assert.True(count - before.GetValueOrDefault(thread) <= (renews ? Renewals + 1 : Once), $"{thread}: {count - before.GetValueOrDefault(thread)} times");
        }

        Assert.InRange(keeperAfter.Values.Sum() - keeperBefore.Values.Sum(), 0, 1);
    }

    /// <summary>Waits until the server has answered this number of renewals.</summary>
    private static Task AwaitAnswersAsync(int pid, int answers)
    {
        long from = Answers(pid);
        return Wait.UntilAsync(() => Answers(pid) >= from + answers, "the lease is not renewed", Cancellation);
    }

    private static long Answers(int pid) => Switches(pid).Where(thread => thread.Key.Contains("nfs receive", StringComparison.Ordinal)).Sum(thread => thread.Value);

    /// <summary>
    /// Number of times that each thread has given up its processor to wait (proc_pid_status(5), voluntary_ctxt_switches).
    /// </summary>
    private static Dictionary<string, long> Switches(int pid)
    {
        Dictionary<string, long> switches = [];
        foreach (string task in Directory.EnumerateDirectories($"/proc/{pid}/task"))
        {
            string line = File.ReadLines(Path.Combine(task, "status")).First(l => l.StartsWith("voluntary_ctxt_switches:", StringComparison.Ordinal));
            switches[$"{Path.GetFileName(task)} {File.ReadAllText(Path.Combine(task, "comm")).Trim()}"] = long.Parse(line.Split(':')[1], CultureInfo.InvariantCulture);
        }

        return switches;
    }
}
