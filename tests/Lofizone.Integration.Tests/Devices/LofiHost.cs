using System.Globalization;
using Lofizone.Devices;
using Lofizone.Engine;
using Lofizone.Hosts;
using Lofizone.Interop;
using Lofizone.Programs;
using Lofizone.Shares;
using Lofizone.Testing.Hosts;

namespace Lofizone.Integration.Tests.Devices;

/// <summary>
/// A throw-away host with a directory share. The disposal leaves no device, mount or file behind, whatever the test has done.
/// </summary>
public sealed class LofiHost : IAsyncDisposable
{
    private const long Mebibyte = 1 << 20;

    public LofiHost()
    {
        Paths = new HostPaths(Directory.CreateTempSubdirectory("lofizone-host-").FullName);
        ShareDirectory = Directory.CreateDirectory(Path.Combine(Paths.Root, "share")).FullName;
        Devices = DevicesAt(TimeProvider.System);
    }

    public HostPaths Paths { get; }

    public string ShareDirectory { get; }

    public ProgramRunner Programs { get; } = new();

    public LofiDevices Devices { get; }

    public static string ZoneBinary =>
        Environment.GetEnvironmentVariable("ZONE_BINARY") is { Length: > 0 } binary ? binary : Path.Combine(AppContext.BaseDirectory, "zone");

    /// <summary>The host's devices as seen by a command with another clock.</summary>
    public LofiDevices DevicesAt(TimeProvider time) => new(Paths, Programs, Kernel, new EngineLauncher(ZoneBinary, Paths, Programs, time), time, Share.OpenAsync);

    /// <summary>A sparse image on the directory share.</summary>
    public ShareUri MakeImage(string name = "web.img", long bytes = 64 * Mebibyte)
    {
        string path = Path.Combine(ShareDirectory, name);
        using (FileStream file = new(path, FileMode.CreateNew))
            file.SetLength(bytes);
        return ShareUri.Parse("dir:" + path);
    }

    public Task<LofiDevice> AttachAsync(ShareUri file, int? number = null) =>
        Devices.AttachAsync(file, new LofiAttachOptions { Number = number }, TestContext.Current.CancellationToken);

    public Task DetachAsync(LofiDevice device, bool force = false) =>
        Devices.DetachAsync(device, new DetachOptions(force), TestContext.Current.CancellationToken);

    /// <summary>Detaches the host's last device, and asserts that nothing is left.</summary>
    public async Task DetachLastAsync(LofiDevice device, bool force = false)
    {
        await DetachAsync(device, force);
        AssertNothingLeft();
    }

    /// <summary>
    /// Attaches or detaches in a process of its own, which stops at the given point until <paramref name="meanwhile"/> has ended. The
    /// result has the process's end.
    /// </summary>
    public async Task<Task<ProgramResult>> HeldProbeAsync(string verb, string argument, string holdAt, Func<Task> meanwhile)
    {
        Task<ProgramResult> probe = ProbeAsync(verb, argument, killAt: null, root: null, holdAt);
        await HeldProcess.ContinueAsync(() => HeldProcess.With(verb, argument).Cast<int?>().FirstOrDefault(), meanwhile);
        return probe;
    }

    /// <summary>Attaches or detaches in a process of its own, which is killed at the given point if there is one.</summary>
    public Task<ProgramResult> ProbeAsync(string verb, string argument, string? killAt = null, string? root = null, string? holdAt = null) => Programs.RunAsync(
        new ProgramCall(Path.Combine(AppContext.BaseDirectory, "lofi-probe"), verb, argument)
        {
            Environment = new Dictionary<string, string?>
            {
                [HostPaths.RootVariable] = root ?? Paths.Root,
                [FaultPoint.Variable] = killAt,
                [FaultPoint.HoldVariable] = holdAt,
                ["ZONE_BINARY"] = ZoneBinary,
            },
            TimeLimit = TimeSpan.FromMinutes(3),
        },
        TestContext.Current.CancellationToken);

    public Task<ProgramResult> RunAsync(string program, params string[] arguments) =>
        Programs.RunCheckedAsync(new ProgramCall(program, arguments), TestContext.Current.CancellationToken);

    /// <summary>Asserts that no object of this host is left in the kernel or below its run directory.</summary>
    public void AssertNothingLeft()
    {
        Assert.Empty(Loops());
        Assert.DoesNotContain(MountTable.Read().Entries, e => e.MountPoint.StartsWith(Paths.Root, StringComparison.Ordinal));
        Assert.Empty(Directory.Exists(Paths.DevLofi) ? Directory.GetFileSystemEntries(Paths.DevLofi) : []);
        Assert.Equal(["locks"], Directory.Exists(Paths.LofiRun) ? Directory.GetFileSystemEntries(Paths.LofiRun).Select(Path.GetFileName) : ["locks"]);
        Assert.Empty(Directory.GetFiles(ShareDirectory, "*owner.json"));
    }

    internal static KernelCalls Kernel { get; } = new(new ProgramRunner(), ZoneBinary);

    /// <summary>Unmounts, and waits for other processes that look through all mounts and so use the mount for a moment.</summary>
    public static Task UnmountAsync(string mountPoint) => new BusyMount(Kernel, TimeProvider.System).DetachAsync(mountPoint, "test", CancellationToken.None);

    /// <summary>Loop devices whose file lies below this host's root.</summary>
    public IReadOnlyList<string> Loops() =>
        [.. Directory.GetDirectories("/sys/block", "loop*").Select(d => "/dev/" + Path.GetFileName(d))
            .Where(d => LoopDevices.BackingFile(d)?.StartsWith(Paths.Root, StringComparison.Ordinal) == true)];

    public async ValueTask DisposeAsync()
    {
        foreach (MountEntry mount in MountTable.Read().Entries.Where(e => e.MountPoint.StartsWith(Paths.Root, StringComparison.Ordinal) && !e.FileSystemType.StartsWith("fuse", StringComparison.Ordinal)).Reverse())
            await UnmountAsync(mount.MountPoint);
        foreach (LofiDevice device in Devices.List())
            await Devices.DetachAsync(device, new DetachOptions(Force: true), CancellationToken.None);
        await Devices.RecoverAsync(CancellationToken.None);
        foreach (string parent in CgroupLayout.OfHost().All.Select(h => h + Paths.Cgroup).Where(Directory.Exists))
        {
            Assert.Empty(Directory.GetDirectories(parent));
            CgroupDirectory.Remove(parent);
        }

        Directory.Delete(Paths.Root, recursive: true);
    }

    public static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
