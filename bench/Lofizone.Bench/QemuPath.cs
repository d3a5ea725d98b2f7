using System.Globalization;
using Lofizone.Programs;

namespace Lofizone.Bench;

/// <summary>
/// The peer: <c>qemu-storage-daemon</c> with libnfs below and its FUSE export above, on a loop device set up like ours
/// (direct I/O, 4 KiB sectors). QEMU's driver speaks NFSv3 and knows no port but the portmapper's answer.
/// </summary>
public sealed class QemuPath(BenchOptions options, IProgramRunner runner) : IDataPath
{
    private readonly string _image = Path.Combine(options.ShareDirectory, "bench-qemu.img");
    private readonly string _mountPoint = Path.Combine(options.Work, "qemu.fuse");
    private readonly string _pidFile = Path.Combine(options.Work, "qemu.pid");
    private string? _device;
    private int _pid;

    public string Name => "qemu-storage-daemon";

    public async Task<string> AttachAsync(long bytes, CancellationToken cancellation)
    {
        await using (FileStream image = new(_image, FileMode.Create))
            image.SetLength(bytes);
        await File.WriteAllBytesAsync(_mountPoint, [], cancellation);
        await runner.RunCheckedAsync(new ProgramCall("qemu-storage-daemon",
            "--blockdev", $"driver=nfs,node-name=image,server.type=inet,server.host=127.0.0.1,path={_image},cache.direct=on",
            "--export", $"fuse,id=export,node-name=image,mountpoint={_mountPoint},writable=on,growable=off",
            "--pidfile", _pidFile, "--daemonize"), cancellation);
        _pid = int.Parse(await File.ReadAllTextAsync(_pidFile, cancellation), CultureInfo.InvariantCulture);
        ProgramResult loop = await runner.RunCheckedAsync(
            new ProgramCall("losetup", "--find", "--show", "--direct-io=on", "--sector-size", "4096", _mountPoint), cancellation);
        _device = loop.Output.Trim();
        return _device;
    }

    public CpuTime Cpu(KernelThreads kernel) => new(KernelThreads.OfProcess(_pid), kernel.Nanoseconds());

    public async ValueTask DisposeAsync()
    {
        if (_device is not null)
            await runner.RunAsync(new ProgramCall("losetup", "--detach", _device), CancellationToken.None);
        _device = null;
        if (File.Exists(_pidFile) && int.TryParse(await File.ReadAllTextAsync(_pidFile), CultureInfo.InvariantCulture, out int pid))
            await runner.RunAsync(new ProgramCall("kill", pid.ToString(CultureInfo.InvariantCulture)), CancellationToken.None);
        File.Delete(_image);
    }
}
