using Lofizone.Testing.Nfs;

[assembly: AssemblyFixture(typeof(Lofizone.Integration.Tests.Zones.StandInNas))]

namespace Lofizone.Integration.Tests.Zones;

/// <summary>
/// One real NFS server for all tests with zones, started by the first that asks: root is squashed, as on most servers, and its
/// lease is the usual one, so that whatever waits for a lease to end is seen as hung.
/// </summary>
public sealed class StandInNas : IAsyncDisposable
{
    /// <summary>Lease of the server, seconds.</summary>
    public const int LeaseSeconds = 60;

    private readonly Lazy<Task<GaneshaServer>> _server = new(() => GaneshaServer.StartAsync(new GaneshaOptions { RootSquash = true, LeaseSeconds = LeaseSeconds }));
    private int _shares;

    /// <summary>A fresh directory on the server: its URI, and where it lies on this machine.</summary>
    public async Task<(string Uri, string Directory)> MakeShareAsync()
    {
        GaneshaServer server = await _server.Value;
        string name = $"zones{Interlocked.Increment(ref _shares)}";
        string directory = Directory.CreateDirectory(Path.Combine(server.ExportDirectory, name)).FullName;
        // Root is nobody there: anybody may make zones in it.
        File.SetUnixFileMode(directory, (UnixFileMode)0b111_111_111);
        return ($"{server.Uri}/{name}", directory);
    }

    public async ValueTask DisposeAsync()
    {
        if (_server.IsValueCreated)
            await (await _server.Value).DisposeAsync();
    }
}
