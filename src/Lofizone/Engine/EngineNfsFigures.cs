using Lofizone.Nfs;
using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Statistics;
using Lofizone.Shares;

namespace Lofizone.Engine;

/// <summary>Translates the figures of the NFS client and the block file into the engine's messages.</summary>
internal static class EngineNfsFigures
{
    public static EngineStatus Status(ShareUri uri, NfsClient client, NfsFile file, NfsBlockFile blocks, DateTimeOffset since)
    {
        NfsStatistics counters = client.Statistics;
        return new EngineStatus
        {
            Pid = Environment.ProcessId,
            File = uri.ToString(),
            ServerAddress = client.Server,
            MinorVersion = client.MinorVersion,
            Connected = counters.IsConnected,
            Fenced = file.IsFenced,
            Reads = blocks.Reads,
            Writes = blocks.Writes,
            BytesRead = blocks.BytesRead,
            BytesWritten = blocks.BytesWritten,
            Operations = counters.Operations,
            InFlight = counters.InFlight,
            UncommittedBytes = counters.UncommittedBytes,
            Reconnects = counters.Reconnects,
            Retransmits = counters.Retransmits,
            LeaseSeconds = counters.LeaseSeconds,
            Since = since,
            Slots = counters.Slots,
            LeaseAgeMilliseconds = counters.LeaseAge is { } age ? (long)age.TotalMilliseconds : null,
            UnreachableSince = counters.UnreachableSince,
            SessionsLost = counters.SessionsLost,
            Reclaims = counters.Reclaims,
            ResentBytes = counters.ResentBytes,
            HeldSince = file.Hold?.Since,
            HeldBecause = file.Hold is { } hold
                ? $"{NfsStatusText.Describe(hold.Status)}, {hold.Waiting} waiting"
                : null,
            FencedBecause = file.FencedBecause,
            Failures = blocks.Failures,
            Paths = [.. counters.Paths.Select(Path)],
        };
    }

    public static EngineStatistics Statistics(NfsClient client, NfsBlockFile blocks) => new()
    {
        Engine = blocks.ByOperation(),
        Nfs = client.Statistics.ByOperation(),
        Paths = [.. client.Statistics.Paths.Select(p => p.Requests)],
    };

    private static EnginePath Path(NfsPathStatistics path) => new()
    {
        Address = path.Address,
        Connected = path.IsConnected,
        DownSince = path.DownSince,
        Problem = path.Problem,
        InFlight = path.InFlight,
        Retransmits = path.Retransmits,
        Reconnects = path.Reconnects,
        RoundTripMicroseconds = path.RoundTrip is { } time ? (long)time.TotalMicroseconds : null,
    };
}
