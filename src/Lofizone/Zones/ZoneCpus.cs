using Lofizone.Config;
using Lofizone.Hosts;

namespace Lofizone.Zones;

/// <summary>The CPUs of the zones that are up: their own ones, those of a pool, or those that are left.</summary>
internal sealed class ZoneCpus(ZoneHost host)
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(10);

    /// <summary>Checks that a zone can get its CPUs now.</summary>
    /// <exception cref="LofizoneException">The host has not as many free CPUs, or no such pool.</exception>
    public void Check(ZoneConfig config)
    {
        _ = PoolOf(config);
        if (CpuRequest.Of(config) is not null)
            _ = Choose(config, Up());
    }

    /// <summary>Takes CPUs for a zone and notes them in its run, and gives the other zones what is left.</summary>
    /// <param name="config">The zone.</param>
    /// <param name="run">The zone's run, with the configuration that the zone is to have.</param>
    /// <returns>The run with its CPUs.</returns>
    public ZoneRun Take(ZoneConfig config, ZoneRun run)
    {
        using HostLock held = Lock();
        IReadOnlyDictionary<string, ZoneRun> up = Up();
        ZoneRun next = run with { Cpus = Choose(config, up)?.ToString() };
        IEnumerable<ZoneRun> all = [next, run, .. up.Values];
        if (all.All(r => r.Cpus is null && GlobalProperties.Pool.Get(r.Config) is null))
            return next;
        host.Index.SaveRun(config.Name, next);
        Spread(new Dictionary<string, ZoneRun>(up) { [config.Name] = next });
        return next;
    }

    /// <summary>Gives the CPUs of a zone that is down to the other zones.</summary>
    public void Release(ZoneRun? run)
    {
        if (run?.Cpus is null)
            return;
        using HostLock held = Lock();
        Spread(Up());
    }

    private HostLock Lock() => HostLock.Take(host.Paths, ".cpus", "CPUs of zones", _patience);

    private Dictionary<string, ZoneRun> Up()
    {
        Dictionary<string, ZoneRun> up = [];
        foreach (string name in host.Index.Names())
        {
            try
            {
                if (host.Index.LoadRun(name) is { } run)
                    up[name] = run;
            }
            catch (LofizoneException)
            {
                // A broken note of one zone keeps no other zone from its CPUs. Listings tell of the note.
            }
        }

        return up;
    }

    private static CpuList? Choose(ZoneConfig config, IReadOnlyDictionary<string, ZoneRun> up)
    {
        if (CpuRequest.Of(config) is not { } request)
            return null;
        CpuList own = Own(up.GetValueOrDefault(config.Name)) ?? new CpuList([]);
        return CpuAllocation.Choose(config.Name, request, CpuList.Online(), Taken(up.Where(z => z.Key != config.Name)), own);
    }

    /// <summary>Writes the CPUs of every zone into its cgroup.</summary>
    [EffectOf("pool")]
    private void Spread(Dictionary<string, ZoneRun> up)
    {
        CpuList online = CpuList.Online();
        CpuList taken = Taken(up);
        foreach ((string name, ZoneRun run) in up)
            host.Runtime.SetCpus(name, Own(run) ?? CpuAllocation.Shared(online, taken, PoolOf(run.Config)));
    }

    private CpuList? PoolOf(ZoneConfig config) =>
        GlobalProperties.Pool.Get(config) is { } pool ? CpuPools.Find(host.Paths, pool) : null;

    private static CpuList Taken(IEnumerable<KeyValuePair<string, ZoneRun>> up) =>
        up.Select(z => Own(z.Value)).OfType<CpuList>().Aggregate(new CpuList([]), (all, one) => all.Or(one));

    private static CpuList? Own(ZoneRun? run) => run?.Cpus is { } text ? CpuList.Parse(text) : null;
}
