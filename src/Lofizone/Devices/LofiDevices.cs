using System.Globalization;
using Lofizone.Engine;
using Lofizone.Hosts;
using Lofizone.Interop;
using Lofizone.Ownership;
using Lofizone.Programs;
using Lofizone.Shares;
using Lofizone.Tracing;

namespace Lofizone.Devices;

/// <summary>
/// The lofi devices of this host: block devices that stand for images. A device's record holds all facts about the device. The record is
/// written before the first change to the machine and removed after the last. So <see cref="RecoverAsync(int, CancellationToken)"/> can
/// clean up after a command that was killed at any point.
/// </summary>
public sealed class LofiDevices
{
    /// <summary>Highest device number.</summary>
    public const int NumberLimit = 65535;

    /// <summary>Directory of the links on a real host.</summary>
    private const string LinkDirectory = "/dev/lofi";

    /// <summary>Solaris's directory of raw devices. Linux has no raw devices, but users still type their names.</summary>
    private const string RawDirectory = "/dev/rlofi";

    /// <summary>Transport of images in directories of this host.</summary>
    private const string DirTransport = "dir";

    private const int TokenBytes = 8;

    /// <summary>Time that a command waits for another command on the same device.</summary>
    private static readonly TimeSpan _commandLimit = TimeSpan.FromSeconds(10);

    /// <summary>Time that an engine has for an answer that it can give at once.</summary>
    private static readonly TimeSpan _askLimit = TimeSpan.FromSeconds(1);

    private readonly HostPaths _paths;
    private readonly TimeProvider _time;
    private readonly EngineLauncher _engines;
    private readonly LofiRecords _records;
    private readonly KernelCalls _kernel;
    private readonly KernelMounts _mounts;
    private readonly ImageOpening _images;
    private readonly LofiTeardown _teardown;

    public LofiDevices(
        HostPaths paths, IProgramRunner programs, KernelCalls kernel, EngineLauncher engines, TimeProvider time, ShareOpener open)
    {
        _paths = paths;
        _time = time;
        _engines = engines;
        _records = new LofiRecords(paths, time);
        _kernel = kernel;
        _mounts = new KernelMounts(paths, programs, kernel, time);
        _images = new ImageOpening(paths, _records, engines, _mounts, time, open);
        _teardown = new LofiTeardown(_records, engines, _mounts, programs, time, open);
        Programs = programs;
    }

    internal IProgramRunner Programs { get; }

    /// <summary>Makes an image a block device of this host, alone: the image's lock is taken before the device exists.</summary>
    /// <exception cref="LofizoneException">
    /// The image is missing, unfit, attached on this host or locked by another host; the number is taken; or the kernel refuses.
    /// </exception>
    public async Task<LofiDevice> AttachAsync(ShareUri file, LofiAttachOptions options, CancellationToken cancellation)
    {
        LoopDevices.RequireDriver();
        if (options.Number is < 1 or > NumberLimit)
            throw new LofizoneException($"{_records.LinkPath(options.Number.Value)}: device numbers go from 1 to {NumberLimit}");
        await ClearLeftoversAsync(file, options.Number, cancellation);
        string transport = file.IsNfs ? (await TransportAsync(file, load: true, cancellation)).Name() : DirTransport;
        try
        {
            return await AttachOnceAsync(file, transport, options, cancellation);
        }
        catch (LofizoneException error) when (
            OwnedElsewhere.Owner(error) is { } owner && owner.IsOfEarlierBoot(_paths) && OwnerEviction.IsPossible(file, owner))
        {
            // The claim is this host's own, from before its restart. No process uses the claim any more, and the server would keep it for
            // the rest of the lease.
            if (!await TryEvictAsync(file, owner, cancellation))
                throw;
        }

        return await AttachOnceAsync(file, transport, options, cancellation);
    }

    /// <summary>
    /// Ends a claim. False when the server did not end it; then the lease ends the claim, and waiting commands go on waiting.
    /// </summary>
    private async Task<bool> TryEvictAsync(ShareUri file, ImageOwner owner, CancellationToken cancellation)
    {
        try
        {
            await OwnerEviction.EvictAsync(file, owner, _time, cancellation);
            return true;
        }
        catch (LofizoneException)
        {
            return false;
        }
    }

    private async Task<LofiDevice> AttachOnceAsync(
        ShareUri file, string transport, LofiAttachOptions options, CancellationToken cancellation)
    {
        // The new device is flushed once. The child that flushes starts while the image is opened.
        _ = Task.Run(_kernel.Prepare, CancellationToken.None);
        (LofiDevice device, IDisposable ownLock) = await ReserveAsync(file, transport, options, cancellation);
        using (ownLock)
        {
            try
            {
                return await AttachReservedAsync(device, cancellation);
            }
            catch
            {
                await _teardown.RunAsync(device, force: true, CancellationToken.None);
                throw;
            }
        }
    }

    /// <summary>The NFS client that an nfs:// share would use on this host.</summary>
    /// <param name="share">The share, or a file on it.</param>
    /// <param name="load">True: load the kernel's client if necessary. False: only look.</param>
    /// <param name="cancellation">Ends the question.</param>
    /// <exception cref="LofizoneException">The URI asks for a client that this host does not have.</exception>
    public Task<NfsTransport> TransportAsync(ShareUri share, bool load, CancellationToken cancellation) =>
        TransportChoice.OfAsync(share, () => new KernelNfsClient(Programs).ObstacleAsync(load, cancellation));

    /// <summary>Flushes the device and takes it away. Afterwards the image is unlocked, and complete on its share.</summary>
    /// <exception cref="LofizoneException">The device is in use, or the server does not answer (unless forced).</exception>
    public async Task DetachAsync(LofiDevice device, DetachOptions options, CancellationToken cancellation)
    {
        // A command that hangs in its flush holds the device's lock and can't even be killed. Without the engine the flush fails, and the
        // command ends.
        if (options.Force && _records.Read(device.Number)?.Token == device.Token)
        {
            // The engine is asked while it lives. A killed engine is as silent as a dead server, and its claim would be left to the lease.
            await AbortIfStalledAsync(device, cancellation);
            _records.Engine(device.Number).Kill();
        }

        using IDisposable ownLock = await LockAsync(device.Number, cancellation);
        LofiDevice? current = _records.Read(device.Number);
        if (current is null || current.Token != device.Token)
            throw new LofizoneException($"{device.Link}: not attached (any more)", "see what is: lofiadm");
        await _teardown.RunAsync(current, options.Force, cancellation);
    }

    /// <summary>All devices with their health, by number. Reads only files, and never waits.</summary>
    public IReadOnlyList<LofiDevice> List() => [.. _records.List().Select(WithHealth)];

    /// <summary>One device by its number, with its health; null when there is none.</summary>
    public LofiDevice? Get(int number) => _records.Read(number) is { } device ? WithHealth(device) : null;

    /// <summary>
    /// Finds a device by a name that <see cref="NumberOf"/> takes, by <c>/dev/loopM</c>, or by the path or URI of its image. Null when
    /// there is none.
    /// </summary>
    public LofiDevice? Find(string deviceOrFile)
    {
        IReadOnlyList<LofiDevice> devices = List();
        if (NumberOf(deviceOrFile) is { } number)
            return devices.FirstOrDefault(d => d.Number == number);
        LofiDevice? byDevice = devices.FirstOrDefault(d => d.LoopDevice == deviceOrFile);
        if (byDevice is not null
            || !(deviceOrFile.Contains("://") || deviceOrFile.StartsWith("dir:", StringComparison.Ordinal) || deviceOrFile.StartsWith('/')))
            return byDevice;
        ShareUri file = ShareUri.Parse(deviceOrFile);
        return devices.FirstOrDefault(d => SameFile(d.File, file));
    }

    /// <summary>
    /// The number in N, <c>/dev/lofi/N</c>, <c>/dev/rlofi/N</c> or the path of this host's link. Null for any other name. A host below
    /// LOFIZONE_ROOT also accepts the plain names.
    /// </summary>
    public int? NumberOf(string device)
    {
        string digits = device;
        foreach (string directory in new[] { _paths.DevLofi, LinkDirectory, RawDirectory })
        {
            if (device.StartsWith(directory + "/", StringComparison.Ordinal))
                digits = device[(directory.Length + 1)..];
        }

        return int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null;
    }

    /// <summary>Asks the device's engine for its status. Null when there is no engine, or no answer in time.</summary>
    public Task<EngineStatus?> StatusAsync(LofiDevice device, TimeSpan limit, CancellationToken cancellation) =>
        device.Engine is null
            ? Task.FromResult<EngineStatus?>(null)
            : _engines.StatusAsync(_records.Engine(device.Number), limit, cancellation);

    /// <summary>
    /// Gives up a device whose I/O waits for a silent server or for room on its share. The requests that wait in the kernel get an error
    /// and end. Data that the server has not confirmed is lost. Returns the reason; null when the device was not given up, because it does
    /// not wait or because only an administrator could give up its mount.
    /// </summary>
    public async Task<DeviceStall?> AbortIfStalledAsync(LofiDevice device, CancellationToken cancellation)
    {
        if (device.Engine is null && device.Mount is null || await StallAsync(device, cancellation) is not { } stall)
            return null;
        EngineDirectory engine = _records.Engine(device.Number);
        // The rest of the takedown need not ask the server again.
        if (stall.Kind == StallKind.Silent && Directory.Exists(engine.Path))
            engine.NoteSilent();
        if (device.Mount is { } mount)
            _mounts.BeginAbort(mount);
        else
            engine.Kill();
        return stall;
    }

    /// <summary>The reason why no engine takes over from the device's dead engine; null when no reason was noted.</summary>
    public string? GaveUpOn(LofiDevice device) => _records.Engine(device.Number).ReadGaveUp();

    /// <summary>
    /// The reason why the device's I/O waits now; null when the I/O goes on or fails. Answers within 2 s, whatever the server does.
    /// </summary>
    public async Task<DeviceStall?> StallAsync(LofiDevice device, CancellationToken cancellation)
    {
        if (device.Engine is not null)
            return device.Engine.IsAlive ? await _engines.StallAsync(_records.Engine(device.Number), cancellation) : null;
        return await KernelServer.AnswersAsync(device.File, cancellation) ? null : new DeviceStall(StallKind.Silent, "", device.AwaySince);
    }

    /// <summary>Has the device's engine, and each successor, trace these layers from now on.</summary>
    /// <exception cref="LofizoneException">The device has no engine, or the engine does not answer or refuses.</exception>
    public async Task TraceAsync(LofiDevice device, TraceLayers layers, CancellationToken cancellation)
    {
        RequireEngine(device);
        EngineReport report = await _engines.TraceAsync(_records.Engine(device.Number), layers, _askLimit, cancellation)
            ?? throw NoAnswer(device);
        if (report.Outcome != EngineOutcome.Done)
            throw new LofizoneException(
                $"{device.Link}: its engine can't be told what to trace: {report.Message}",
                "it is of another version: attach the device again");
    }

    /// <summary>Limits the requests of a device with an engine, also those of the engine's successors.</summary>
    /// <exception cref="LofizoneException">The engine does not answer or refuses.</exception>
    public async Task LimitAsync(LofiDevice device, IoLimits limits, CancellationToken cancellation)
    {
        RequireEngine(device);
        EngineReport report = await _engines.LimitAsync(_records.Engine(device.Number), limits, _askLimit, cancellation)
            ?? throw NoAnswer(device);
        if (report.Outcome != EngineOutcome.Done)
            throw new LofizoneException(
                $"{device.Link}: its engine can't limit requests: {report.Message}", "it is of another version: boot the zone again");
    }

    /// <summary>The layers that the device's engine traces, and the trace's path; null without a trace.</summary>
    /// <exception cref="LofizoneException">The device has no engine, or the engine does not answer.</exception>
    public async Task<string?> TracedAsync(LofiDevice device, CancellationToken cancellation)
    {
        RequireEngine(device);
        return (await StatusAsync(device, _askLimit, cancellation) ?? throw NoAnswer(device)).Trace;
    }

    /// <summary>
    /// Asks the device's engine for its counters. Null when there is no engine, no answer in time, or when the engine does not know the
    /// question.
    /// </summary>
    public Task<EngineStatistics?> StatisticsAsync(LofiDevice device, TimeSpan limit, CancellationToken cancellation) =>
        device.Engine is null
            ? Task.FromResult<EngineStatistics?>(null)
            : _engines.StatisticsAsync(_records.Engine(device.Number), limit, cancellation);

    /// <summary>
    /// Cleans up the remains of a killed command or a dead engine on one device. A working device is not touched. May be called at any time
    /// and repeatedly.
    /// </summary>
    public async Task<RecoverResult> RecoverAsync(int number, CancellationToken cancellation)
    {
        using IDisposable? ownLock = await _records.LockAsync(number, TimeSpan.Zero, cancellation);
        if (ownLock is null)
            return new RecoverResult(number, RecoverOutcome.Busy, "another command works on it");
        if (_records.Read(number) is not { } device)
            return new RecoverResult(number, _teardown.RemoveOrphans(number) ? RecoverOutcome.Cleaned : RecoverOutcome.Nothing, null);
        device = WithHealth(device);
        // A fenced device tells which host took its image, until a user has seen that and detaches the device.
        if (device.Health is LofiHealth.Ok or LofiHealth.Fenced)
            return new RecoverResult(number, RecoverOutcome.Nothing, null);
        try
        {
            await _teardown.RunAsync(device, force: device.IsUnserved, cancellation);
            return new RecoverResult(number, RecoverOutcome.Cleaned, null);
        }
        catch (LofizoneException e)
        {
            return new RecoverResult(number, RecoverOutcome.Failed, e.Advice is null ? e.Message : $"{e.Message}; {e.Advice}");
        }
    }

    /// <summary>Runs <see cref="RecoverAsync(int, CancellationToken)"/> for every device with any remains.</summary>
    public async Task<IReadOnlyList<RecoverResult>> RecoverAsync(CancellationToken cancellation)
    {
        List<RecoverResult> results = [];
        foreach (int number in _records.NumbersInUse())
            results.Add(await RecoverAsync(number, cancellation));
        return results;
    }

    /// <summary>True when two URIs name one image, whatever identities and addresses they use.</summary>
    internal static bool SameFile(ShareUri a, ShareUri b) => a.IsSamePlace(b);

    private async Task<LofiDevice> AttachReservedAsync(LofiDevice device, CancellationToken cancellation)
    {
        LofiSteps.Attaching(LofiSteps.Open);
        (FileDescriptor backing, device) = await _images.OpenAsync(device, cancellation);
        using (backing)
        {
            device = device with { SizeBytes = FileStatus.Of(backing).Size };
            LofiSteps.Attaching(LofiSteps.Bind);
            string loop = await LoopDevices.BindAsync(_kernel, backing, device.Token, cancellation);
            device = device with
            {
                LoopDevice = loop,
                BackingFile = LoopDevices.BackingFile(loop) ?? "",
                LoopBefore = LoopFigures.Of(loop),
            };
        }

        LofiSteps.Attaching(LofiSteps.Link);
        DeviceLink.Make(device.Link, device.LoopDevice);
        LofiSteps.Attaching(LofiSteps.Record);
        device = device with { State = LofiState.Attached };
        _records.Write(device);
        if (device.Transport == NfsTransports.Kernel)
            await KernelWatch.StartAsync(Programs, _paths, _engines.Binary, device, cancellation);
        return device with { Health = LofiHealth.Ok };
    }

    /// <summary>Chooses the number, and writes the record that announces the work. The device's lock passes to the caller.</summary>
    private async Task<(LofiDevice Device, IDisposable Lock)> ReserveAsync(
        ShareUri file, string transport, LofiAttachOptions options, CancellationToken cancellation)
    {
        using IDisposable allocation = await LockAsync(0, cancellation);
        IReadOnlyList<LofiDevice> devices = _records.List();
        if (devices.FirstOrDefault(d => SameFile(d.File, file)) is { } attached)
            throw AlreadyAttached(WithHealth(attached));
        HashSet<int> taken = [.. devices.Select(d => d.Number)];
        int number = options.Number ?? Enumerable.Range(1, NumberLimit).First(n => !taken.Contains(n));
        if (taken.Contains(number))
            throw new LofizoneException(
                $"{_records.LinkPath(number)}: in use for "
                + $"{devices.First(d => d.Number == number).File}", "choose another device, or none to get a free one");

        IDisposable ownLock = await LockAsync(number, cancellation);
        try
        {
            LofiSteps.Attaching(LofiSteps.Reserve);
            LofiDevice device = new()
            {
                Number = number,
                Link = _records.LinkPath(number),
                File = file,
                State = LofiState.Attaching,
                Transport = transport,
                Mount = transport == NfsTransports.Kernel ? _mounts.PathOf(file) : null,
                ZoneName = options.ZoneName,
                Token = $"lofizone:{_paths.Tag}:{number}:{RandomBytes.GetHex(TokenBytes)}",
                Since = _time.GetUtcNow(),
            };
            _records.Write(device);
            return (device, ownLock);
        }
        catch
        {
            ownLock.Dispose();
            throw;
        }
    }

    /// <summary>Removes a killed command's remains of this image's device, or of the wanted number, before a new attach.</summary>
    private async Task ClearLeftoversAsync(ShareUri file, int? number, CancellationToken cancellation)
    {
        foreach (LofiDevice device in List())
            if ((SameFile(device.File, file) || device.Number == number) && device.Health != LofiHealth.Ok)
                if (await RecoverAsync(device.Number, cancellation) is { Outcome: RecoverOutcome.Failed } failed)
                    throw new LofizoneException(
                        $"{device.Link}: left unfinished by an earlier command, and can't be cleaned up: {failed.Message}");
    }

    private static void RequireEngine(LofiDevice device)
    {
        if (device.Engine is null)
            throw new LofizoneException(
                $"{device.Link}: has no engine: the blocks of a dir: share are moved by the kernel alone",
                "trace the kernel: see trace-cmd(1), rpcdebug(8)");
    }

    private static LofizoneException NoAnswer(LofiDevice device) =>
        new($"{device.Link}: its engine does not answer", $"see what is wrong with it: lofiadm -v {device.Link}");

    private static LofizoneException AlreadyAttached(LofiDevice device) => device.Health == LofiHealth.Fenced
        ? new LofizoneException(
            $"{device.File}: attached as {device.Link}{(device.ZoneName is null ? "" : $" for zone {device.ZoneName}")}, but fenced: "
            + "another host took the image",
            device.ZoneName is null ? $"detach it: lofiadm -d {device.Link}" : $"halt the zone: zone halt {device.ZoneName}")
        : device.Health == LofiHealth.Ok
        ? new LofizoneException(
            $"{device.File}: already attached as {device.Link}{(device.ZoneName is null ? "" : $" for zone {device.ZoneName}")}",
            device.ZoneName is null ? $"use that, or detach it: lofiadm -d {device.Link}" : $"halt the zone: zone halt {device.ZoneName}")
        : new LofizoneException($"{device.File}: another command is attaching or detaching it as {device.Link}", "try again in a moment");

    private async Task<IDisposable> LockAsync(int number, CancellationToken cancellation) =>
        await _records.LockAsync(number, _commandLimit, cancellation) ?? throw new LofizoneException(
            number == 0
                ? "lofi devices: another command has been choosing a device for too long"
                : $"{_records.LinkPath(number)}: another command works on this device",
            "try again when it is done");

    /// <summary>The loss of a device's image to another host; null when the image is not lost.</summary>
    public EngineFence? FenceOf(LofiDevice device) => EngineFence.Read(_records.Engine(device.Number));

    private LofiDevice WithHealth(LofiDevice device) => device with
    {
        HeldSince = device.Engine is { IsAlive: true } ? _records.Engine(device.Number).ReadHeld() : null,
        AwaySince = device.Engine is null && _records.Engine(device.Number).ReadWatch() is { IsAlive: true }
            ? _records.Engine(device.Number).ReadAway()
            : null,
        Health = device.State != LofiState.Attached ? LofiHealth.Unfinished
            : LoopDevices.BackingFile(device.LoopDevice) is not { } backing || !backing.StartsWith(
                device.BackingFile, StringComparison.Ordinal) ? LofiHealth.LoopGone
            // The fence is checked first: the image is another host's, whether or not the engine that noticed the loss still lives.
            : _records.Engine(device.Number).IsFenced ? LofiHealth.Fenced
            : device.IsUnserved ? LofiHealth.EngineDead
            : LofiHealth.Ok,
    };
}
