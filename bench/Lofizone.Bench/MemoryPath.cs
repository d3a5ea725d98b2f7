using Lofizone.Fuse;
using Lofizone.Programs;

namespace Lofizone.Bench;

/// <summary>The ceiling: a file in this process's memory behind our FUSE server and a loop device set up like the others'. What is missing is NFS.</summary>
public sealed class MemoryPath(BenchOptions options, IProgramRunner runner) : IDataPath
{
    private readonly string _mountPoint = Path.Combine(options.Work, "memory.fuse");
    private FuseServer? _server;
    private string? _device;

    public string Name => "memory";

    public async Task<string> AttachAsync(long bytes, CancellationToken cancellation)
    {
        _server = await FuseServer.MountAsync(
            _mountPoint, new MemoryFile(bytes), new FuseOptions { OnError = (what, error) => Console.Error.WriteLine($"memory: {what}: {error.Message}") }, cancellation);
        ProgramResult loop = await runner.RunCheckedAsync(
            new ProgramCall("losetup", "--find", "--show", "--direct-io=on", "--sector-size", "4096", _mountPoint), cancellation);
        return _device = loop.Output.Trim();
    }

    public CpuTime Cpu(KernelThreads kernel) => default;

    public async ValueTask DisposeAsync()
    {
        if (_device is not null)
            await runner.RunAsync(new ProgramCall("losetup", "--detach", _device), CancellationToken.None);
        _device = null;
        if (_server is not null)
            await _server.DisposeAsync();
        _server = null;
    }
}
