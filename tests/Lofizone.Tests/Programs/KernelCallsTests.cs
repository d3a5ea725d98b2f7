using Lofizone.Images;
using Lofizone.Interop;
using Lofizone.Programs;
using Lofizone.Shares;
using Microsoft.Extensions.Time.Testing;

namespace Lofizone.Tests.Programs;

/// <summary>Calls that may wait in the kernel for a server. Callers handle their errors, and calls that do not end.</summary>
public sealed class KernelCallsTests : IDisposable
{
    private readonly TemporaryHost _host = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _host.Dispose();

    [Fact]
    public async Task The_childs_exit_code_is_the_error_number_of_its_call()
    {
        string missing = Path.Combine(_host.Paths.Root, "missing");
        Assert.Equal((int)Errno.ENOENT, await KernelCalls.ServeAsync(["umount", missing, "8"]));
        Assert.Equal((int)Errno.ENOENT, await KernelCalls.ServeAsync(["fsync", missing]));
        Assert.Equal((int)Errno.ENOENT, await KernelCalls.ServeAsync(["mount", missing, missing, "ext4", "14", ""]));
        Assert.Equal(255, await KernelCalls.ServeAsync(["umount", missing]));

        Child child = new(call => Task.FromResult(new ProgramResult((int)Errno.EBUSY, "", "")));
        LinuxException busy = await Assert.ThrowsAsync<LinuxException>(() => new KernelCalls(child, "/usr/sbin/zone").UnmountAsync("/zones/web", UnmountFlags.NoFollow, Cancellation));
        Assert.Equal((Errno.EBUSY, "umount"), (busy.Errno, busy.Call));
        Assert.Equal(["/usr/sbin/zone", "kernel-call", "umount", "/zones/web", "8"], [child.Call!.Program, .. child.Call.Arguments]);
        child = new(_ => Task.FromResult(new ProgramResult(137, "", "")));
        await Assert.ThrowsAsync<LofizoneException>(() => new KernelCalls(child, "zone").FlushAsync("/dev/loop0", Cancellation));
    }

    [Fact]
    public async Task An_unmount_of_the_kernels_client_that_does_not_end_is_left_behind()
    {
        FakeTimeProvider clock = new();
        Stuck kernel = new();
        string mount = Directory.CreateDirectory(Path.Combine(_host.Paths.ShareMounts, "nas")).FullName;
        Task release = new KernelMounts(_host.Paths, new ProgramRunner(), kernel, clock).ReleaseAsync(mount);
        Assert.False(release.IsCompleted);
        clock.Advance(TimeSpan.FromSeconds(4));
        await release;
        Assert.True(Directory.Exists(mount));
        Assert.Equal([$"umount {mount} NoFollow"], kernel.Calls);
    }

    [Fact]
    public async Task A_mount_and_an_unmount_of_a_zones_root_that_wait_for_the_kernels_client_end_when_their_operation_does()
    {
        Stuck kernel = new();
        using CancellationTokenSource ended = new();
        string device = Path.Combine(_host.Paths.Root, "device");
        await File.WriteAllBytesAsync(device, [], Cancellation);
        Task mount = ForeignMount.AttachAsync(kernel, device, "/zones/web", "xfs", ended.Token);
        Task unmount = new BusyMount(kernel, TimeProvider.System).DetachAsync("/zones/web", "zone web", ended.Token);
        Assert.False(mount.IsCompleted || unmount.IsCompleted);
        await ended.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => mount);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => unmount);
    }

    /// <summary>A kernel that waits for a server.</summary>
    private sealed class Stuck : IKernelCalls
    {
        public List<string> Calls { get; } = [];

        public Task MountAsync(string source, string target, string fileSystemType, MountFlags flags, string? data, CancellationToken cancellation) => WaitAsync($"mount {target}", cancellation);

        public Task UnmountAsync(string target, UnmountFlags flags, CancellationToken cancellation) => WaitAsync($"umount {target} {flags}", cancellation);

        public Task FlushAsync(string device, CancellationToken cancellation) => WaitAsync($"fsync {device}", cancellation);

        private Task WaitAsync(string call, CancellationToken cancellation)
        {
            Calls.Add(call);
            return Task.Delay(Timeout.InfiniteTimeSpan, cancellation);
        }
    }

    private sealed class Child(Func<ProgramCall, Task<ProgramResult>> run) : IProgramRunner
    {
        public ProgramCall? Call { get; private set; }

        public Task<ProgramResult> RunAsync(ProgramCall call, CancellationToken cancellation)
        {
            Call = call;
            return run(call);
        }

        public string? Find(string program) => program;
    }
}
