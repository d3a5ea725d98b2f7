using System.Text;
using System.Text.RegularExpressions;
using Lofizone.Integration.Tests.Zones;
using Lofizone.Testing.Hosts;

namespace Lofizone.Integration.Tests.Commands;

/// <summary>
/// Sessions in files: each line that begins with a dollar sign is a command, and the lines below are all it prints. A changed output shows as
/// a difference of the file, and LOFIZONE_WRITE_TRANSCRIPTS=1 writes the files anew.
/// </summary>
public sealed partial class TranscriptTests : IAsyncDisposable
{
    private readonly TestHost _host = new();

    public async ValueTask DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task A_session_of_zoneadm_is_as_written()
    {
        await new TinyZones(_host).AddAsync("web", init: null);
        string uuid = (await _host.RunCheckedAsync("zoneadm", "-z", "web", "list", "-p")).Split(':')[4];
        string file = Path.Combine(HostCleanup.RepositoryRoot(), "tests/Lofizone.Integration.Tests/Commands/transcripts/zoneadm.txt");
        string expected = await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken);
        StringBuilder actual = new();
        foreach (string line in expected.Split('\n').Where(l => l.StartsWith("$ ", StringComparison.Ordinal)))
        {
            CommandResult result = await _host.RunAsync(line[2..].Replace("UUID", uuid, StringComparison.Ordinal).Split(' '));
            string said = (result.Output + result.Error).Replace(uuid, "UUID", StringComparison.Ordinal).Replace(_host.Root, "ROOT", StringComparison.Ordinal);
            actual.Append(line).Append('\n').Append(Seconds().Replace(said, "N s"));
            if (result.ExitCode != 0)
                actual.Append($"[exit {result.ExitCode}]\n");
        }

        if (Environment.GetEnvironmentVariable("LOFIZONE_WRITE_TRANSCRIPTS") == "1")
            await File.WriteAllTextAsync(file, actual.ToString(), TestContext.Current.CancellationToken);
        Assert.Equal(expected, actual.ToString());
    }

    [GeneratedRegex(@"\d+\.\d+ s\b")]
    private static partial Regex Seconds();
}
