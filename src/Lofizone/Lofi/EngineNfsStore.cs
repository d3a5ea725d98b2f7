using Lofizone.Fuse;
using Lofizone.Nfs;
using Lofizone.Shares;

namespace Lofizone.Lofi;

/// <summary>
/// An image on an NFS server: opened so that nobody else may open it for writing (OPEN4_SHARE_DENY_WRITE, which the server enforces),
/// then locked, so that every read and write carries the lock's state ID.
/// </summary>
internal sealed class EngineNfsStore : IEngineStore
{
    private readonly ShareUri _uri;
    private readonly NfsClient _client;
    private readonly NfsFile _file;
    private readonly NfsBlockFile _blocks;

    private EngineNfsStore(ShareUri uri, NfsClient client, NfsFile file)
    {
        (_uri, _client, _file) = (uri, client, file);
        _blocks = new NfsBlockFile(file, TimeProvider.System);
    }

    public IBlockFile File => _blocks;

    /// <exception cref="ImageLockedException">Another host has the image.</exception>
    /// <exception cref="LofizoneException">It can't be had.</exception>
    public static async Task<IEngineStore> OpenAsync(EngineParameters parameters, CancellationToken cancellation)
    {
        ShareUri uri = ShareUri.Parse(parameters.File);
        try
        {
            NfsClient client = await NfsClient.ConnectAsync(
                new NfsClientOptions
                {
                    Server = uri.Server!,
                    Port = uri.Port,
                    Uid = parameters.Uid,
                    Gid = parameters.Gid,
                    ClientOwner = parameters.ClientOwner,
                },
                cancellation);
            try
            {
                return new EngineNfsStore(uri, client, await OpenLockedAsync(uri, client, cancellation));
            }
            catch
            {
                await client.DisposeAsync();
                throw;
            }
        }
        catch (NfsException e)
        {
            throw NfsImageErrors.Explain(e, uri, new NfsIdentity(parameters.Uid, parameters.Gid));
        }
    }

    public EngineStatus Status(DateTimeOffset since) => EngineNfsFigures.Status(_uri, _client, _file, _blocks, since);

    public EngineStatistics Statistics() => EngineNfsFigures.Statistics(_client, _blocks);

    public Task<bool> AnswersAsync(TimeSpan limit) => _client.AnswersAsync(limit);

    public Task CloseAsync(CancellationToken cancellation) => _file.CloseAsync(cancellation);

    public async ValueTask DisposeAsync()
    {
        await _file.DisposeAsync();
        await _client.DisposeAsync();
    }

    private static async Task<NfsFile> OpenLockedAsync(ShareUri uri, NfsClient client, CancellationToken cancellation)
    {
        NfsFile file = await client.OpenAsync(uri.Path, new NfsOpenOptions { Write = true, DenyWrite = true }, cancellation);
        try
        {
            await file.LockAsync(cancellation);
            // As it is under the lock: until then another host might have changed its length.
            ImageSize.Check(uri, (await file.GetAttributesAsync(cancellation)).Size);
            return file;
        }
        catch
        {
            await file.DisposeAsync();
            throw;
        }
    }
}
