using Lofizone.Fuse;
using Lofizone.Interop;
using Lofizone.Observation;

namespace Lofizone.Engine;

/// <summary>An image that FUSE serves on a file of this host, on descriptors that the keeper holds, too.</summary>
internal sealed class EngineFuseMount : IEngineMount
{
    private readonly FuseServer _server;

    private EngineFuseMount(FuseServer server) => _server = server;

    public IReadOnlyList<OperationFigures> Statistics() => _server.Statistics.ByOpcode();

    public Task Completion => _server.Completion;

    /// <summary>True when a successor engine can take over the mount.</summary>
    public bool CanResend => _server.CanResend;

    /// <summary>Serves <paramref name="file"/> at <paramref name="path"/>. Failed requests are written to the engine's log.</summary>
    public static async Task<EngineFuseMount> MakeAsync(
        IBlockFile file, string path, EngineLog log, IReadOnlyList<FileDescriptor> descriptors, IMessageTap? tap,
        CancellationToken cancellation)
    {
        await System.IO.File.WriteAllBytesAsync(path, [], cancellation);
        return new EngineFuseMount(await FuseServer.MountAsync(path, file, Options(log, descriptors, tap), cancellation));
    }

    /// <summary>Takes over a mount whose engine has died.</summary>
    public static EngineFuseMount Resume(
        IBlockFile file, string path, EngineLog log, IReadOnlyList<FileDescriptor> descriptors, IMessageTap? tap) =>
        new(FuseServer.Resume(path, file, Options(log, descriptors, tap)));

    public Task UnmountAsync(CancellationToken cancellation) => _server.UnmountAsync(cancellation);

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private static FuseOptions Options(EngineLog log, IReadOnlyList<FileDescriptor> descriptors, IMessageTap? tap) =>
        new() { Descriptors = descriptors, Tap = tap, OnError = (what, error) => log.Write($"{what}: {error.Message}") };
}
