using System.Security.Cryptography;
using Lofizone.Devices;
using Lofizone.Hosts;
using Lofizone.Images;
using Lofizone.Interop;
using Lofizone.Programs;
using Lofizone.Testing;
using Lofizone.Testing.Nfs;

namespace Lofizone.Integration.Tests.Devices;

/// <summary>
/// Programs write far more through the page cache than their cgroup's limit allows, so that the kernel must write to the device whenever it
/// needs a page. An engine that needs a page for such a write, and counts for the same limit, would wait for itself.
/// </summary>
[Collection(SilentDevices.Name)]
public sealed class MemoryPressureTests() : NfsDeviceBed(new GaneshaOptions(), ImageBytes)
{
    private const long ImageBytes = 512 << 20;
    private const long LimitBytes = 48 << 20;
    private const int DataBytes = 256 << 20;
    private const int BlockBytes = 1 << 20;

    /// <summary>Limit after which a writer counts as held up for ever. A writer needs one or two seconds.</summary>
    private static readonly TimeSpan _writeLimit = TimeSpan.FromMinutes(1);

    private LimitedCgroup _limited = null!;

    private string Source => Path.Combine(Host.Paths.Root, "source");

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        _limited = LimitedCgroup.Make(Host.Paths, LimitBytes);
        await using FileStream source = new(Source, FileMode.CreateNew);
        for (int written = 0; written < DataBytes; written += BlockBytes)
            await source.WriteAsync(RandomNumberGenerator.GetBytes(BlockBytes), Cancellation);
    }

    public override async ValueTask DisposeAsync()
    {
        // The detach is forced, because processes may still wait for the device.
        foreach (LofiDevice device in Host.Devices.List())
            await EndAsync(device);
        await _limited.DisposeAsync();
        await base.DisposeAsync();
    }

    [Fact]
    public async Task An_engine_attached_from_a_cgroup_that_is_short_of_memory_does_not_share_its_limit()
    {
        LofiDevice device = await AttachInsideAsync();
        ProcessIdentity[] both = [Assert.IsType<ProcessIdentity>(device.Engine), Assert.IsType<ProcessIdentity>(device.Keeper)];
        Assert.DoesNotContain(both, _limited.Holds);
        // Successors inherit the cgroup.
        device = await EngineKills.KillEngineAsync(Host.Devices, device, Cancellation);
        device = await EngineKills.KillKeeperAsync(Host.Devices, device, Cancellation);
        Assert.DoesNotContain([device.Engine!, device.Keeper!], _limited.Holds);

        await WriteAsync(device);
        await Host.DetachAsync(device);
        Assert.All(CgroupLayout.OfHost().All, h => Assert.Empty(Directory.GetDirectories(Directory.CreateDirectory(h + Host.Paths.Cgroup).FullName, ".lofi-*")));
    }

    [Fact]
    public async Task An_engine_that_waits_for_its_own_device_is_ended_by_a_forced_detach()
    {
        LofiDevice device = await AttachInsideAsync();
        await new ImageFileSystem(Host.Programs).MakeAsync(device.Link, "ext4", SilentReporter.Instance, Cancellation);
        Mount.Attach(device.Link, MountPoint, "ext4", MountFlags.None);
        // This is an administrator's mistake. With cgroup version 1 the device mostly stands still from here on.
        _limited.Put(device.Engine!);
        Task<ProgramResult> writer = CopyAsync();
        await Task.WhenAny(writer, RefusedPagesAsync());

        await EndAsync(device);
        await writer;
        Assert.False(device.Engine!.IsAlive);
        Host.AssertNothingLeft();
    }

    private async Task<LofiDevice> AttachInsideAsync()
    {
        ProgramCall attach = _limited.Call(LofiHost.ZoneBinary, "lofiadm", "-a", Image.ToString()) with
        {
            Environment = new Dictionary<string, string?> { [HostPaths.RootVariable] = Host.Paths.Root },
        };
        ProgramResult attached = await Host.Programs.RunAsync(attach, Cancellation);
        Assert.True(attached.ExitCode == 0, attached.Error);
        return Assert.Single(Host.Devices.List());
    }

    private async Task WriteAsync(LofiDevice device)
    {
        await new ImageFileSystem(Host.Programs).MakeAsync(device.Link, "ext4", SilentReporter.Instance, Cancellation);
        Mount.Attach(device.Link, MountPoint, "ext4", MountFlags.None);
        ProgramResult copied = await CopyAsync();
        Assert.True(copied.ExitCode == 0, copied.Error);
        // The next reads then come from the server.
        await LofiHost.UnmountAsync(MountPoint);
        Mount.Attach(device.Link, MountPoint, "ext4", MountFlags.ReadOnly);
        ProgramResult compared = await Host.Programs.RunAsync(new ProgramCall("cmp", Source, Path.Combine(MountPoint, "data")), Cancellation);
        Assert.True(compared.ExitCode == 0, compared.Output + compared.Error);
        await LofiHost.UnmountAsync(MountPoint);
    }

    private Task<ProgramResult> CopyAsync() => Host.Programs.RunAsync(
        _limited.Call("dd", $"if={Source}", $"of={Path.Combine(MountPoint, "data")}", "bs=1M", "conv=fsync") with { TimeLimit = _writeLimit },
        Cancellation);

    /// <summary>Waits until the cgroup has reached its limit, so that each new page needs another page's release.</summary>
    private Task RefusedPagesAsync()
    {
        string failures = Path.Combine(_limited.Path, "memory.failcnt");
        return Wait.UntilAsync(() => !File.Exists(failures) || File.ReadAllText(failures) != "0\n", "the limit is not reached", Cancellation);
    }

    /// <summary>Ends the engine first, because an earlier unmount would wait for the engine.</summary>
    private async Task EndAsync(LofiDevice device)
    {
        Task detached = Host.DetachAsync(device, force: true);
        Assert.True(await Processes.WaitForEndAsync(device.Engine!, _writeLimit, CancellationToken.None), "the engine does not end");
        if (MountTable.Read().At(MountPoint) is not null)
            Mount.Detach(MountPoint, UnmountFlags.Detach | UnmountFlags.NoFollow);
        await detached;
    }
}
