using Lofizone.Fuse;
using Lofizone.Interop.Measuring;

namespace Lofizone.Lofi;

/// <summary>An image served on a file of this host by FUSE.</summary>
internal sealed class EngineFuseMount : IEngineMount
{
    private readonly FuseServer _server;

    private EngineFuseMount(FuseServer server) => _server = server;

    public IReadOnlyList<OperationFigures> Statistics() => _server.Statistics.ByOpcode();

    public Task Completion => _server.Completion;

    /// <summary>Serves <paramref name="file"/> at <paramref name="path"/>; requests that fail are written to the engine's log.</summary>
    public static async Task<IEngineMount> MakeAsync(IBlockFile file, string path, EngineLog log, CancellationToken cancellation) =>
        new EngineFuseMount(await FuseServer.MountAsync(path, file, new FuseOptions { OnError = (what, error) => log.Write($"{what}: {error.Message}") }, cancellation));

    public Task UnmountAsync(CancellationToken cancellation) => _server.UnmountAsync(cancellation);

    public ValueTask DisposeAsync() => _server.DisposeAsync();
}
