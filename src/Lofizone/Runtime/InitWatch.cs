using Lofizone.Interop;

namespace Lofizone.Runtime;

/// <summary>Watches an init that was just started. An init that ends at once has not booted the zone.</summary>
internal sealed class InitWatch(RuntimeContext context, string zone)
{
    /// <summary>Time for which an init is watched, unless it shows earlier that its own start has succeeded.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);

    /// <summary>How often is looked for a sign; from the first to the longest, doubled each time.</summary>
    private static readonly TimeSpan _firstSlice = TimeSpan.FromMilliseconds(2), _longestSlice = TimeSpan.FromMilliseconds(10);

    /// <summary>Time that conmon has to write down how init ended.</summary>
    private static readonly TimeSpan _exitLimit = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan _exitPoll = TimeSpan.FromMilliseconds(5);

    private readonly RuntimePaths _paths = context.Paths(zone);

    /// <returns>Init's end; null when init lives.</returns>
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
    /// Tells whether init's own start has succeeded. systemd starts its generators when it has all that it needs for itself:
    /// mounts, cgroup, signals, inotify. BusyBox reads its table before it starts a program. Other inits, such as a script, give no sign.
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

    /// <summary>One byte is enough: a zone decides how many children its init has.</summary>
    private static bool HasChild(int process)
    {
        using FileStream children = File.OpenRead($"/proc/{process}/task/{process}/children");
        return children.ReadByte() >= 0;
    }
}
