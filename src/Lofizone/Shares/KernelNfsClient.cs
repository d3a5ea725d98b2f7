using Lofizone.Programs;

namespace Lofizone.Shares;

/// <summary>Tells whether this host has the kernel's NFSv4 client and the program that mounts with it.</summary>
public sealed class KernelNfsClient(IProgramRunner programs)
{
    /// <summary>
    /// Program that mounts NFSv4 (mount.nfs(8), package nfs-common). It resolves addresses and negotiates the protocol's version.
    /// </summary>
    public const string MountProgram = "mount.nfs4";

    private const string FileSystemType = "nfs4";
    private const string FileSystemsFile = "/proc/filesystems";
    private const string ModuleProgram = "modprobe";
    private const string Module = "nfsv4";

    /// <summary>
    /// Limit for loading a module. The module lies on the host's own disk, but the processors are busy while the host starts.
    /// </summary>
    private static readonly TimeSpan _moduleLimit = TimeSpan.FromMinutes(2);

    /// <summary>The reason why the kernel's client can't be used here; null when it can.</summary>
    /// <param name="load">True: load the module if necessary. False: it suffices that the module could be loaded.</param>
    /// <param name="cancellation">Ends the question.</param>
    public async Task<string?> ObstacleAsync(bool load, CancellationToken cancellation)
    {
        if (!Knows(FileSystemType) && !await HasModuleAsync(load, cancellation))
            return "this kernel has no NFSv4 client";
        return programs.Find(MountProgram) is null ? $"{MountProgram} is missing (apt-get install nfs-common)" : null;
    }

    private static bool Knows(string type) => File.ReadLines(FileSystemsFile).Any(line => line.Split('\t')[^1] == type);

    private async Task<bool> HasModuleAsync(bool load, CancellationToken cancellation)
    {
        if (programs.Find(ModuleProgram) is null)
            return false;
        string[] arguments = load ? ["--quiet", Module] : ["--quiet", "--dry-run", Module];
        // A kernel without the module is an answer, not a failure.
        ProgramResult result = await programs.RunAsync(
            new ProgramCall(ModuleProgram, arguments) { TimeLimit = _moduleLimit }, cancellation);
        return load ? Knows(FileSystemType) : result.ExitCode == 0;
    }
}
