using Lofizone.Testing.Nfs;

[assembly: AssemblyFixture(typeof(Lofizone.Integration.Tests.Zones.StandInNas))]

namespace Lofizone.Integration.Tests.Zones;

/// <summary>
/// One real NFS server for all tests with zones. The first test that needs the server starts it. The server squashes root, as most servers
/// do. Its lease is the usual one, so that a wait for the end of a lease looks like a hang.
/// </summary>
public sealed class StandInNas : IAsyncDisposable
{
    /// <summary>Lease of the server, seconds.</summary>
    public const int LeaseSeconds = 60;

    private readonly Lazy<Task<GaneshaServer>> _server = new(() => GaneshaServer.StartAsync(new GaneshaOptions { RootSquash = true, LeaseSeconds = LeaseSeconds }));
    private int _shares;

    /// <summary>Makes a fresh directory on the server; returns its URI and its path on this machine.</summary>
    public async Task<(string Uri, string Directory)> MakeShareAsync()
    {
        GaneshaServer server = await _server.Value;
        string name = $"zones{Interlocked.Increment(ref _shares)}";
        string directory = Directory.CreateDirectory(Path.Combine(server.ExportDirectory, name)).FullName;
        // The server squashes root, so every user may make zones in the directory.
        File.SetUnixFileMode(directory, (UnixFileMode)0b111_111_111);
        return ($"{server.Uri}/{name}", directory);
    }

    public async ValueTask DisposeAsync()
    {
        if (_server.IsValueCreated)
            await (await _server.Value).DisposeAsync();
    }
}
