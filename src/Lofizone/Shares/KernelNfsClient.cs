using Lofizone.Programs;

namespace Lofizone.Shares;

/// <summary>Whether this host has the kernel's NFSv4 client and the program that mounts with it.</summary>
public sealed class KernelNfsClient(IProgramRunner programs)
{
    /// <summary>Mounts NFSv4 (mount.nfs(8), package nfs-common): finds addresses and talks the protocol's version over.</summary>
    public const string MountProgram = "mount.nfs4";

    private const string FileSystemType = "nfs4";
    private const string FileSystemsFile = "/proc/filesystems";
    private const string ModuleProgram = "modprobe";
    private const string Module = "nfsv4";

    /// <summary>A module comes from the host's own disk, but while the host starts that and the processors are everybody's.</summary>
    private static readonly TimeSpan _moduleLimit = TimeSpan.FromMinutes(2);

    /// <summary>Why the kernel's client can't be used here; null when it can.</summary>
    /// <param name="load">Loads its module if need be; otherwise it is enough that the module could be loaded.</param>
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
