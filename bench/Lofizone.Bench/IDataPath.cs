namespace Lofizone.Bench;

/// <summary>A way from a block device on this host to a file on the NFS server; disposing it takes the way down.</summary>
public interface IDataPath : IAsyncDisposable
{
    string Name { get; }

    /// <summary>Makes the file on the server and attaches it.</summary>
    /// <returns>The block device.</returns>
    Task<string> AttachAsync(long bytes, CancellationToken cancellation);

    /// <summary>CPU time so far of the process that serves it and of the kernel's workers.</summary>
    CpuTime Cpu(KernelThreads kernel);
}
