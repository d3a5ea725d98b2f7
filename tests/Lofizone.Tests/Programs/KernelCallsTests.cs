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
    public void The_child_answers_each_call_with_its_error_number()
    {
        string missing = Path.Combine(_host.Paths.Root, "missing");
        string[][] calls = [["umount", missing, "8"], ["fsync", missing], ["mount", missing, missing, "ext4", "14", ""], ["umount", missing]];
        using MemoryStream asked = new([.. calls.SelectMany(KernelCalls.Encode)]), answers = new();
        KernelCalls.Serve(asked, answers);
        Assert.Equal([(byte)Errno.ENOENT, (byte)Errno.ENOENT, (byte)Errno.ENOENT, 255], answers.ToArray());
    }

    [Fact]
    public async Task One_child_makes_all_calls_of_a_command_and_the_caller_learns_their_errors()
    {
        string starts = Path.Combine(_host.Paths.Root, "starts");
        int length = KernelCalls.Encode(["fsync", "/dev/loop0"]).Length;
        KernelCalls kernel = new(new ProgramRunner(), Script($"echo >>{starts}; while [ $(head -c {length} | wc -c) = {length} ]; do printf '\\020'; done"));
        kernel.Prepare();
        for (int i = 0; i < 2; i++)
        {
            LinuxException busy = await Assert.ThrowsAsync<LinuxException>(() => kernel.FlushAsync("/dev/loop0", Cancellation));
            Assert.Equal((Errno.EBUSY, "fsync"), (busy.Errno, busy.Call));
        }
        Assert.Single(await File.ReadAllLinesAsync(starts, Cancellation));
    }

    [Fact]
    public async Task A_child_that_ends_without_an_answer_is_an_error_and_the_next_call_gets_another_child()
    {
        string ended = Path.Combine(_host.Paths.Root, "ended");
        KernelCalls kernel = new(new ProgramRunner(), Script($"[ -e {ended} ] && {{ printf '\\000'; exec cat; }}; : >{ended}; echo out of memory >&2"));
        LofizoneException error = await Assert.ThrowsAsync<LofizoneException>(() => kernel.UnmountAsync("/zones/web", UnmountFlags.NoFollow, Cancellation));
        Assert.Contains("umount /zones/web: ", error.Message, StringComparison.Ordinal);
        Assert.Contains("out of memory", error.Message, StringComparison.Ordinal);
        await kernel.UnmountAsync("/zones/web", UnmountFlags.NoFollow, Cancellation);
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

    private string Script(string commands)
    {
        string path = Path.Combine(_host.Paths.Root, "child");
        File.WriteAllText(path, "#!/bin/sh\n" + commands + "\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        return path;
    }
}
