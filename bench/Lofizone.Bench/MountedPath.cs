using Lofizone.Programs;

namespace Lofizone.Bench;

/// <summary>A data path with an ext4 on it, mounted: what fio works on.</summary>
public sealed class MountedPath : IAsyncDisposable
{
    /// <summary>Room beside fio's file for the file system's own blocks, MiB.</summary>
    private const int OverheadMegabytes = 256;

    private readonly IDataPath _path;
    private readonly IProgramRunner _runner;
    private readonly string _directory;
    private bool _isMounted;

    private MountedPath(IDataPath path, IProgramRunner runner, string directory) => (_path, _runner, _directory) = (path, runner, directory);

    public string Name => _path.Name;

    /// <inheritdoc cref="IDataPath.Cpu"/>
    public CpuTime Cpu(KernelThreads kernel) => _path.Cpu(kernel);

    public string File => Path.Combine(_directory, "fio.data");

    public static async Task<MountedPath> SetUpAsync(IDataPath path, string work, IProgramRunner runner, CancellationToken cancellation)
    {
        MountedPath mounted = new(path, runner, Directory.CreateDirectory(Path.Combine(work, "mnt-" + path.Name)).FullName);
        try
        {
            string device = await path.AttachAsync((Fio.FileMegabytes + OverheadMegabytes) * 1048576L, cancellation);
            // No lazy initialisation: it would write in the background while fio measures.
            await runner.RunCheckedAsync(new ProgramCall("mkfs.ext4", "-q", "-F", "-b", "4096", "-E", "lazy_itable_init=0,lazy_journal_init=0", device), cancellation);
            await runner.RunCheckedAsync(new ProgramCall("mount", "-o", "noatime", device, mounted._directory), cancellation);
            mounted._isMounted = true;
            return mounted;
        }
        catch
        {
            await mounted.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_isMounted)
            await _runner.RunCheckedAsync(new ProgramCall("umount", _directory), CancellationToken.None);
        _isMounted = false;
        await _path.DisposeAsync();
    }
}
