using Lofizone.Interop;

namespace Lofizone.Runtime;

/// <summary>Watches an init that was just started. The boot of a zone fails when its init ends at once.</summary>
internal sealed class InitWatch(RuntimeContext context, string zone)
{
    /// <summary>Time for which an init is watched. The watch ends earlier when the init shows that its own start has succeeded.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);

    /// <summary>Pause between two looks at the init, doubled each time up to the longest.</summary>
    private static readonly TimeSpan _firstSlice = TimeSpan.FromMilliseconds(2), _longestSlice = TimeSpan.FromMilliseconds(10);

    /// <summary>Time limit for conmon to write the exit status of init.</summary>
    private static readonly TimeSpan _exitLimit = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan _exitPoll = TimeSpan.FromMilliseconds(5);

    private readonly RuntimePaths _paths = context.Paths(zone);

    /// <returns>The end of init; null while init lives.</returns>
    public async Task<ZoneExit?> RunAsync(CancellationToken cancellation)
    {
        int process = RuntimeProcesses.Read(_paths).InitPid;
        using ProcessHandle? init = process > 0 ? ProcessHandle.Open(process) : null;
        long start = context.Time.GetTimestamp();
        TimeSpan slice = _firstSlice;
        while (init is not null && context.Time.GetElapsedTime(start) < Limit)
        {
            if (await init.WaitAsync(slice, cancellation))
                return await ExitAsync(cancellation);
            if (HasStarted(init))
                return null;
            slice = slice * 2 < _longestSlice ? slice * 2 : _longestSlice;
        }

        return init is null ? await ExitAsync(cancellation) : null;
    }

    private async Task<ZoneExit> ExitAsync(CancellationToken cancellation)
    {
        long start = context.Time.GetTimestamp();
        ZoneExit? exit;
        while ((exit = ZoneExit.Read(_paths)) is null && context.Time.GetElapsedTime(start) < _exitLimit)
            await Task.Delay(_exitPoll, context.Time, cancellation);
        return exit ?? new ZoneExit(ExitKind.Unknown, -1);
    }

    /// <summary>
    /// Tells whether init's own start has succeeded. The sign is the first child. systemd starts its generators when its mounts, cgroup,
    /// signals and inotify are ready. BusyBox has read inittab before its first child. Other inits, such as a script, give no sign.
    /// </summary>
    private bool HasStarted(ProcessHandle init)
    {
        try
        {
            return HasChild(init.Id)
                && (InitKinds.Of(_paths, init) == InitKind.Systemd || InitKinds.IsBusyBoxItself(_paths, init));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Init has just ended.
            return false;
        }
    }

    /// <summary>Reads one byte of the list of children (proc_pid_task(5)). The zone decides how long the list is.</summary>
    private static bool HasChild(int process)
    {
        using FileStream children = File.OpenRead($"/proc/{process}/task/{process}/children");
        return children.ReadByte() >= 0;
    }
}
