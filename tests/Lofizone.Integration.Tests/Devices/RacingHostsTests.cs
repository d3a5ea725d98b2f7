using Lofizone.Testing.Hosts;
using Lofizone.Testing.Nfs;

namespace Lofizone.Integration.Tests.Devices;

/// <summary>
/// Several hosts want one image at the same time, repeatedly. Each time one host gets the image, and the other hosts are told that host's
/// name.
/// </summary>
public sealed class RacingHostsTests
{
    [Fact]
    public async Task Of_four_hosts_one_gets_the_image_in_a_directory_in_each_of_30_rounds()
    {
        string directory = Directory.CreateTempSubdirectory("lofizone-race-").FullName;
        try
        {
            await RaceAsync($"dir:{directory}/image", Path.Combine(directory, "image"), hostCount: 4, rounds: 30);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Fact]
    public async Task Of_three_hosts_one_gets_the_image_on_a_server_in_each_of_30_rounds()
    {
        await using GaneshaServer server = await GaneshaServer.StartAsync(new GaneshaOptions { RootSquash = true });
        string file = Path.Combine(server.ExportDirectory, "image");
        await RaceAsync($"{server.Uri}/image", file, hostCount: 3, rounds: 30);
    }

    private static async Task RaceAsync(string image, string file, int hostCount, int rounds)
    {
        await using (FileStream made = File.Create(file))
            made.SetLength(8 << 20);
        File.SetUnixFileMode(file, (UnixFileMode)0b110_110_110);
        TestHost[] hosts = [.. Enumerable.Range(0, hostCount).Select(_ => new TestHost())];
        try
        {
            for (int round = 0; round < rounds; round++)
            {
                CommandResult[] results = await Task.WhenAll(hosts.Select(h => h.RunAsync("lofiadm", "-a", image)));
                int winner = Array.FindIndex(results, r => r.Succeeded);
                Assert.True(results.Count(r => r.Succeeded) == 1, $"round {round}: {string.Join('\n', results.Select(r => r.ToString()))}");
                Assert.All(results.Where(r => !r.Succeeded), r => Assert.Contains("locked by", r.Error, StringComparison.Ordinal));
                await hosts[winner].RunCheckedAsync("lofiadm", "-d", image);
            }
        }
        finally
        {
            foreach (TestHost host in hosts)
                await host.DisposeAsync();
        }
    }
}
