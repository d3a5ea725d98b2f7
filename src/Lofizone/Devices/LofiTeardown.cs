using Lofizone.Engine;
using Lofizone.Interop;
using Lofizone.Ownership;
using Lofizone.Programs;
using Lofizone.Shares;

namespace Lofizone.Devices;

/// <summary>
/// Takes a device apart from any state. Detach, the undo of a failed attach, and recovery all use this class. A step whose object is gone
/// does nothing. The caller holds the device's lock.
/// </summary>
internal sealed class LofiTeardown(
    LofiRecords records, EngineLauncher engines, KernelMounts mounts, IProgramRunner programs, TimeProvider time, ShareOpener openShare)
{
    /// <summary>Limit for a flush or a stop. After the limit the command reports a stuck server and waits no longer.</summary>
    internal static readonly TimeSpan FlushLimit = TimeSpan.FromSeconds(60);

    /// <summary>Limit for an engine's status. A working engine answers at once.</summary>
    private static readonly TimeSpan _statusLimit = TimeSpan.FromSeconds(1.2);

    /// <summary>Time that a scan by udev or blkid may keep the loop device open.</summary>
    private static readonly TimeSpan _freeLimit = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Time that a known process, such as udev's scan or a process that is about to end, may keep the device before the device counts as in
    /// use.
    /// </summary>
    private static readonly TimeSpan _exclusiveLimit = TimeSpan.FromSeconds(3);

    /// <summary>Limit for a system call when there is nothing to store.</summary>
    private static readonly TimeSpan _discardLimit = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan _exclusivePoll = TimeSpan.FromMilliseconds(20);

    /// <summary>Interval of the attempts after <see cref="_exclusiveLimit"/>. Each of these attempts looks at every process.</summary>
    private static readonly TimeSpan _usersPoll = TimeSpan.FromMilliseconds(500);

    private readonly LoopDevices _loops = new(time);

    /// <summary>Takes the device apart; with <paramref name="force"/> without waiting for a server.</summary>
    /// <exception cref="LofizoneException">
    /// The device is mounted, or the server does not answer. No data is lost, and the call may be repeated.
    /// </exception>
    public async Task RunAsync(LofiDevice device, bool force, CancellationToken cancellation)
    {
        LofiSteps.Detaching(LofiSteps.Announce);
        // Another host has the image, so there is no data to store and no server to wait for.
        bool discard = force || records.Engine(device.Number).IsFenced;
        string? loop = LoopDevices.Find(device, records.ImagePath(device));
        if (loop is not null)
        {
            await FreeLoopAsync(device, loop, force, discard, cancellation);
        }
        else
        {
            MarkDetaching(device);
            // The attach was killed between writing the owner record and making the device. In later states the record is gone before the
            // device.
            if (device.State == LofiState.Attaching)
                await ImageOwner.RemoveAsync(openShare, device.File, device.Token, time, force, cancellation);
        }

        // An engine that never had a device has nothing to store. An engine that is still starting could not be asked to store.
        discard |= loop is null && device.State == LofiState.Attaching;
        bool silent = discard && records.Engine(device.Number).WasSilent(time);
        LofiSteps.Detaching(LofiSteps.StopEngine);
        await engines.StopAsync(records.Engine(device.Number), discard, FlushLimit, cancellation);
        LofiSteps.Detaching(LofiSteps.Unmount);
        if (device.Mount is { } mount)
            await mounts.ReleaseAsync(mount, silent);
        LofiSteps.Detaching(LofiSteps.Unlink);
        DeviceLink.Remove(device.Link);
        LofiSteps.Detaching(LofiSteps.Forget);
        records.Remove(device.Number);
    }

    /// <summary>
    /// Removes the objects that may exist without a record: a link and an engine's directory. False when there were none.
    /// </summary>
    public bool RemoveOrphans(int number)
    {
        bool link = DeviceLink.Remove(records.LinkPath(number));
        return records.Engine(number).Remove() || link;
    }

    /// <param name="device">The device.</param>
    /// <param name="loop">The device's loop device.</param>
    /// <param name="force">Free the device also while it is in use.</param>
    /// <param name="discard">Give up unstored data.</param>
    /// <param name="cancellation">Ends the command.</param>
    private async Task FreeLoopAsync(LofiDevice device, string loop, bool force, bool discard, CancellationToken cancellation)
    {
        if (!force)
            DeviceUsers.RefuseWhenMounted(device, loop);
        if (discard)
        {
            records.Engine(device.Number).Kill();
            // The watch reads the device. A read that waits for a silent server would keep a host's shutdown waiting, too.
            KernelWatch.End(records.Engine(device.Number));
        }
        else
        {
            await RequireAnsweringAsync(device, cancellation);
        }

        // While this command holds the device exclusively, no process can mount the device between the check and the unbind.
        string? file = LoopDevices.BackingFile(loop);
        ulong? binding = LoopDevices.Sequence(loop);
        await using (LoopHold hold = await HoldAsync(device, loop, force, discard, cancellation))
        {
            MarkDetaching(device);
            if (hold.IsReboundByOther)
                return;
            LofiSteps.Detaching(LofiSteps.Flush);
            if (!discard)
                await FlushAsync(device, hold, cancellation);
            LofiSteps.Detaching(LofiSteps.Disown);
            if (!(discard && records.Engine(device.Number).WasSilent(time)))
                await ImageOwner.RemoveAsync(openShare, device.File, device.Token, time, discard, cancellation);
            LofiSteps.Detaching(LofiSteps.Unbind);
            await BoundedAsync(device, discard, hold.UnbindAsync, cancellation);
        }

        if (!await _loops.WaitUntilFreeAsync(loop, file, binding, _freeLimit, cancellation))
            throw new LofizoneException(
                $"{device.Link}: {loop} is still open in {DeviceUsers.Describe(loop)}",
                $"end that, then run again: lofiadm -d {device.Link}");
        LoopDevices.RemoveIfAdded(loop);
    }

    /// <summary>Notes the detach. There is no way back from here: a later command finishes an interrupted detach.</summary>
    private void MarkDetaching(LofiDevice device)
    {
        if (device.State == LofiState.Attached)
            records.Write(device with { State = LofiState.Detaching });
        KernelWatch.End(records.Engine(device.Number));
    }

    /// <summary>
    /// Opens the loop device exclusively, so that no process can mount the device. Waits for an unmount or a scan that is under way.
    /// </summary>
    private async Task<LoopHold> HoldAsync(LofiDevice device, string loop, bool force, bool discard, CancellationToken cancellation)
    {
        long start = time.GetTimestamp();
        while (true)
        {
            try
            {
                LoopHold? hold = null;
                await BoundedAsync(
                    device,
                    discard,
                    async c => hold = await LoopHold.OpenAsync(programs, engines.Binary, loop, device.Token, !force, c),
                    cancellation);
                return hold!;
            }
            catch (LinuxException e) when (e.Errno == Errno.EBUSY)
            {
                // umount(2) returns before the kernel has let go of a device that another process used last. The kernel then writes back
                // the rest for that process, which takes as long as a flush.
                TimeSpan waited = time.GetElapsedTime(start);
                if (waited >= FlushLimit || waited >= _exclusiveLimit && DeviceUsers.Find(loop).Count > 0)
                {
                    // The mount may be younger than the first look.
                    DeviceUsers.RefuseWhenMounted(device, loop);
                    throw DeviceUsers.InUse(device, loop);
                }
                await Task.Delay(waited < _exclusiveLimit ? _exclusivePoll : _usersPoll, time, cancellation);
            }
        }
    }

    /// <summary>Refuses when something would make the flush wait, because a flush can't be interrupted once the kernel has it.</summary>
    private async Task RequireAnsweringAsync(LofiDevice device, CancellationToken cancellation)
    {
        if (device.IsUnserved)
            return;
        long start = time.GetTimestamp();
        // An engine that takes over from a dead one is not ready yet.
        while (await StallAsync(device, cancellation) is { } stall)
        {
            if (stall.Kind == StallKind.Held || device.Engine is null || time.GetElapsedTime(start) >= _statusLimit)
                throw CantFlush(device, stall);
            await Task.Delay(_exclusivePoll, time, cancellation);
        }
    }

    private async Task<DeviceStall?> StallAsync(LofiDevice device, CancellationToken cancellation) =>
        device.Engine is not null ? await engines.StallAsync(records.Engine(device.Number), cancellation)
        : await KernelServer.AnswersAsync(device.File, cancellation) ? null
        : new DeviceStall(StallKind.Silent, "", records.Engine(device.Number).ReadAway());

    private static LofizoneException CantFlush(LofiDevice device, DeviceStall stall) => new(
        $"{device.Link}: can't be flushed to {device.File}: {stall}",
        $"{stall.Cure} and run again; or give up what is not stored: {device.GiveUpCommand}");

    private async Task FlushAsync(LofiDevice device, LoopHold hold, CancellationToken cancellation)
    {
        try
        {
            await BoundedAsync(device, discard: false, hold.FlushAsync, cancellation);
        }
        catch (LinuxException e) when (device.State != LofiState.Attaching)
        {
            throw new LofizoneException(
                $"{device.Link}: its data could not be flushed to {device.File}: {LinuxException.Describe(e.Errno)}",
                "see whether the share is full or read-only (df), and run again when it is mended; to detach without the data that is "
                + $"not stored: {device.GiveUpCommand}", e);
        }
    }

    /// <summary>
    /// Runs work that may wait in the kernel for the device's server, with a limit. A device whose data is given up has no engine any more,
    /// and all requests to the engine have failed. Only requests of the kernel's own NFS client still wait.
    /// </summary>
    private async Task BoundedAsync(LofiDevice device, bool discard, Func<CancellationToken, Task> work, CancellationToken cancellation)
    {
        TimeSpan most = discard ? _discardLimit : FlushLimit;
        using CancellationTokenSource limit = new(most, time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        try
        {
            if (discard)
            {
                await work(either.Token);
                return;
            }

            StallSubject subject = new(
                device.Link, device.GiveUpCommand, c => StallAsync(device, c), _ => Task.FromResult<DeviceStall?>(null),
                stall => CantFlush(device, stall));
            await new StallWatch(subject, SilentReporter.Instance, time)
                .RunAsync(work, new StallPatience(StallPatience.OfStop, StallEnd.EndWork), either.Token);
        }
        catch (OperationCanceledException e) when (!cancellation.IsCancellationRequested)
        {
            throw discard
                ? new LofizoneException(
                    $"{device.Link}: the kernel waits for {device.File}, and keeps its loop device for as long",
                    $"see that the server answers, then run again: {device.GiveUpCommand}", e)
                : new LofizoneException(
                    $"{device.Link}: no end of its flush to {device.File} within {most.TotalSeconds:0} s",
                    $"see that the server answers, then run again; or give up what it has not confirmed: {device.GiveUpCommand}", e);
        }
    }
}
