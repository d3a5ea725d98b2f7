using Lofizone.Hosts;
using Lofizone.Interop;
using Lofizone.Network;
using Lofizone.Programs;

namespace Lofizone.Runtime;

/// <summary>
/// Removes everything that the runtime has made for a zone, in an order in which each part is unused when it is removed. The removal looks
/// at what exists, not at what should exist. So it also serves zones that were never finished, and may be repeated.
/// </summary>
internal sealed class Teardown(RuntimeContext context, string zone)
{
    private const int SigKill = 9;

    /// <summary>Time that a killed init has to end, counted from the last end of a process of the zone.</summary>
    private static readonly TimeSpan _initLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan _initSlice = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _conmonLimit = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(5);

    private readonly RuntimePaths _paths = context.Paths(zone);

    public async Task RunAsync(CancellationToken cancellation)
    {
        bool lived = await KillInitAsync(cancellation);
        await EndMakersAsync(lived, cancellation);
        await OwnCgroup.OfSupervisor(context.Host, zone).RemoveAsync(context.Time, cancellation);
        await context.CgroupsOf(_paths).RemoveAsync(zone, cancellation);
        await DeleteContainerAsync(cancellation);
        await context.CgroupsOf(_paths).RemoveAsync(zone, cancellation);
        await new ZoneNetwork(context.Programs, context.Host).UnplumbAsync(zone, cancellation);
        await RootClone.DetachAsync(context, zone, cancellation);
        HostFile.RemoveDirectory(_paths.Bundle);
        HostFile.RemoveEmptyDirectory(_paths.Directory);
    }

    /// <summary>Kills the zone's init, and with it all processes in its PID namespace. True when there was an init.</summary>
    public async Task<bool> KillInitAsync(CancellationToken cancellation)
    {
        int init = RuntimeProcesses.Read(_paths).InitPid;
        using ProcessHandle? handle = init > 0 ? ProcessHandle.Open(init) : null;
        if (handle is null || RuntimeProcesses.Read(_paths).InitPid != init)
            return false;
        handle.Signal(SigKill);
        // The kernel ends all of the zone's processes before it ends init. A zone may have any number of them.
        long? processes = context.CgroupsOf(_paths).CountProcesses();
        long progress = context.Time.GetTimestamp();
        while (!await handle.WaitAsync(_initSlice, cancellation))
        {
            foreach (int login in RuntimeProcesses.Logins(_paths).Where(l => !RuntimeProcesses.IsAncestor(l)))
            {
                using ProcessHandle? stopped = ProcessHandle.Open(login);
                stopped?.Signal(SigKill);
            }

            long? left = context.CgroupsOf(_paths).CountProcesses();
            if (left < processes)
                progress = context.Time.GetTimestamp();
            processes = left;
            if (context.Time.GetElapsedTime(progress) > _initLimit)
            {
                throw new LofizoneException(
                    $"zone {zone}: its init (pid {init}) doesn't end {_initLimit.TotalSeconds} s after it was killed",
                    "it waits for a device or server that doesn't answer; try again when it does");
            }
        }

        return true;
    }

    // conmon ends by itself, but only after the exit command. That command may be this process, or may wait for a lock that the caller
    // holds.
    private async Task EndMakersAsync(bool initLivedUntilNow, CancellationToken cancellation)
    {
        if (!Directory.Exists(_paths.Bundle))
            return;
        long start = context.Time.GetTimestamp();
        while (initLivedUntilNow && !File.Exists(_paths.Exit) && RuntimeProcesses.Read(_paths).ConmonPid > 0
            && context.Time.GetElapsedTime(start) < _conmonLimit)
        {
            await Task.Delay(_pause, context.Time, cancellation);
        }

        foreach (int maker in RuntimeProcesses.Makers(_paths))
        {
            if (RuntimeProcesses.IsAncestor(maker))
                continue;
            using ProcessHandle? handle = ProcessHandle.Open(maker);
            if (handle?.Signal(SigKill) == true)
                await handle.WaitAsync(_conmonLimit, cancellation);
        }
    }

    private async Task DeleteContainerAsync(CancellationToken cancellation)
    {
        if (!Directory.Exists(_paths.CrunState))
            return;
        if (context.Programs.Find("crun") is not null)
        {
            // The answer does not matter: crun refuses half-written state, which is removed below.
            ProgramResult _ = await context.Programs.RunAsync(context.Crun(_paths, "delete", "--force", zone), cancellation);
        }

        HostFile.RemoveDirectory(_paths.CrunState);
    }
}
