using Lofizone.Config;
using Lofizone.Hosts;

namespace Lofizone.Zones;

/// <summary>
/// Chooses CPUs for a zone that wants some for itself alone. Two zones never share such a CPU, and the global zone and the zones without
/// CPUs of their own keep at least one.
/// </summary>
internal static class CpuAllocation
{
    /// <param name="zone">The zone, for messages.</param>
    /// <param name="request">The zone's request.</param>
    /// <param name="online">All CPUs of the host.</param>
    /// <param name="taken">The CPUs of other zones.</param>
    /// <param name="own">The CPUs that the zone has already; they are chosen first.</param>
    /// <exception cref="LofizoneException">The host has not as many free CPUs, or not those.</exception>
    public static CpuList Choose(string zone, CpuRequest request, CpuList online, CpuList taken, CpuList own)
    {
        CpuList free = online.Except(taken);
        if (request.Named is { } text)
        {
            CpuList named = CpuList.Parse(text)!;
            if (named.Except(online) is { Count: > 0 } absent)
                throw Refusal(zone, $"CPU {absent} is not on this host, which has {online}");
            if (named.And(taken) is { Count: > 0 } others)
                throw Refusal(zone, $"CPU {others} belongs to another zone already");
            return free.Count > named.Count ? named : throw Refusal(zone, "the global zone would have no CPU left");
        }

        int most = Math.Min(request.Most, free.Count - 1);
        if (most < request.Least)
            throw Refusal(
                zone, $"{request.Least} CPUs are wanted, and {Math.Max(0, free.Count - 1)} are free (one stays with the global zone)");
        // The first CPU does most of the host's own work, so it is the last to be given away.
        return new CpuList(own.And(free).Cpus.Concat(free.Except(own).Cpus.Reverse()).Take(most));
    }

    /// <summary>The CPUs of a zone without CPUs of its own.</summary>
    /// <param name="online">All CPUs of the host.</param>
    /// <param name="taken">The CPUs of zones that have some for themselves.</param>
    /// <param name="pool">The CPUs of the zone's pool; null for all.</param>
    public static CpuList Shared(CpuList online, CpuList taken, CpuList? pool)
    {
        CpuList left = online.Except(taken);
        CpuList wanted = pool is null ? left : left.And(pool);
        // A pool whose CPUs all went to other zones must not stop its zones.
        return wanted.Count > 0 ? wanted : left;
    }

    private static LofizoneException Refusal(string zone, string why) =>
        new($"{zone}: dedicated-cpu: {why}",
            $"halt a zone that has CPUs of its own, or change it: zonecfg -z {zone} 'select dedicated-cpu; ...'");
}
