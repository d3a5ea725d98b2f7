namespace Lofizone.Bench;

/// <summary>One row measured on everything that tells how good our path is; every list holds one value per round, in the order they were made.</summary>
/// <param name="Row">What fio did.</param>
/// <param name="Unit"><c>MB/s</c> (10^6 bytes) or <c>IOPS</c>; more is better.</param>
public sealed record IoFigures(string Row, string Unit)
{
    /// <summary>Ext4 on a loop device on our engine.</summary>
    public List<double> Ours { get; } = [];

    /// <summary>Ext4 on a loop device on qemu-storage-daemon.</summary>
    public List<double> Peer { get; } = [];

    /// <summary>The server, answering pre-encoded calls.</summary>
    public List<double> ServerPrepared { get; } = [];

    /// <summary>The server, answering our client that packs small requests into fewer calls; empty where there are none to pack.</summary>
    public List<double> ServerPacking { get; } = [];

    /// <summary>The server, answering our client, one request a call.</summary>
    public List<double> ServerClient { get; } = [];

    /// <summary>Ext4 on a loop device on memory behind our FUSE server.</summary>
    public List<double> Ceiling { get; } = [];

    /// <summary>CPU seconds per GiB: the engine's and the kernel workers'.</summary>
    public List<double> OursCpu { get; } = [];

    /// <summary>CPU seconds per GiB: qemu-storage-daemon's and the kernel workers'.</summary>
    public List<double> PeerCpu { get; } = [];

    /// <summary>The server alone, one request a call: the better of the two that asked it.</summary>
    public double Server => Math.Max(Statistics.Median(ServerPrepared), Statistics.Median(ServerClient));

    /// <summary>What requests that pass server and ceiling one after the other can reach: 1/(1/server + 1/ceiling).</summary>
    public double SeriesLimit => 1 / (1 / Server + 1 / Statistics.Median(Ceiling));

    public double OfLimit => Statistics.Median(Ours) / SeriesLimit;

    public double OfPeer => Statistics.Median(Ours) / Statistics.Median(Peer);

    public double CpuOfPeer => Statistics.Median(OursCpu) / Statistics.Median(PeerCpu);
}

/// <summary>Resident memory of the engine, KiB: after attaching, and the most during all rows.</summary>
public sealed record EngineMemory(long IdleKiB, long PeakKiB);
