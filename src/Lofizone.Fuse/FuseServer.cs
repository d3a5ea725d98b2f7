using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Lofizone.Basics;
using Lofizone.Interop;
using Lofizone.Observation;

namespace Lofizone.Fuse;

/// <summary>
/// Serves one file through /dev/fuse at a mount point that is a regular file. Several threads read requests, each on its own clone of the
/// connection. The store's tasks run side by side, and each request is answered when its task completes.
/// </summary>
public sealed class FuseServer : IAsyncDisposable
{
    /// <summary>Pause between two attempts to unmount while the file is in use.</summary>
    private static readonly TimeSpan _unmountPause = TimeSpan.FromMilliseconds(20);

    /// <summary>Time for threads and the store to notice an abort.</summary>
    private static readonly TimeSpan _abortTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Limit for the part of a request that a tap gets, bytes: a header, a struct and a name.</summary>
    private const int ShownBytes = 512;

    private const uint RegularFileMode = 0x8000 | 0x180;

    private readonly IBlockFile _file;
    private readonly FuseOptions _options;
    private readonly BufferPool _buffers = new();
    private readonly Pool<FuseRequest> _idle;
    private readonly List<FileDescriptor> _descriptors = [];
    private readonly TaskCompletionSource _readersDone = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _initialized = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stopping = new();
    private string? _mountPoint;
    private int _readers;

    internal FuseServer(IBlockFile file, FuseOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Threads, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.Threads, 16);
        _file = file;
        _options = options;
        Statistics = new FuseStatistics(options.Time);
        _idle = new Pool<FuseRequest>(() => new FuseRequest(this));
        Replies = new FuseReply(options.Tap);
        Dispatcher = new FuseDispatcher(this, file, _buffers);
    }

    public FuseStatistics Statistics { get; }

    /// <summary>
    /// The kernel can send unanswered requests again, so that <see cref="Resume"/> is possible (FUSE_HAS_RESEND, Linux 6.9). Valid after
    /// the mount.
    /// </summary>
    public bool CanResend { get; private set; }

    /// <summary>Completes when the file is no longer mounted and every request has been answered.</summary>
    public Task Completion => _readersDone.Task;

    /// <summary>
    /// Mounts the file at <paramref name="mountPoint"/> and serves it. The mount point is an existing regular file, or a name at which a
    /// file is made.
    /// </summary>
    /// <exception cref="LinuxException">The kernel has no FUSE (ENOENT or ENODEV on /dev/fuse), or refuses the mount.</exception>
    public static async Task<FuseServer> MountAsync(string mountPoint, IBlockFile file, FuseOptions options, CancellationToken cancellation)
    {
        FuseServer server = new(file, options);
        try
        {
            server._descriptors.AddRange(options.Descriptors ?? [FuseDevice.Open()]);
            FileDescriptor session = server._descriptors[0];
            if (!File.Exists(mountPoint))
                await File.WriteAllBytesAsync(mountPoint, [], cancellation);
            Mount.Attach(
                options.Source,
                mountPoint,
                "fuse",
                MountFlags.NoSuid | MountFlags.NoDev,
                $"fd={session.Number},rootmode={Convert.ToString(RegularFileMode, 8)},user_id=0,group_id=0,"
                + $"max_read={FuseLimits.MaxDataBytes},subtype=lofizone");
            server._mountPoint = mountPoint;
            server.Clone();
            server.Start();
            await server._initialized.Task.WaitAsync(cancellation);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// Continues a mount that a killed process has served, on that process's descriptors, which another process has held since. The kernel
    /// sends unanswered requests again before it sends a new one.
    /// </summary>
    /// <param name="mountPoint">The existing mount's mount point.</param>
    /// <param name="file">The same file, with the effect of every answered request.</param>
    /// <param name="options">The options, with the descriptors of the mount.</param>
    /// <exception cref="LinuxException">EINVAL: the kernel can't send requests again (<see cref="CanResend"/>).</exception>
    public static FuseServer Resume(string mountPoint, IBlockFile file, FuseOptions options)
    {
        FuseServer server = new(file, options) { CanResend = true };
        server._descriptors.AddRange(options.Descriptors ?? throw new ArgumentException("no descriptors to go on with", nameof(options)));
        server._mountPoint = mountPoint;
        server._initialized.SetResult();
        server.AskForUnanswered();
        server.Start();
        return server;
    }

    /// <summary>
    /// Unmounts when the file has no more users (a loop device, an open descriptor), and waits until the requests under way are answered.
    /// Until then the file is served as before, also when the wait is cancelled.
    /// </summary>
    public async Task UnmountAsync(CancellationToken cancellation)
    {
        while (_mountPoint is { } mountPoint && !TryDetach(mountPoint, UnmountFlags.NoFollow))
            await Task.Delay(_unmountPause, _options.Time, cancellation);
        await Completion.WaitAsync(cancellation);
    }

    /// <summary>
    /// Ends the connection now. Users of the file get ENOTCONN or ECONNABORTED, and the store's requests are cancelled. A file system on
    /// the device sees I/O errors.
    /// </summary>
    /// <exception cref="LinuxException">The kernel refused to detach the mount.</exception>
    public void Abort()
    {
        if (_mountPoint is { } mountPoint)
            TryDetach(mountPoint, UnmountFlags.Force | UnmountFlags.Detach | UnmountFlags.NoFollow);
        _stopping.Cancel();
    }

    /// <summary>Unmounts; aborts when the file is still in use after <see cref="FuseOptions.DisposeTimeout"/>.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_readers == 0 && Statistics.InFlight == 0)
            _readersDone.TrySetResult();
        try
        {
            using CancellationTokenSource deadline = new(_options.DisposeTimeout, _options.Time);
            await UnmountAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            Abort();
            try
            {
                await Completion.WaitAsync(_abortTimeout, _options.Time);
            }
            catch (TimeoutException stuck)
            {
                // Threads or the store still use the descriptors and buffers, so both must stay.
                Report("ending the connection", stuck);
                return;
            }
        }

        foreach (FileDescriptor descriptor in _descriptors)
            descriptor.Dispose();
        _buffers.Dispose();
        _stopping.Dispose();
    }

    /// <summary>Tries to detach the mount. False while the file is in use.</summary>
    private bool TryDetach(string mountPoint, UnmountFlags flags)
    {
        try
        {
            Mount.Detach(mountPoint, flags);
        }
        catch (LinuxException error) when (error.Errno is Errno.EBUSY)
        {
            return false;
        }
        catch (LinuxException error) when (error.Errno is Errno.EINVAL or Errno.ENOENT)
        {
            // Another process has unmounted the file, which is the wanted result.
        }

        _mountPoint = null;
        return true;
    }

    internal FuseDispatcher Dispatcher { get; }

    internal FuseReply Replies { get; }

    /// <summary>Given to the store with each request. Cancelled when the connection was aborted and no caller waits for answers.</summary>
    internal CancellationToken Stopping => _stopping.Token;

    internal FuseRequest NewRequest() => _idle.Rent();

    internal void Ended(FuseRequest request, byte[]? buffer)
    {
        if (buffer is not null)
            _buffers.Return(buffer);
        _idle.Return(request);
        if (Statistics.End() && Volatile.Read(ref _readers) == 0)
            _readersDone.TrySetResult();
    }

    internal void Report(string what, Exception error)
    {
        try
        {
            _options.OnError?.Invoke(what, error);
        }
        catch (Exception broken)
        {
            // The listener's defect must not cost the zone a request. Only the process's standard error is left to report the defect.
            Console.Error.WriteLine($"fuse: {what}: {error.Message} (and its listener failed: {broken.Message})");
        }
    }

    /// <summary>Answers INIT with the features that both sides support.</summary>
    internal void Initialize(int descriptor, ulong unique, in FuseInitIn offer)
    {
        if (offer.Major != FuseDevice.Major)
        {
            Replies.Send(descriptor, unique, Errno.EOPNOTSUPP);
            _initialized.TrySetException(
                new NotSupportedException(
                    $"the kernel speaks FUSE {offer.Major}.{offer.Minor}, this program {FuseDevice.Major}.{FuseDevice.Minor}"));
            return;
        }

        FuseInitFlags offered = (FuseInitFlags)(offer.Flags | ((ulong)offer.Flags2 << 32));
        FuseInitFlags wanted =
            offered & (FuseInitFlags.AsyncRead | FuseInitFlags.BigWrites | FuseInitFlags.AsyncDirectIo | FuseInitFlags.AbortError
            | FuseInitFlags.MaxPages | FuseInitFlags.InitExtended | FuseInitFlags.HasResend);
        Replies.Send(descriptor, unique, new FuseInitOut
        {
            Major = FuseDevice.Major,
            Minor = Math.Min(FuseDevice.Minor, offer.Minor),
            MaxReadAhead = offer.MaxReadAhead,
            Flags = (uint)wanted,
            Flags2 = (uint)((ulong)wanted >> 32),
            MaxBackground = FuseLimits.MaxBackground,
            CongestionThreshold = FuseLimits.MaxBackground * 3 / 4,
            MaxWrite = FuseLimits.MaxDataBytes,
            TimeGranularity = 1,
            MaxPages = FuseLimits.MaxPages,
        });
        CanResend = (wanted & FuseInitFlags.HasResend) != 0;
        _initialized.TrySetResult();
    }

    /// <summary>Makes one descriptor for each thread, all of one connection.</summary>
    private void Clone()
    {
        if (_options.Descriptors is null)
        {
            while (_descriptors.Count < _options.Threads)
                _descriptors.Add(FuseDevice.Clone(_descriptors[0]));
            return;
        }

        foreach (FileDescriptor clone in _descriptors.Skip(1))
            FuseDevice.Bind(clone, _descriptors[0]);
    }

    /// <summary>
    /// Asks the kernel to put every unanswered request of all descriptors back to the head of the queue (FUSE_NOTIFY_RESEND).
    /// </summary>
    private unsafe void AskForUnanswered()
    {
        FuseOutHeader again = new() { Length = (uint)sizeof(FuseOutHeader), Error = FuseDevice.NotifyResend };
        int result = FuseDevice.Write(_descriptors[0].Number, (byte*)&again, sizeof(FuseOutHeader));
        // The file was unmounted or aborted. The reading threads find that out and end.
        if (result != 0 && (Errno)(-result) is not (Errno.ENODEV or Errno.ECONNABORTED or Errno.ENOENT or Errno.EPERM))
            throw new LinuxException((Errno)(-result), "write FUSE_NOTIFY_RESEND", FuseDevice.Path);
    }

    private void Start()
    {
        _readers = _descriptors.Count;
        foreach (FileDescriptor descriptor in _descriptors)
            new Thread(() => ReadRequests(descriptor)) { IsBackground = true, Name = "fuse" }.Start();
    }

    private unsafe void ReadRequests(FileDescriptor descriptor)
    {
        byte[]? buffer = null;
        try
        {
            while (true)
            {
                buffer ??= _buffers.Rent(FuseLimits.MaxDataBytes);
                int length;
                fixed (byte* start = buffer)
                    length = FuseDevice.Read(descriptor.Number, start, buffer.Length);
                if (length >= 0)
                {
                    if (_options.Tap is { IsOn: true } tap)
                        Show(tap, buffer.AsSpan(0, length));
                    if (!Dispatcher.Dispatch(descriptor.Number, buffer, length))
                        buffer = null;
                }
                else if (!ReadAgain((Errno)(-length)))
                {
                    break;
                }
            }
        }
        catch (Exception error)
        {
            Report("reading requests", error);
        }
        finally
        {
            if (buffer is not null)
                _buffers.Return(buffer);
            _initialized.TrySetException(new IOException("the mount ended before the kernel and the server had met"));
            if (Interlocked.Decrement(ref _readers) == 0 && Statistics.InFlight == 0)
                _readersDone.TrySetResult();
        }
    }

    /// <summary>Shows a request to the tap, without the data that the request carries.</summary>
    private static void Show(IMessageTap tap, ReadOnlySpan<byte> request)
    {
        FuseOpcode? opcode = request.Length < Unsafe.SizeOf<FuseInHeader>() ? null : MemoryMarshal.Read<FuseInHeader>(request).Opcode;
        int shown = opcode switch
        {
            FuseOpcode.Write => FuseLimits.WriteDataOffset,
            FuseOpcode.SetXattr => Unsafe.SizeOf<FuseInHeader>() + sizeof(ulong),
            _ => ShownBytes,
        };
        tap.Take(
            new TappedMessage { Kind = MessageKind.Call, Bytes = request[..Math.Min(request.Length, shown)], TotalBytes = request.Length });
    }

    /// <summary>
    /// Tells whether to read again after an error. ENODEV (unmounted) and ECONNABORTED (aborted by the administrator) end the reading.
    /// </summary>
    private bool ReadAgain(Errno errno)
    {
        switch (errno)
        {
            case Errno.EINTR or Errno.EAGAIN or Errno.ENOENT:
                return true;
            case Errno.ENODEV or Errno.ECONNABORTED:
                return false;
            default:
                Report("reading requests", new LinuxException(errno, "read", FuseDevice.Path));
                return false;
        }
    }
}
