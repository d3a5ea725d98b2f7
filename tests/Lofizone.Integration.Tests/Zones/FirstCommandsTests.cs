using Lofizone.Testing.Hosts;

namespace Lofizone.Integration.Tests.Zones;

/// <summary>
/// The first commands on a host, all at the same time. Each command may find the objects of another command missing, half made, or
/// complete.
/// </summary>
public sealed class FirstCommandsTests
{
    private const int OfEach = 3;

    [Fact]
    public async Task Many_first_commands_at_once_on_an_empty_host_all_do_what_they_do_alone()
    {
        await using TestHost host = new();
        DirectoryInfo share = Directory.CreateDirectory(Path.Combine(host.Root, "share"));
        string[] images = [.. Enumerable.Range(0, OfEach).Select(i => Path.Combine(share.FullName, $"{i}.img"))];
        foreach (string image in images)
        {
            using FileStream file = File.Create(image);
            file.SetLength(8 << 20);
        }

        string[][] commands =
        [
            .. images.Select(i => (string[])["lofiadm", "-a", i]),
            .. Enumerable.Range(0, OfEach).Select(i => (string[])["zonecfg", "-z", $"z{i}", $"create; set zonepath={host.Root}/z/z{i}; commit"]),
            .. Enumerable.Range(0, OfEach).Select(i => (string[])["hosts"]),
            ["list"], ["list", "-v"], ["lofiadm"], ["stat"], ["df"], ["accept", "-n", $"dir:{share.FullName}"],
        ];
        CommandResult[] results = await Task.WhenAll(commands.Select(c => host.RunAsync(c)));

        Assert.All(results.SkipLast(1), r => Assert.True(r.Succeeded, r.ToString()));
        // The command is refused because there is no such zone, with the message of a command that runs alone.
        Assert.Equal((await host.RunAsync(commands[^1])).Error, results[^1].Error);
        string[] devices = [.. results.Take(OfEach).Select(r => r.Output.Trim())];
        Assert.Equal(OfEach, devices.Distinct().Count());
        Assert.Single(results.Skip(2 * OfEach).Take(OfEach).Select(r => r.Output).Distinct());
        Assert.Equal(OfEach, (await host.StatesAsync()).Count);
        string[] ranges = [.. Enumerable.Range(0, OfEach).Select(i => UidBase(host, $"z{i}"))];
        Assert.Equal(OfEach, ranges.Distinct().Count());
        await Task.WhenAll(devices.Select(d => host.RunCheckedAsync("lofiadm", "-d", d)));
        Assert.Empty(HostTraces.Find(host.Paths));
    }

    private static string UidBase(TestHost host, string zone) =>
        File.ReadLines(Path.Combine(host.Paths.ZoneIndex, zone + ".json")).Single(l => l.Contains("uidBase", StringComparison.OrdinalIgnoreCase)).Trim();
}
