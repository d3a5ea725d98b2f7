using System.Diagnostics;
using System.Globalization;
using Lofizone.Interop;
using Lofizone.Testing.Hosts;
using Lofizone.Testing.Nfs;

namespace Lofizone.Integration.Tests.Devices;

/// <summary>
/// A device of another host whose server is stopped, with a write in the page cache that the server does not take, and a sync(2) that waits for
/// it: whoever opens that device now waits in the kernel, where no signal reaches him. All that ends with this object.
/// </summary>
public sealed class HungDevice : IAsyncDisposable
{
    private const int BlockBytes = 4096;

    /// <summary>Seen so often in the kernel without a break, a program waits for more than a disk.</summary>
    private const int HungPolls = 25;

    private static readonly TimeSpan _poll = TimeSpan.FromMilliseconds(20);

    private readonly TestHost _host = new();
    private readonly List<Process> _waiting = [];
    private GaneshaServer _server = null!;
    private FileDescriptor? _open;

    /// <summary>The loop device.</summary>
    public string Device { get; private set; } = "";

    /// <summary>Both wait still: the sync, and the program that has opened the device since.</summary>
    public bool IsHung => _waiting.Count == 2 && _waiting.All(IsInKernel);

    public static async Task<HungDevice> MakeAsync()
    {
        HungDevice hung = new();
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

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.ResumeAsync();
        _open?.Dispose();
        foreach (Process process in _waiting)
        {
            await process.WaitForExitAsync();
            process.Dispose();
        }

        await _host.DisposeAsync();
        if (_server is not null)
            await _server.DisposeAsync();
    }

    private async Task HangAsync()
    {
        _server = await GaneshaServer.StartAsync();
        string image = $"{_server.Uri}/hung.img";
        await _host.RunCheckedAsync("mkfile", "-n", "16m", image);
        await _host.RunCheckedAsync("lofiadm", "-a", image);
        Device = _host.Devices.List()[0].LoopDevice;
        await _server.PauseAsync();
        // Open until the server goes on: the last close writes the page back, and would wait for that.
        _open = Files.Open(Device, OpenFlags.ReadWrite);
        FileContent.Write(_open, new byte[BlockBytes], 0);
        Process sync = Process.Start("sync");
        _waiting.Add(sync);
        // The sync writes back what others have to write first: until it has come to the device, an open returns.
        while (!await HangsAsync("dd", $"if={Device}", "of=/dev/null", $"bs={BlockBytes}", "count=1", "status=none"))
            Assert.False(sync.HasExited, "sync does not wait for the device");
    }

    /// <summary>Starts a program; true when it waits in the kernel for a while, false when it ends.</summary>
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

            await Task.Delay(_poll, TestContext.Current.CancellationToken);
        }

        process.Dispose();
        return false;
    }

    /// <summary>proc_pid_stat(5): D is a wait that no signal ends.</summary>
    private static bool IsInKernel(Process process)
    {
        try
        {
            string status = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{process.Id}/stat"));
            return status[(status.LastIndexOf(')') + 2)..].StartsWith('D');
        }
        catch (IOException)
        {
            return false;
        }
    }
}
