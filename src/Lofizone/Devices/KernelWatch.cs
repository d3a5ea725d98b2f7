using System.Globalization;
using System.Runtime.InteropServices;
using Lofizone.Engine;
using Lofizone.Hosts;
using Lofizone.Interop;
using Lofizone.Ownership;
using Lofizone.Programs;
using Lofizone.Shares;

namespace Lofizone.Devices;

/// <summary>
/// Watches a device whose data the kernel's NFS client carries. Once the server has dropped this host's lock, the kernel fails every read
/// and write (<c>recover_lost_locks=0</c>) without any notice. The watch notices the loss, names the image's new owner, and stops the zone.
/// The watch owns nothing: device and zone go on without it.
/// </summary>
public static class KernelWatch
{
    /// <summary>Hidden verb: <c>zone watch ROOT NUMBER TOKEN CGROUP</c>. The watch enters CGROUP.</summary>
    public const string Verb = "watch";

    /// <summary>Interval of the reads of one block.</summary>
    private static readonly TimeSpan _interval = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Number of failed reads in a row after which the lock counts as lost although the owner record is this host's. The server's disk may
    /// have failed a single read.
    /// </summary>
    private const int FailuresLimit = 3;

    private const int BlockBytes = ImageSize.BlockBytes;

    /// <summary>Starts a watch, and returns when the watch has written its identity, by which a later detach finds it.</summary>
    internal static async Task StartAsync(
        IProgramRunner programs, HostPaths paths, string binary, LofiDevice device, CancellationToken cancellation)
    {
        SystemdScope? scope = SystemdScope.OfDevice(paths, device.Number);
        using DetachedProgram watch = DetachedProgram.Start(
            programs, scope, binary, Verb, paths.Root, device.Number.ToString(CultureInfo.InvariantCulture), device.Token,
            scope?.Cgroup ?? OwnCgroup.OfDevice(paths, device.Number).Path);
        if (await watch.Output.ReadLineAsync(cancellation) != Verb)
            throw new LofizoneException(
                $"{device.Link}: its watch could not start: {(await watch.Error.ReadToEndAsync(cancellation)).Trim()}",
                $"see {LogOf(paths, device.Number)}");
    }

    private static string LogOf(HostPaths paths, int number) =>
        Path.Combine(paths.Log, $"lofi-{number}.log");

    /// <summary>Ends the watch of a device, if there is one.</summary>
    internal static void End(EngineDirectory directory)
    {
        if (directory.ReadWatch() is { } watch)
            Processes.Send(watch, Signal.Kill);
    }

    /// <summary>Watches until the device is detached or the lock is lost. Returns the exit code.</summary>
    public static async Task<int> RunAsync(string[] arguments)
    {
        Exec.CloseOthersOnExec();
        if (arguments.Length != 4 || !int.TryParse(arguments[1], NumberStyles.None, CultureInfo.InvariantCulture, out int number))
            return 2;
        HostPaths paths = new(arguments[0]);
        IReadOnlyList<string> refused = new OwnCgroup(arguments[3]).Enter();
        LofiRecords records = new(paths, TimeProvider.System);
        EngineDirectory directory = records.Engine(number);
        HostFile.MakeDirectory(directory.Path);
        directory.WriteWatch(ProcessIdentity.Current);
        HostFile.MakeDirectory(paths.Log);
        Console.WriteLine(Verb);
        EngineLogFile.Open(LogOf(paths, number), fresh: true);
        EngineLogFile.DropStandardStreams();
        EngineLog log = EngineLog.Of(paths, records.Read(number)?.ZoneName, LogOf(paths, number));
        foreach (string what in refused)
            log.Write($"watch: {what}");

        using CancellationTokenSource gone = new();
        Task server = records.Read(number) is { File: var file }
            ? new AwayNotes(file, directory, log, TimeProvider.System).KeepAsync(c => KernelServer.AnswersAsync(file, c), gone.Token)
            : Task.CompletedTask;
        using PeriodicTimer timer = new(_interval);
        int failures = 0;
        while (records.Read(number) is { State: not LofiState.Detaching } device && device.Token == arguments[2])
        {
            failures = CanRead(device) ? 0 : failures + 1;
            if (failures > 0 && await JudgeAsync(device, failures) is { } fence)
            {
                fence.Write(directory);
                log.Write($"{device.File}: {fence.Why}; nothing is written any more");
                EngineFence.StopZone(paths.Root, number);
                return 0;
            }

            await timer.WaitForNextTickAsync();
        }

        await gone.CancelAsync();
        await server;
        return 0;
    }

    /// <summary>
    /// Reads the device's last block, past the page cache. The read waits for a silent server, as all I/O on the device does.
    /// </summary>
    private static bool CanRead(LofiDevice device)
    {
        byte[] memory = GC.AllocateUninitializedArray<byte>(BlockBytes * 2, pinned: true);
        int offset = (int)(BlockBytes - Marshal.UnsafeAddrOfPinnedArrayElement(memory, 0) % BlockBytes);
        try
        {
            using FileDescriptor open = Files.Open(device.LoopDevice, OpenFlags.ReadOnly | OpenFlags.Direct);
            FileContent.Read(open, memory.AsSpan(offset, BlockBytes), device.SizeBytes / BlockBytes * BlockBytes - BlockBytes);
            return true;
        }
        catch (LinuxException e) when (e.Errno == Errno.EIO)
        {
            return false;
        }
        catch (LinuxException e) when (e.Errno is Errno.ENXIO or Errno.ENOENT or Errno.ENODEV)
        {
            // The device was detached after its record was read.
            return true;
        }
    }

    private static async Task<EngineFence?> JudgeAsync(LofiDevice device, int failures)
    {
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        ImageOwner? owner = await ImageOwner.ReadAsync(Share.OpenAsync, device.File, TimeProvider.System, CancellationToken.None);
        if (owner is not null && owner.Attachment != device.Token)
            return new EngineFence(
                $"host {owner.Host} has owned the image since {owner.Since:yyyy-MM-dd HH:mm:ss} UTC", now, owner.Host, owner.Since);
        // A server that has dropped a lock answers with an error. When the server is silent, a command of this host is giving the device up
        // and has made the kernel fail the waiting requests.
        if (owner is null && !await KernelServer.AnswersAsync(device.File, CancellationToken.None))
            return null;
        return failures < FailuresLimit ? null
            : new EngineFence(
                owner is null
                    ? "the server has dropped this host's lock, and the owner record is gone or can't be read"
                    : "the server has dropped this host's lock", now);
    }
}
