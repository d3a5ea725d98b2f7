using System.Globalization;
using Lofizone.Shares;
using Lofizone.Testing.Hosts;
using Lofizone.Testing.Nfs;

namespace Lofizone.Integration.Tests.Zones;

/// <summary>
/// What each command asks of a share's server: connections and round trips, counted on their way. A command opens its share once. The
/// device's own connection, on which the kernel reads and writes blocks, is counted apart.
/// </summary>
public sealed class RoundTripTests(ITestOutputHelper output)
{
    private const string Zone = "web";

    /// <summary>What a detach finds in the zone.</summary>
    private const string Packages = "Package: dpkg\nStatus: install ok installed\nArchitecture: all\nVersion: 1\n";

    [Fact]
    public async Task A_command_opens_its_share_once_and_asks_no_more_of_the_server_than_it_needs()
    {
        await using GaneshaServer server = await GaneshaServer.StartAsync();
        await using CountingRelay relay = new(server.Port);
        string share = string.Create(CultureInfo.InvariantCulture, $"nfs://127.0.0.1:{relay.Port}{server.PseudoPath}");
        await using TestHost here = new();
        await using TestHost there = new();
        await new TinyZones(here, server.ExportDirectory, share).AddAsync(Zone, init: null, ("var/lib/dpkg/status", Packages));

        await AssertAsync(new(1, 16), "list", "--share", share);
        await AssertAsync(new(1, 20, Device: true), "boot", Zone);
        await AssertAsync(new(1, 11), "halt", Zone);
        // Now that home.json is there.
        await AssertAsync(new(1, 12, Device: true), "boot", Zone);
        await AssertAsync(new(1, 11), "halt", Zone);
        await AssertAsync(new(1, 22, Device: true), "detach", Zone);
        await AssertAsync(new(1, 28, Device: true), "attach", "-F", Zone);
        await here.RunCheckedAsync("boot", Zone);
        // One end on each host.
        string[] move = ["move", Zone, "there", "-F", "--accept", "--share", share, "--ssh", await MovePeer.ProgramAsync(there)];
        await AssertAsync(new(2, 52, Device: true), move);
        await there.RunCheckedAsync("halt", Zone);

        async Task AssertAsync(Cost most, params string[] command)
        {
            HashSet<RelayedConnection> before = [.. relay.Connections];
            await here.RunCheckedAsync(command);
            // A connection without a COMPOUND is a question whether the server lives, asked as often as the command waits for something.
            int[] now = [.. relay.Connections.Where(c => !before.Contains(c) && c.Compounds > 0).Select(c => c.Compounds).Order()];
            string found = $"{command[0]}: {string.Join(", ", now)} COMPOUNDs";
            output.WriteLine(found);
            // The engine asks the most: what it mounts is read through it.
            int[] own = most.Device ? now[..^1] : now;
            Assert.True(own.Length == most.Sessions && own.Sum() <= most.Compounds, $"{found}; at most {most}");
        }
    }

    /// <param name="Sessions">Connections that a command makes for itself, each with a session.</param>
    /// <param name="Compounds">Round trips on them.</param>
    /// <param name="Device">An engine has one of its own besides.</param>
    private sealed record Cost(int Sessions, int Compounds, bool Device = false);
}
