using System.Text;
using Lofizone.Interop;
using Lofizone.Nfs.Files;
using Lofizone.Nfs.Operations;
using Lofizone.Nfs.Options;
using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Resume;
using Lofizone.Nfs.Rpc;
using Lofizone.Nfs.Session.Calls;
using Lofizone.Nfs.Session;
using Lofizone.Nfs.Statistics;
using Lofizone.Nfs.Xdr;

namespace Lofizone.Nfs;

/// <summary>
/// A client of one NFSv4.2 or 4.1 server (RFC 7862, RFC 8881). Paths are absolute from the server's pseudo root. The client follows no
/// symbolic link. Operations on paths fail after a deadline when the server does not answer; open files wait without limit.
public sealed class NfsClient : IAsyncDisposable
{
    /// <summary>A number above the count of files that any engine opens.</summary>
    private const int PredecessorsOwners = 1000;

    private readonly NfsSession _session;
    private readonly Lazy<WriteBuffers> _buffers;
    private readonly NameWalk _names;
    private readonly Attributes _attributes;
    private readonly Directories _directories;
    private readonly SmallFiles _small;
    private int _owners;
    private volatile bool _noExclusiveCreate;

    private NfsClient(NfsSession session)
    {
        _session = session;
        _names = new NameWalk(session);
        _attributes = new Attributes(session, _names);
        _directories = new Directories(session, _names, _attributes);
        _small = new SmallFiles(session, _names);
        _buffers = new Lazy<WriteBuffers>(() => new WriteBuffers(session.Options.ResumeMemory ?? NfsResumeMemory.Create()));
        session.OnQuiet = () =>
        {
            if (_buffers.IsValueCreated)
                _buffers.Value.Trim();
        };
    }

    /// <summary>2, or 1 when the server does not know NFSv4.2.</summary>
    public int MinorVersion => _session.MinorVersion;

    public NfsStatistics Statistics => _session.Statistics;

    /// <summary>Host and port of the server.</summary>
    public string Server => _session.Server;

    /// <summary>A renewal of the lease is under way.</summary>
    internal bool IsRenewing => _session.IsRenewing;

    /// <summary>State of the session, for debugging.</summary>
    public override string ToString() => _session.ToString();

    /// <summary>Connects and makes a session.</summary>
    /// <exception cref="NfsUnreachableException">No connection, or no answer in time.</exception>
    /// <exception cref="NfsException">The server refuses.</exception>
    public static Task<NfsClient> ConnectAsync(NfsClientOptions options, CancellationToken cancellation = default) =>
        ConnectAsync(options, PathsOf(options), cancellation);

    internal static Task<NfsClient> ConnectAsync(NfsClientOptions options, IRpcConnector connector, CancellationToken cancellation) =>
        ConnectAsync(options, [connector], cancellation);

    internal static async Task<NfsClient> ConnectAsync(
        NfsClientOptions options, IReadOnlyList<IRpcConnector> paths, CancellationToken cancellation)
    {
        options.Validate();
        NfsSession session = new(options, paths);
        try
        {
            await session.StartAsync(cancellation);
            return new NfsClient(session);
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }
    }

    /// <summary>Completes when the server has answered for the first time. A resumed client waits as long as the server is away.</summary>
    public Task WhenReady => _session.WhenReady;

    /// <summary>
    /// Continues the work of the process that filled <see cref="NfsClientOptions.ResumeMemory"/>: as the same client, with that process's
    /// open file, lock and uncommitted data. The method does not wait for the server. Requests wait without limit, as requests on every
    /// open file do. The former process must have ended: two processes with one memory destroy each other's data.
    /// </summary>
    /// <param name="options">The predecessor's options; the client owner is taken from the memory.</param>
    /// <exception cref="InvalidDataException">
    /// The memory holds no open file, or holds content that no predecessor can have written.
    /// </exception>
    /// <param name="proof">
    /// The proof that allows a lost lock to be taken again, see <see cref="NfsFile.GuardBy"/>. Null: a lost lock fences the file.
    /// </param>
    public static (NfsClient Client, NfsFile File) Resume(NfsClientOptions options, IOwnershipProof? proof = null) =>
        Resume(options, PathsOf(options), proof);

    internal static (NfsClient Client, NfsFile File) Resume(
        NfsClientOptions options, IReadOnlyList<IRpcConnector> paths, IOwnershipProof? proof = null)
    {
        NfsResumeMemory memory = options.ResumeMemory ?? throw new ArgumentException("no memory to resume from", nameof(options));
        if (memory.ReadState() is not { File: { } kept } state)
            throw new InvalidDataException("the memory of the predecessor holds no open file");
        NfsSession session = new(options with { ClientOwner = state.ClientOwner }, paths);
        NfsClient client = new(session);
        NfsFile file = NfsFile.Resumed(session, client._buffers.Value, kept, out bool hasOneVerifier);
        // The predecessor has used the owners up to this number.
        client._owners = PredecessorsOwners;
        if (proof is not null && !file.IsFenced)
            file.GuardBy(proof);
        file.Register();
        session.Resume(state, resend: !hasOneVerifier);
        file.CommitKept();
        return (client, file);
    }

    /// <summary>Asks the server for a sign of life with a SEQUENCE. True when the server answers any request within the limit.</summary>
    public async Task<bool> AnswersAsync(TimeSpan limit, CancellationToken cancellation = default)
    {
        long before = Statistics.Operations;
        using CancellationTokenSource deadline = new(limit, _session.Options.TimeProvider);
        using CancellationTokenSource linked = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellation);
        try
        {
            await RepeatedRequest.RunAsync(_session, "SEQUENCE", static (ref XdrWriter _) => { }, linked.Token);
            return true;
        }
        catch (Exception error) when (error is NfsException or OperationCanceledException && !cancellation.IsCancellationRequested)
        {
            // The answer to SEQUENCE may take longer behind many large requests. An answer to any other request is a sign of life, too.
            return Statistics.Operations != before;
        }
    }

    /// <summary>Opens a regular file. Opens of one path by one client are independent of each other.</summary>
    public async Task<NfsFile> OpenAsync(string path, NfsOpenOptions options, CancellationToken cancellation = default)
    {
        (byte[] directory, string name) = await _names.ResolveParentAsync(path, OperationCode.Open, cancellation);
        byte[] owner = NewOwner();
        // The server uses this verifier to tell a repeated create from a create of another client (RFC 8881 section 18.16.3, EXCLUSIVE4_1).
        bool isExclusive = options.Create == NfsCreate.Guarded && !_noExclusiveCreate;
        ulong? verifier = isExclusive ? RandomBytes.GetUInt64() : null;
        while (true)
        {
            ulong? ours = verifier;
            CompoundCall call = await HandleRequest.RunAsync(
                _session,
                directory,
                OperationCode.Open,
                (ref XdrWriter writer) =>
                {
                    Open.Encode(ref writer, _session.ClientId, owner, name, options, ours);
                    FileHandle.EncodeGet(ref writer);
                    GetAttr.Encode(ref writer, GetAttr.FileAttributes);
                },
                cancellation);
            if (verifier is not null && call.Status is NfsStatus.NotSupp or NfsStatus.AttrNotSupp or NfsStatus.Inval)
            {
                _noExclusiveCreate = true;
                verifier = null;
                continue;
            }
            call.ThrowIfFailed(OperationCode.Open, path);
            NfsFile file = DecodeOpen(call, path, owner, options);
            file.Register();
            // A recovery does not reclaim state that the server granted before it. The file is therefore opened once more.
            if (call.Epoch == _session.Epoch)
                return file;
            file.Unregister();
        }
    }

    /// <summary>The holder of a lock on the file; null when the file is not locked.</summary>
    public async Task<NfsLockHolder?> GetLockHolderAsync(string path, CancellationToken cancellation = default)
    {
        byte[] handle = await _names.ResolveAsync(path, OperationCode.LockT, cancellation);
        byte[] owner = NewOwner();
        CompoundCall call = await HandleRequest.RunAsync(
            _session,
            handle,
            OperationCode.LockT,
            (ref XdrWriter writer) => Locking.EncodeTest(ref writer, _session.ClientId, owner),
            cancellation);
        if (call.Status == NfsStatus.Denied)
            return call.HolderOf(OperationCode.LockT);
        call.ThrowIfFailed(OperationCode.LockT, path);
        return null;
    }

    public Task<NfsAttributes> GetAttributesAsync(string path, CancellationToken cancellation = default) =>
        _attributes.GetAsync(path, GetAttr.FileAttributes, cancellation);

    /// <summary>The part of <paramref name="wanted"/> that this identity is granted at the path.</summary>
    public Task<NfsAccess> GetAccessAsync(string path, NfsAccess wanted, CancellationToken cancellation = default) =>
        _attributes.GetAccessAsync(path, wanted, cancellation);

    /// <summary>Attributes and, of small files, content of the objects at the paths, see <see cref="SmallFiles"/>.</summary>
    public Task<IReadOnlyList<NfsSmallFile>> LookAsync(IReadOnlyList<NfsLook> looks, CancellationToken cancellation = default) =>
        _small.LookAsync(looks, cancellation);

    /// <summary>Space of the file system at the path.</summary>
    public async Task<NfsSpace> GetSpaceAsync(string path, CancellationToken cancellation = default) =>
        (await _attributes.GetAsync(path, GetAttr.SpaceAttributes, cancellation)).Space;

    /// <summary>Names in a directory, without "." and "..".</summary>
    public Task<IReadOnlyList<NfsDirectoryEntry>> ReadDirectoryAsync(string path, CancellationToken cancellation = default) =>
        _directories.ReadAsync(path, cancellation);

    /// <summary>Makes a directory.</summary>
    /// <exception cref="NfsException">Among others <see cref="NfsStatus.Exist"/>.</exception>
    public Task CreateDirectoryAsync(string path, uint mode, CancellationToken cancellation = default) =>
        _directories.CreateAsync(path, mode, cancellation);

    /// <summary>Removes a file or an empty directory.</summary>
    public Task RemoveAsync(string path, CancellationToken cancellation = default) => _directories.RemoveAsync(path, cancellation);

    /// <summary>Renames a file or directory, and replaces the file or empty directory at <paramref name="to"/>.</summary>
    public Task RenameAsync(string from, string to, CancellationToken cancellation = default) =>
        _directories.RenameAsync(from, to, cancellation);

    /// <summary>
    /// Ends session and client ID on the server if the server answers within two seconds, then ends the connections. The caller must have
    /// closed all files.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        using CancellationTokenSource deadline = new(TimeSpan.FromSeconds(2), _session.Options.TimeProvider);
        try
        {
            await _session.EndAsync(deadline.Token);
        }
        catch (Exception error) when (error is IOException or OperationCanceledException)
        {
            // The server ends session and client ID when the lease expires.
        }
        await _session.DisposeAsync();
    }

    /// <summary>
    /// A new open and lock owner. Its text is readable for other clients that meet the lock; nonce and number make it unique.
    /// </summary>
    private byte[] NewOwner()
    {
        int number = Interlocked.Increment(ref _owners);
        string nonce = Convert.ToHexStringLower(_session.Options.ClientOwner.AsSpan(0, 8));
        return Encoding.UTF8.GetBytes($"{_session.Options.MachineName}:{nonce}:{number}");
    }

    private NfsFile DecodeOpen(CompoundCall call, string path, byte[] owner, NfsOpenOptions options)
    {
        XdrReader reader = call.ResultOf(OperationCode.Open);
        StateId state = Open.Decode(ref reader);
        CompoundCall.Expect(ref reader, OperationCode.GetFh);
        byte[] handle = FileHandle.DecodeGet(ref reader);
        CompoundCall.Expect(ref reader, OperationCode.GetAttr);
        return NfsFile.Opened(_session, _buffers.Value, path, handle, owner, options, state, GetAttr.Decode(ref reader));
    }

    private static TcpConnector[] PathsOf(NfsClientOptions options)
    {
        options.Validate();
        NfsAddress[] addresses = [new(options.Server, options.Port), .. options.OtherAddresses];
        return [.. addresses.Select(address => new TcpConnector(address.Host, address.Port, options.TimeProvider))];
    }
}
