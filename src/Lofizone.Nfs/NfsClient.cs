using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Lofizone.Nfs.Operations;
using Lofizone.Nfs.Options;
using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Resume;
using Lofizone.Nfs.Rpc;
using Lofizone.Nfs.Session;
using Lofizone.Nfs.Session.Calls;
using Lofizone.Nfs.Statistics;
using Lofizone.Nfs.Xdr;

namespace Lofizone.Nfs;

/// <summary>
/// A client of one NFSv4.2 or 4.1 server (RFC 7862, RFC 8881). Paths are absolute from the server's pseudo root; no symbolic link is followed.
/// Operations on paths fail after a deadline when the server does not answer; open files wait without limit.
/// </summary>
public sealed partial class NfsClient : IAsyncDisposable
{
    private readonly NfsSession _session;
    private readonly Lazy<WriteBuffers> _buffers;
    private int _owners;
    private volatile bool _noExclusiveCreate;

    private NfsClient(NfsSession session)
    {
        _session = session;
        _buffers = new Lazy<WriteBuffers>(() => new WriteBuffers(session.Options.ResumeMemory ?? NfsResumeMemory.Create()));
        session.OnQuiet = () =>
        {
            if (_buffers.IsValueCreated)
                _buffers.Value.Trim();
        };
    }

    /// <summary>2, or 1 when the server knows no NFSv4.2.</summary>
    public int MinorVersion => _session.MinorVersion;

    public NfsStatistics Statistics => _session.Statistics;

    /// <summary>Host and port.</summary>
    public string Server => _session.Server;

    /// <summary>A renewal of the lease is under way.</summary>
    internal bool IsRenewing => _session.IsRenewing;

    /// <summary>State of the session, for debugging.</summary>
    public override string ToString() => _session.ToString();

    /// <summary>Connects and makes a session.</summary>
    /// <exception cref="NfsUnreachableException">No connection, or no answer in time.</exception>
    /// <exception cref="NfsException">The server refuses.</exception>
    public static Task<NfsClient> ConnectAsync(NfsClientOptions options, CancellationToken cancellation = default)
    {
        options.Validate();
        NfsAddress[] addresses = [new(options.Server, options.Port), .. options.OtherAddresses];
        return ConnectAsync(options, [.. addresses.Select(address => new TcpConnector(address.Host, address.Port, options.TimeProvider))], cancellation);
    }

    internal static Task<NfsClient> ConnectAsync(NfsClientOptions options, IRpcConnector connector, CancellationToken cancellation) =>
        ConnectAsync(options, [connector], cancellation);

    internal static async Task<NfsClient> ConnectAsync(NfsClientOptions options, IReadOnlyList<IRpcConnector> paths, CancellationToken cancellation)
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

    /// <summary>Asks the server for a sign of life: a SEQUENCE. True when it answered that, or anything else meanwhile; false when it did not within the limit.</summary>
    public async Task<bool> AnswersAsync(TimeSpan limit, CancellationToken cancellation = default)
    {
        long before = Statistics.Operations;
        using CancellationTokenSource deadline = new(limit, _session.Options.TimeProvider);
        using CancellationTokenSource linked = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellation);
        try
        {
            await Requests.RunAsync(_session, "SEQUENCE", static (ref XdrWriter _) => { }, linked.Token);
            return true;
        }
        catch (Exception error) when (error is NfsException or OperationCanceledException && !cancellation.IsCancellationRequested)
        {
            // Behind many large requests the answer may take longer; any other answer is one, too.
            return Statistics.Operations != before;
        }
    }

    /// <summary>Opens a regular file. Opens of one path by one client are independent of each other.</summary>
    public async Task<NfsFile> OpenAsync(string path, NfsOpenOptions options, CancellationToken cancellation = default)
    {
        (byte[] directory, string name) = await ResolveParentAsync(path, "OPEN", cancellation);
        byte[] owner = NewOwner();
        // A create whose answer was lost with its session is told from another's by this (section 18.16.3, EXCLUSIVE4_1).
        ulong? verifier = options.Create == NfsCreate.Guarded && !_noExclusiveCreate ? BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8)) : null;
        while (true)
        {
            ulong? ours = verifier;
            CompoundCall call = await Requests.RunAsync(
                _session,
                "OPEN",
                (ref XdrWriter writer) =>
                {
                    FileHandle.EncodePut(ref writer, directory);
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
            ThrowIfFailed(call.Status, "OPEN", path);
            NfsFile file = DecodeOpen(call, path, owner, options);
            _session.Register(file);
            // State that was granted before a recovery is not in what the recovery reclaimed: once more.
            if (call.Epoch == _session.Epoch)
                return file;
            _session.Unregister(file);
        }
    }

    /// <summary>Who holds a lock on the file, or null when nobody does.</summary>
    public async Task<NfsLockHolder?> GetLockHolderAsync(string path, CancellationToken cancellation = default)
    {
        byte[] handle = await ResolveAsync(path, "LOCKT", cancellation);
        byte[] owner = NewOwner();
        CompoundCall call = await Requests.RunAsync(
            _session,
            "LOCKT",
            (ref XdrWriter writer) =>
            {
                FileHandle.EncodePut(ref writer, handle);
                Locking.EncodeTest(ref writer, _session.ClientId, owner);
            },
            cancellation);
        if (call.Status != NfsStatus.Denied)
        {
            ThrowIfFailed(call.Status, "LOCKT", path);
            return null;
        }
        XdrReader reader = call.Results;
        CompoundCall.Expect(ref reader, OperationCode.PutFh);
        CompoundCall.NextStatus(ref reader, OperationCode.LockT);
        return Locking.DecodeDenied(ref reader);
    }

    /// <summary>Ends session and client ID on the server if it answers within two seconds, then the connection. Close files before.</summary>
    public async ValueTask DisposeAsync()
    {
        using CancellationTokenSource deadline = new(TimeSpan.FromSeconds(2), _session.Options.TimeProvider);
        try
        {
            await _session.EndAsync(deadline.Token);
        }
        catch (Exception error) when (error is IOException or OperationCanceledException)
        {
            // The lease ends it.
        }
        await _session.DisposeAsync();
    }

    /// <summary>An open and lock owner of its own for each open: readable for others who meet the lock, unique by nonce and number.</summary>
    private byte[] NewOwner()
    {
        int number = Interlocked.Increment(ref _owners);
        string nonce = Convert.ToHexStringLower(_session.Options.ClientOwner.AsSpan(0, 8));
        return Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{_session.Options.MachineName}:{nonce}:{number}"));
    }

    private NfsFile DecodeOpen(CompoundCall call, string path, byte[] owner, NfsOpenOptions options)
    {
        XdrReader reader = call.Results;
        CompoundCall.Expect(ref reader, OperationCode.PutFh);
        CompoundCall.Expect(ref reader, OperationCode.Open);
        StateId state = Open.Decode(ref reader);
        CompoundCall.Expect(ref reader, OperationCode.GetFh);
        byte[] handle = FileHandle.DecodeGet(ref reader);
        CompoundCall.Expect(ref reader, OperationCode.GetAttr);
        return new NfsFile(_session, _buffers.Value, path, handle, owner, options, state, GetAttr.Decode(ref reader));
    }

    private static void ThrowIfFailed(NfsStatus status, string operation, string path)
    {
        if (status != NfsStatus.Ok)
            throw NfsException.For(status, operation, path);
    }
}
