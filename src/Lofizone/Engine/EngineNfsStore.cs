using Lofizone.Fuse;
using Lofizone.Hosts;
using Lofizone.Nfs;
using Lofizone.Nfs.Options;
using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Resume;
using Lofizone.Observation;
using Lofizone.Ownership;
using Lofizone.Shares;

namespace Lofizone.Engine;

/// <summary>
/// An image on an NFS server. The image is opened so that no other client may open it for writing (OPEN4_SHARE_DENY_WRITE, which the server
/// enforces). Then the image is locked, so that every read and write carries the lock's state ID.
/// </summary>
internal sealed class EngineNfsStore : IEngineStore
{
    private readonly ShareUri _uri;
    private readonly NfsClient _client;
    private readonly NfsFile _file;
    private readonly NfsBlockFile _blocks;

    private readonly TaskCompletionSource<EngineFence> _fenced = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private EngineNfsStore(ShareUri uri, NfsClient client, NfsFile file, ImageOwnerProof proof)
    {
        (_uri, _client, _file) = (uri, client, file);
        _blocks = new NfsBlockFile(file, TimeProvider.System);
        file.Fenced += error => _fenced.TrySetResult(
            new EngineFence(error.Why, TimeProvider.System.GetUtcNow(), proof.Other?.Host, proof.Other?.Since));
        Proof = proof;
        // From here on a lost lock may be taken again. Earlier there was no record to prove the ownership with.
        if (!file.IsFenced)
            file.GuardBy(proof);
        else
            _fenced.TrySetResult(new EngineFence("the engine before this one was fenced", TimeProvider.System.GetUtcNow(), null, null));
    }

    public IoLimits Limits
    {
        get => _blocks.Pacer.Limits;
        set => _blocks.Pacer.Limits = value;
    }

    public Task<EngineFence> Fenced => _fenced.Task;

    public Action<EngineHold?> OnHold
    {
        set => _file.HoldChanged += hold => value(hold is null ? null : new EngineHold(hold.Since, NfsStatusText.Describe(hold.Status)));
    }

    /// <summary>The proof that allows a lost lock to be taken again.</summary>
    public ImageOwnerProof Proof { get; }

    public IBlockFile File => _blocks;

    /// <exception cref="ImageLockedException">Another host has the image.</exception>
    public static async Task<EngineNfsStore> OpenAsync(
        EngineParameters parameters, NfsResumeMemory memory, IMessageTap? tap, CancellationToken cancellation)
    {
        ShareUri uri = ShareUri.Parse(parameters.File);
        try
        {
            NfsClient client = await NfsClient.ConnectAsync(Options(parameters, uri, memory, tap), cancellation);
            try
            {
                NfsFile file = await StaleNames.RetryOnceAsync(() => OpenLockedAsync(uri, client, cancellation));
                return new EngineNfsStore(uri, client, file, await ClaimAsync(uri, client, parameters, cancellation));
            }
            catch
            {
                await client.DisposeAsync();
                throw;
            }
        }
        catch (NfsException e)
        {
            throw NfsImageErrors.Explain(e, uri, parameters.Identity);
        }
    }

    /// <summary>Takes over from the killed engine that filled the memory. Does not wait for the server.</summary>
    /// <param name="parameters">The killed engine's parameters.</param>
    /// <param name="memory">The memory that the killed engine filled.</param>
    /// <param name="generation">Generation of the killed engine's owner record.</param>
    /// <param name="tap">Gets every message; null without a trace.</param>
    public static EngineNfsStore Resume(EngineParameters parameters, NfsResumeMemory memory, long generation, IMessageTap? tap)
    {
        ShareUri uri = ShareUri.Parse(parameters.File);
        (ShareUri directory, string name) = uri.Split();
        ImageOwner owner = ImageOwner.OfHost(new HostPaths(parameters.HostRoot), TimeProvider.System.GetUtcNow()) with
        {
            Attachment = parameters.Attachment,
            Transport = NfsTransports.User,
            Generation = generation,
        };
        ImageOwnerProof proof = new(directory.Below(ImageOwner.NameFor(name)).Path, owner);
        (NfsClient client, NfsFile file) = NfsClient.Resume(Options(parameters, uri, memory, tap), proof);
        return new EngineNfsStore(uri, client, file, proof);
    }

    /// <summary>Completes when the server has answered. After <see cref="Resume"/> that can take as long as the server is away.</summary>
    public Task WhenReady => _client.WhenReady;

    public EngineStatus Status(DateTimeOffset since) => EngineNfsFigures.Status(_uri, _client, _file, _blocks, since);

    public EngineStatistics Statistics() => EngineNfsFigures.Statistics(_client, _blocks);

    public Task<bool> AnswersAsync(TimeSpan limit) => _client.AnswersAsync(limit);

    public Task CloseAsync(CancellationToken cancellation) => _file.CloseAsync(cancellation);

    public async ValueTask DisposeAsync()
    {
        await _file.DisposeAsync();
        await _client.DisposeAsync();
    }

    /// <summary>Writes the owner record, under the lock and before the image is touched.</summary>
    private static async Task<ImageOwnerProof> ClaimAsync(
        ShareUri uri, NfsClient client, EngineParameters parameters, CancellationToken cancellation)
    {
        (ShareUri directory, string name) = uri.Split();
        ImageOwner owner = ImageOwner.OfHost(new HostPaths(parameters.HostRoot), TimeProvider.System.GetUtcNow()) with
        {
            Attachment = parameters.Attachment,
            Transport = NfsTransports.User,
            ClientOwner = Convert.ToHexStringLower(parameters.ClientOwner),
            Boot = HostIdentity.Boot(new HostPaths(parameters.HostRoot)),
        };
        NfsShare share = NfsShare.Over(directory, client, parameters.Identity);
        owner = await ImageOwner.ClaimAsync(share, uri, owner, cancellation);
        return new ImageOwnerProof(directory.Below(ImageOwner.NameFor(name)).Path, owner);
    }

    private static NfsClientOptions Options(EngineParameters parameters, ShareUri uri, NfsResumeMemory memory, IMessageTap? tap) =>
        NfsShare.ClientOptions(uri, parameters.Identity, parameters.ClientOwner) with
        {
            ConnectionsPerPath = uri.Connections ?? NfsClientOptions.DefaultConnections,
            ResumeMemory = memory,
            Tap = tap,
        };

    private static async Task<NfsFile> OpenLockedAsync(ShareUri uri, NfsClient client, CancellationToken cancellation)
    {
        NfsFile file = await client.OpenAsync(
            uri.Path, new NfsOpenOptions { Write = true, DenyWrite = true, HoldWhenFull = true, Resumable = true }, cancellation);
        try
        {
            await file.LockAsync(cancellation);
            // The length is read under the lock, because another host might have changed it earlier.
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
