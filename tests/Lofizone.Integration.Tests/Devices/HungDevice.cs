using System.Diagnostics;
using Lofizone.Fuse;
using Lofizone.Interop;
using Lofizone.Testing.Fuse;
using Lofizone.Testing.Hosts;
using Lofizone.Testing.Nfs;

namespace Lofizone.Integration.Tests.Devices;

/// <summary>
/// A device of another host with a write in the page cache that the device's store does not take, and a sync(2) that waits for the write. A
/// program that opens the device waits in the kernel, where no signal reaches the program. The disposal ends both.
/// </summary>
public sealed class HungDevice : IAsyncDisposable
{
    private const int BlockBytes = 4096;

    /// <summary>Number of looks in a row that find a program in the kernel. After so many the program waits for more than a disk.</summary>
    private const int HungPolls = 25;

    private static readonly TimeSpan _poll = TimeSpan.FromMilliseconds(20);

    private readonly TestHost _host = new();
    private readonly List<Process> _waiting = [];
    private readonly IHungStore _store;
    private FileDescriptor? _open;

    private HungDevice(IHungStore store) => _store = store;

    /// <summary>The loop device.</summary>
    public string Device { get; private set; } = "";

    /// <summary>The host that has the device.</summary>
    public TestHost Host => _host;

    /// <summary>True while both still wait: the sync, and the program that has opened the device since.</summary>
    public bool IsHung => _waiting.Count == 2 && _waiting.All(IsInKernel);

    /// <summary>A device of an engine whose server is stopped.</summary>
    public static async Task<HungDevice> MakeAsync() => await HangAsync(new StoppedServer(await GaneshaServer.StartAsync()));

    /// <summary>
    /// A device without an engine, on a file of a directory that takes no writes. The file behaves like a file on a silent server of the
    /// kernel's NFS client.
    /// </summary>
    public static async Task<HungDevice> OfDirectoryAsync() => await HangAsync(await StuckFile.MakeAsync());

    /// <summary>Lets the store go on, so that the waits in the kernel end.</summary>
    public async Task ResumeAsync()
    {
        await _store.ResumeAsync();
        _open?.Dispose();
        _open = null;
        foreach (Process process in _waiting)
        {
            await process.WaitForExitAsync();
            process.Dispose();
        }

        _waiting.Clear();
    }

    public async ValueTask DisposeAsync()
    {
        await ResumeAsync();
        await _host.DisposeAsync();
        await _store.DisposeAsync();
    }

    private static async Task<HungDevice> HangAsync(IHungStore store)
    {
        HungDevice hung = new(store);
        try
        {
            await hung.HangAsync();
            return hung;
        }
        catch
        {
            await hung.DisposeAsync();
            throw;
        }
    }

    private async Task HangAsync()
    {
        string image = await _store.MakeImageAsync(_host);
        await _host.RunCheckedAsync("lofiadm", "-a", image);
        Device = _host.Devices.List()[0].LoopDevice;
        await _store.HangAsync();
        // The file stays open until the store goes on. The last close would write the page back, and so wait for the store.
        _open = Files.Open(Device, OpenFlags.ReadWrite);
        FileContent.Write(_open, new byte[BlockBytes], 0);
        Process sync = Process.Start("sync");
        _waiting.Add(sync);
        // The sync first writes back the data of other devices. Until the sync has come to this device, an open of the device returns.
        while (!await HangsAsync("dd", $"if={Device}", "of=/dev/null", $"bs={BlockBytes}", "count=1", "status=none"))
            Assert.False(sync.HasExited, "sync does not wait for the device");
    }

    /// <summary>Starts a program. True when the program waits in the kernel for a while, false when the program ends.</summary>
    private async Task<bool> HangsAsync(string program, params string[] arguments)
    {
        Process process = Process.Start(new ProcessStartInfo(program, arguments))!;
        for (int seen = 0; !process.HasExited; seen = IsInKernel(process) ? seen + 1 : 0)
        {
            if (seen == HungPolls)
            {
                _waiting.Add(process);
                return true;
            }

            // The kernel gives no event for a process that waits in it.
            await Task.Delay(_poll, TestContext.Current.CancellationToken);
        }

        process.Dispose();
        return false;
    }

    /// <summary>True for state D, a wait that no signal ends (proc_pid_stat(5)).</summary>
    private static bool IsInKernel(Process process)
    {
        try
        {
            string status = File.ReadAllText($"/proc/{process.Id}/stat");
            return status[(status.LastIndexOf(')') + 2)..].StartsWith('D');
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>The place of the image, and the cause of its hang.</summary>
    private interface IHungStore : IAsyncDisposable
    {
        /// <summary>Makes the image, and returns its name for commands.</summary>
        Task<string> MakeImageAsync(TestHost host);

        Task HangAsync();

        Task ResumeAsync();
    }

    private sealed class StoppedServer(GaneshaServer server) : IHungStore
    {
        public async Task<string> MakeImageAsync(TestHost host)
        {
            string image = $"{server.Uri}/hung.img";
            await host.RunCheckedAsync("mkfile", "-n", "16m", image);
            return image;
        }

        public Task HangAsync() => server.PauseAsync();

        public Task ResumeAsync() => server.ResumeAsync();

        public ValueTask DisposeAsync() => server.DisposeAsync();
    }

    /// <summary>A file of this process, served through FUSE.</summary>
    private sealed class StuckFile : IHungStore, IBlockFile
    {
        private readonly MemoryBlockFile _memory = new(16 << 20);
        private ServedFile _served = null!;
        private TaskCompletionSource _going = Going();

        public static async Task<StuckFile> MakeAsync()
        {
            StuckFile file = new();
            file._served = await ServedFile.MountAsync(file);
            return file;
        }

        public long Length => _memory.Length;

        public Task<string> MakeImageAsync(TestHost host) => Task.FromResult("dir:" + _served.MountPoint);

        public Task HangAsync()
        {
            _going = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return Task.CompletedTask;
        }

        public Task ResumeAsync()
        {
            _going.TrySetResult();
            return Task.CompletedTask;
        }

        public ValueTask DisposeAsync() => _served.DisposeAsync();

        public ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellation) => _memory.ReadAsync(offset, buffer, cancellation);

        public async ValueTask WriteAsync(long offset, ReadOnlyMemory<byte> data, CancellationToken cancellation)
        {
            await _going.Task.WaitAsync(cancellation);
            await _memory.WriteAsync(offset, data, cancellation);
        }

        public ValueTask FlushAsync(CancellationToken cancellation) => _memory.FlushAsync(cancellation);

        public ValueTask PunchHoleAsync(long offset, long length, CancellationToken cancellation) => _memory.PunchHoleAsync(offset, length, cancellation);

        private static TaskCompletionSource Going()
        {
            TaskCompletionSource going = new();
            going.SetResult();
            return going;
        }
    }
}
