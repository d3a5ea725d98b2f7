using System.Globalization;
using System.Net.Sockets;
using Lofizone.Hosts;
using Lofizone.Interop;
using Lofizone.Nfs.Options;
using Lofizone.Nfs.Protocol;
using Lofizone.Nfs;

namespace Lofizone.Shares;

/// <summary>
/// A share on an NFS server, through Lofizone's own client, which works without an NFS client in the kernel. Every operation has a
/// deadline.
/// </summary>
public sealed partial class NfsShare : IShare
{
    private const uint FileMode = 0x180;
    private const uint DirectoryMode = 0x1C0;

    private static readonly TimeSpan _portMapperLimit = TimeSpan.FromSeconds(1);

    private readonly NfsClient _client;
    private readonly NfsIdentity _identity;
    private readonly NfsShareOptions _options;

    private readonly Func<ValueTask> _end;

    private NfsShare(ShareUri uri, NfsClient client, NfsIdentity identity, NfsShareOptions options, Func<ValueTask> end)
    {
        Uri = uri;
        _client = client;
        _identity = identity;
        _options = options;
        _end = end;
    }

    public ShareUri Uri { get; }

    /// <summary>The share's client, for the needs of the image's data path.</summary>
    public NfsClient Client => _client;

    /// <summary>A share over the client of another object, which disposes of the client. The share itself needs no disposal.</summary>
    internal static NfsShare Over(ShareUri uri, NfsClient client, NfsIdentity identity) =>
        new(uri, client, identity, new NfsShareOptions(), () => default);

    /// <summary>Connects, and checks that the share's directory exists. The share has the client for itself.</summary>
    /// <exception cref="LofizoneException">
    /// The server can't be reached, the export is missing, or access is denied. The message names the cause and the remedy.
    /// </exception>
    public static async Task<NfsShare> OpenAsync(ShareUri uri, NfsShareOptions? options = null, CancellationToken cancellation = default)
    {
        options ??= new NfsShareOptions();
        NfsClient client = await ConnectAsync(uri, options, cancellation);
        try
        {
            return await OverAsync(uri, client, options, client.DisposeAsync, check: true, cancellation);
        }
        catch
        {
            await client.DisposeAsync();
            throw;
        }
    }

    /// <summary>A client for what is on the share's server.</summary>
    /// <exception cref="LofizoneException">The server can't be reached.</exception>
    internal static async Task<NfsClient> ConnectAsync(ShareUri uri, NfsShareOptions options, CancellationToken cancellation)
    {
        NfsIdentity identity = NfsIdentity.Of(uri);
        try
        {
            return await NfsClient.ConnectAsync(ClientOptions(uri, identity, options), cancellation);
        }
        catch (NfsException failure)
        {
            throw NfsShareErrors.Explain(failure, uri, identity, null, await OtherVersionsAsync(failure, uri, options, cancellation));
        }
    }

    /// <summary>The share over a client of its server.</summary>
    /// <param name="uri">The share.</param>
    /// <param name="client">Connected.</param>
    /// <param name="options">Deadlines.</param>
    /// <param name="end">What becomes of the client at the share's end.</param>
    /// <param name="check">See that its directory is there.</param>
    /// <param name="cancellation">Ends the look.</param>
    /// <exception cref="LofizoneException">Export missing, access denied, no directory.</exception>
    internal static async Task<NfsShare> OverAsync(
        ShareUri uri, NfsClient client, NfsShareOptions options, Func<ValueTask> end, bool check, CancellationToken cancellation)
    {
        NfsIdentity identity = NfsIdentity.Of(uri);
        NfsShare share = new(uri, client, identity, options, end);
        if (!check)
            return share;
        try
        {
            NfsAttributes attributes = await StaleNames.RetryOnceAsync(() => client.GetAttributesAsync(uri.Path, cancellation));
            if (attributes.Type == NfsFileType.SymbolicLink)
                throw NfsShareErrors.Explain(Symlink(uri.Path), uri, identity);
            return attributes.Type == NfsFileType.Directory
                ? share
                : throw new LofizoneException(
                    $"{uri}: {uri.Path} on {uri.Authority} is no directory", "name the directory that holds the zones");
        }
        catch (NfsException failure)
        {
            IReadOnlyList<string>? visible = failure is { Status: NfsStatus.NoEnt, Path: { } missing }
                ? await VisibleAsync(client, missing, options, cancellation)
                : null;
            throw NfsShareErrors.Explain(failure, uri, identity, visible, []);
        }
    }

    /// <summary>
    /// The NFS versions that a server offers at other ports, when no program listens at the share's port. Empty when the answer is not
    /// known. Only a server that refuses the connection is asked, because a silent server would not answer this question either.
    /// </summary>
    private static async Task<IReadOnlyList<uint>> OtherVersionsAsync(
        NfsException error, ShareUri uri, NfsShareOptions options, CancellationToken cancellation)
    {
        bool refused = error is NfsUnreachableException
            && error.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionRefused };
        return refused ? await PortMapper.NfsVersionsAsync(uri.Server!, options.PortMapperPort, _portMapperLimit, cancellation) : [];
    }

    /// <summary>
    /// The names that the server shows this host in the place of a path's missing part. Null when the missing part is not above all
    /// exports. A server hides an export from hosts that its access list does not name, as if the export did not exist.
    /// </summary>
    private static async Task<IReadOnlyList<string>?> VisibleAsync(
        NfsClient client, string missing, NfsShareOptions options, CancellationToken cancellation)
    {
        if (missing.LastIndexOf('/') != 0)
            return null;
        try
        {
            return
            [
                .. (await client.ReadDirectoryAsync("/", cancellation)
                    .WaitAsync(options.AnswerDeadline, options.TimeProvider, cancellation))
                    .Select(entry => entry.Name).Take(NfsShareErrors.NamesShown + 1),
            ];
        }
        catch (Exception error) when (error is NfsException or TimeoutException)
        {
            // The error is reported without these names.
            return null;
        }
    }

    /// <summary>Options of a client for the share, for callers that open the image themselves.</summary>
    public static NfsClientOptions ClientOptions(ShareUri uri, NfsIdentity identity, NfsShareOptions options) =>
        ClientOptions(uri, identity, options.ClientOwner) with
        {
            TimeProvider = options.TimeProvider,
            ConnectDeadline = options.ConnectDeadline,
            SetupDeadline = options.AnswerDeadline,
        };

    /// <summary>The client options that a share's URI contains. No other code makes a client's options from a URI.</summary>
    public static NfsClientOptions ClientOptions(ShareUri uri, NfsIdentity identity, byte[] clientOwner) => new()
    {
        Server = uri.Server!,
        Port = uri.Port,
        OtherAddresses = uri.OtherAddresses,
        Uid = identity.Uid,
        Gid = identity.Gid,
        ClientOwner = clientOwner,
    };

    public async Task<IReadOnlyList<ShareFound>> LookAsync(IReadOnlyList<ShareLook> looks, CancellationToken cancellation)
    {
        NfsLook[] all = [.. looks.Select(look => new NfsLook(Full(look.Path), look.LimitBytes))];
        IReadOnlyList<NfsSmallFile> seen = await RunAsync(() => _client.LookAsync(all, cancellation));
        ShareFound[] found = new ShareFound[all.Length];
        for (int i = 0; i < all.Length; i++)
            found[i] = await FoundAsync(looks[i].Path, all[i], seen[i], cancellation);
        return found;
    }

    /// <param name="path">The path on the share.</param>
    /// <param name="look">The look, with the path on the server.</param>
    /// <param name="seen">What the first look has seen.</param>
    /// <param name="cancellation">Ends further looks, which an object needs that has gone meanwhile.</param>
    private async Task<ShareFound> FoundAsync(string path, NfsLook look, NfsSmallFile? seen, CancellationToken cancellation)
    {
        try
        {
            return await RunAsync(() => StaleNames.RetryLookAsync(async () =>
            {
                NfsSmallFile now = seen ?? (await _client.LookAsync([look], cancellation))[0];
                seen = null;
                return await FindAsync(() => Task.FromResult(now.Found)) is { } attributes
                    ? await OfAsync(path, look, attributes, now.Content, cancellation)
                    : ShareFound.Nothing;
            }));
        }
        catch (LofizoneException refusal)
        {
            return ShareFound.Refused(refusal);
        }
    }

    private async Task<ShareFound> OfAsync(
        string path, NfsLook look, NfsAttributes attributes, byte[]? whole, CancellationToken cancellation)
    {
        ShareEntry entry = new(attributes.Type == NfsFileType.Directory, attributes.Size, attributes.SpaceUsed);
        if (entry.IsDirectory && look.LimitBytes == 0)
            return ShareFound.Of(entry);
        Refuse(attributes, look.Path, directory: false);
        if (look.LimitBytes == 0 || whole is not null && whole.Length <= look.LimitBytes)
            return ShareFound.Of(entry, whole);
        await using NfsFile file = await _client.OpenAsync(look.Path, new NfsOpenOptions(), cancellation);
        if (file.Length > look.LimitBytes)
            throw new LofizoneException(
                $"{Uri.Below(path)}: {file.Length} bytes, at most {look.LimitBytes} are read", "check what wrote this file");
        byte[] content = new byte[file.Length];
        int count = await WithDeadline(file.ReadAsync(0, content, cancellation).AsTask(), cancellation);
        return ShareFound.Of(entry, count == content.Length ? content : content[..count]);
    }

    public Task WriteFileAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellation) => RunAsync(async () =>
    {
        string full = Full(path);
        string temporary = $"{full}.{RandomBytes.GetHex(6)}.tmp";
        NfsOpenOptions options = new() { Create = NfsCreate.Guarded, Mode = FileMode, Write = true, Synchronous = true };
        bool renamed = false;
        string name = Path.GetFileName(full);
        FaultPoint.Reached(FaultPoint.Store, name, FaultPoint.Before);
        try
        {
            await using (NfsFile file = await _client.OpenAsync(temporary, options, cancellation))
            {
                await WithDeadline(file.WriteAsync(0, content, cancellation).AsTask(), cancellation);
                await WithDeadline(file.CommitAsync(cancellation).AsTask(), cancellation);
                await file.CloseAsync(cancellation);
            }
            FaultPoint.Reached(FaultPoint.Store, name, FaultPoint.Written);
            await _client.RenameAsync(temporary, full, cancellation);
            renamed = true;
            FaultPoint.Reached(FaultPoint.Store, name, FaultPoint.After);
        }
        finally
        {
            if (!renamed)
                await RemoveTemporaryAsync(temporary);
        }
        return true;
    });

    public Task<bool> CreateDirectoryAsync(string path, CancellationToken cancellation) => RunAsync(async () =>
    {
        try
        {
            await _client.CreateDirectoryAsync(Full(path), DirectoryMode, cancellation);
            return true;
        }
        catch (NfsException error) when (error.Status == NfsStatus.Exist)
        {
            return false;
        }
    });

    public Task MoveDirectoryAsync(string from, string to, CancellationToken cancellation) => RunAsync(async () =>
    {
        await _client.RenameAsync(Full(from), Full(to), cancellation);
        return true;
    });

    public Task<IReadOnlyList<string>?> ListAsync(string path, CancellationToken cancellation) =>
        RunAsync(() => StaleNames.RetryLookAsync<IReadOnlyList<string>?>(async () =>
    {
        string full = Full(path);
        NfsAttributes? attributes = await FindAsync(() => _client.GetAttributesAsync(full, cancellation));
        if (attributes is null)
            return null;
        Refuse(attributes, full, directory: true);
        return [.. (await _client.ReadDirectoryAsync(full, cancellation)).Select(entry => entry.Name)];
    }));

    public Task CreateImageAsync(string path, long sizeBytes, CancellationToken cancellation) =>
        RunAsync(() => WithNewImageAsync(path, async made =>
    {
        await made.SetLengthAsync(sizeBytes, cancellation);
        return true;
    }, cancellation));

    public Task RemoveImageAsync(string path, CancellationToken cancellation, Func<CancellationToken, Task>? underLock = null) =>
        RunAsync(async () =>
    {
        try
        {
            await using NfsFile image = await OpenLockedAsync(path, cancellation);
            if (underLock is not null)
                await underLock(cancellation);
            await _client.RemoveAsync(Full(path), cancellation);
        }
        catch (NfsException error) when (error.Status == NfsStatus.NoEnt)
        {
            // The image is gone already, as wanted.
        }

        return true;
    });

    public Task RemoveAsync(string path, CancellationToken cancellation) => RunAsync(async () =>
    {
        try
        {
            await _client.RemoveAsync(Full(path), cancellation);
        }
        catch (NfsException error) when (error.Status == NfsStatus.NoEnt)
        {
            // The name is gone already, as wanted.
        }
        return true;
    });

    public Task<ShareSpace> SpaceAsync(CancellationToken cancellation) => RunAsync(async () =>
    {
        NfsSpace space = await _client.GetSpaceAsync(Uri.Path, cancellation);
        return new ShareSpace(space.Total, space.Free, space.Available);
    });

    public ValueTask DisposeAsync() => _end();

    private async Task<T> RunAsync<T>(Func<Task<T>> operation)
    {
        try
        {
            return await StaleNames.RetryOnceAsync(operation);
        }
        catch (NfsException error)
        {
            throw NfsShareErrors.Explain(error, Uri, _identity);
        }
        catch (TimeoutException error)
        {
            throw new LofizoneException(
                $"{Uri}: NFS server {Uri.Authority} did not answer within "
                + $"{_options.AnswerDeadline.TotalSeconds.ToString("0.#", CultureInfo.InvariantCulture)} s",
                "check the server and the network, then try again", error);
        }
    }

    /// <summary>
    /// Reads and writes of an open file wait without limit. Here a user waits for the command, so the task gets a deadline.
    /// </summary>
    private Task WithDeadline(Task task, CancellationToken cancellation) =>
        task.WaitAsync(_options.AnswerDeadline, _options.TimeProvider, cancellation);

    private Task<T> WithDeadline<T>(Task<T> task, CancellationToken cancellation) =>
        task.WaitAsync(_options.AnswerDeadline, _options.TimeProvider, cancellation);

    /// <summary>
    /// The result of the search; null when the path or a directory on the way to the path is missing. The share itself must exist.
    /// </summary>
    private async Task<T?> FindAsync<T>(Func<Task<T>> find)
        where T : class
    {
        try
        {
            return await find();
        }
        catch (NfsException error) when (
            error.Status == NfsStatus.NoEnt && error.Path is { } missing && missing.Length > Uri.Path.TrimEnd('/').Length)
        {
            return null;
        }
    }

    /// <summary>Throws unless the entry has the wanted type. A share holds only directories and regular files.</summary>
    private void Refuse(NfsAttributes attributes, string full, bool directory)
    {
        if (attributes.Type == (directory ? NfsFileType.Directory : NfsFileType.Regular))
            return;
        if (attributes.Type == NfsFileType.SymbolicLink)
            throw NfsShareErrors.Explain(Symlink(full), Uri, _identity);
        throw new LofizoneException($"{Uri}: {full} is no {(directory ? "directory" : "regular file")}", "check what put it there");
    }

    private async Task RemoveTemporaryAsync(string full)
    {
        try
        {
            await _client.RemoveAsync(full, CancellationToken.None);
        }
        catch (NfsException)
        {
            // The first failure says more. A temporary file that is left behind does no harm.
        }
    }

    private static NfsException Symlink(string path) => NfsException.For(NfsStatus.Symlink, "GETATTR", path);

    private string Full(string path)
    {
        string[] names = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (names.Any(name => name is "." or ".."))
            throw new LofizoneException($"{Uri}: '{path}' leaves the share", "use a path below the share without '.' and '..'");
        // The server's pseudo root is an ordinary share.
        return names.Length == 0 ? Uri.Path : (Uri.Path == "/" ? "" : Uri.Path) + "/" + string.Join('/', names);
    }
}
