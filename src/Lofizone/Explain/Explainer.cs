using System.Globalization;
using Lofizone.Config;
using Lofizone.Devices;
using Lofizone.Engine;
using Lofizone.Hosts;
using Lofizone.Images;
using Lofizone.Interop;
using Lofizone.Measures;
using Lofizone.Shares;
using Lofizone.Zones;

namespace Lofizone.Explain;

/// <summary>
/// Examines the whole chain from a zone to the server that stores the zone, for a reader who does not know the setup. The examination
/// changes nothing, and ends within its limits even when the server or the engine does not answer.
/// </summary>
public sealed class Explainer(ZoneHost host)
{
    /// <summary>
    /// Limit for the questions to a share. All questions are asked at the same time, so that the command answers within 2 s.
    /// </summary>
    private static readonly TimeSpan _shareLimit = TimeSpan.FromSeconds(1.2);

    public async Task<Explanation> ExplainAsync(string zone, CancellationToken cancellation)
    {
        ZoneStatus status = host.Status(host.Require(zone));
        ZoneConfig config = status.Record.Config;
        LofiDevice? device = DeviceOf(config);
        ShareUri? image = device?.File ?? (config.RootImage is { } root ? ZonePaths.Image(zone, root) : null);
        Task<IReadOnlyList<Layer>>? store = image is null ? null : StoreLayersAsync(image, cancellation);
        DeviceSample? sample = device is null ? null : (await new Sampler(host).DevicesAsync([device], cancellation))[0];
        EngineStatus? engine = sample?.Engine?.Status;

        List<Layer> layers = [ZoneLayer(status)];
        if (status.State.IsUp())
            layers.Add(RootLayer(status));
        if (await MountLayerAsync(config, device, cancellation) is { } mount)
            layers.Add(mount);
        if (device is not null)
            layers.Add(DeviceLayer(device, sample?.Loop));
        if (device?.EnginePid is { } pid)
            layers.Add(EngineLayer(device, pid, engine));
        if (store is not null)
            layers.AddRange(WithEngine(await store, engine));
        return new Explanation(zone, status.State.Text(), layers, sample is null ? null : Slowest(sample));
    }

    private LofiDevice? DeviceOf(ZoneConfig config) => config.RootImage is { } image
        ? host.Lofi.Find(ZonePaths.Image(config.Name, image).ToString())
        : host.Lofi.List().FirstOrDefault(d => config.ZonePath is not null && LoopMounts.PointOf(d) == config.ZonePath);

    private Layer ZoneLayer(ZoneStatus status)
    {
        List<Fact> facts = [new("state", status.State.Text()), new("brand", status.Record.Config.Brand)];
        if (status.Id is { } id && status.Run is { } run)
        {
            facts.Add(new("zone ID", id.ToString(CultureInfo.InvariantCulture)));
            facts.Add(new("up since", run.BootedAt.ToString("u", CultureInfo.InvariantCulture)));
            if (host.Runtime.State(status.Name).InitPid is > 0 and int init)
                facts.Add(new("init", $"pid {init}"));
        }

        foreach (NetResource net in status.Record.Config.Net)
            facts.Add(new("net", $"{net.Physical} {net.Address ?? "without address"}"));
        string name = status.Name;
        // A command that works on the zone now is not interrupted work, whatever the zone's state would mean otherwise.
        bool busy = HostLock.IsHeld(host.Paths, name, out string? by);
        string? problem = status.State switch
        {
            ZoneState.Incomplete when busy => null,
            ZoneState.Down when status.Run is { } up && host.HasLostRoot(up) =>
                $"it has lost its root (see the lofi device below): 'zone reboot {name}' brings it back, 'zone halt {name}' takes it down",
            ZoneState.Down => $"its processes have ended but it was not taken down: 'zone boot {name}' or 'zone halt {name}' tidies up",
            ZoneState.Fenced =>
                $"another host took its image (see the lofi device below), so it was stopped here: 'zone halt {name}' takes down what "
                + "is left",
            ZoneState.Configured or ZoneState.Installed when status.Record.Lost is { } lost =>
                $"{lost}, and stopped here; zone list --share {status.Record.Config.RootImage?.Storage} shows where it is",
            ZoneState.Incomplete when status.Record.Creating =>
                $"its create was interrupted: the same zone create again starts over, 'zone delete {name}' removes it",
            ZoneState.Incomplete => $"an install or uninstall was interrupted: 'zone install {name}' or 'zone uninstall {name}' mends it",
            ZoneState.Ready when !busy => $"its boot was interrupted: 'zone boot {name}' goes on",
            _ => null,
        };
        if (problem is null && busy)
            facts.Add(new("now", by!));
        return new Layer("zone", name, facts, problem);
    }

    private static Layer RootLayer(ZoneStatus status)
    {
        uint first = status.Record.UidBase;
        return new Layer(
            "root", ZonePaths.Root(status.Run!.Config),
            [new("seen by the zone as", "/"), new("users 0-65535 are here", $"{first}-{first + 65535} (idmapped mount)")]);
    }

    private static async Task<Layer?> MountLayerAsync(ZoneConfig config, LofiDevice? device, CancellationToken cancellation)
    {
        string? point = device is null ? null : LoopMounts.PointOf(device);
        if (point is null && (config.ZonePath is null || MountTable.Read().At(config.ZonePath) is null))
            return null;
        point ??= config.ZonePath!;
        try
        {
            FileSystemSpace space = await FileSystemSpace.OfAsync(point, cancellation);
            return new Layer(
                "file system", point,
                [
                    new("type", space.Type), new("size", SizeText.Format(space.Total)),
                    new("used", SizeText.Format(space.Total - space.Free)), new("available", SizeText.Format(space.Available)),
                ]);
        }
        catch (TimeoutException error)
        {
            return new Layer("file system", point, [], error.Message);
        }
        catch (LinuxException e)
        {
            return new Layer("file system", point, [], $"does not tell its space: {LinuxException.Describe(e.Errno)}");
        }
    }

    private Layer DeviceLayer(LofiDevice device, LoopFigures? loop)
    {
        string? problem = device.Health switch
        {
            LofiHealth.Ok when device.AwaySince is not null => EngineProblem.Of(device, null) + Advice(device),
            LofiHealth.Ok => null,
            LofiHealth.EngineDead =>
                $"its engine has ended, every read and write fails{(host.Lofi.GaveUpOn(device) is { } why ? $" ({why})" : "")}: "
                + $"{Mend(device)}",
            LofiHealth.Fenced => $"fenced: {FenceText(device)}",
            LofiHealth.LoopGone => $"its loop device was taken away by another program: 'lofiadm -d {device.Link}' tidies up",
            LofiHealth.Unfinished => $"attaching or detaching it was interrupted: 'lofiadm -d {device.Link}' tidies up",
            _ => device.Health.ToString(),
        };
        return new Layer(
            "lofi device",
            device.Link,
            [
                new("loop device", device.LoopDevice), new("size", SizeText.Format(device.SizeBytes)),
                new("I/O", "direct, 4096-byte sectors"), new("transport", device.Transport),
                .. loop is null ? (Fact[])[] : [new("in flight", loop.InFlight.ToString(CultureInfo.InvariantCulture))],
            ],
            problem);
    }

    private string FenceText(LofiDevice device)
    {
        string mend = device.ZoneName is { } zone ? $"'zone halt {zone}' detaches it" : $"'lofiadm -d {device.Link}' detaches it";
        return host.Lofi.FenceOf(device) is { } fence
            ? $"{fence.Why}. Nothing is written since {fence.At:yyyy-MM-dd HH:mm:ss} UTC: {mend}"
            : mend;
    }

    private static string Mend(LofiDevice device) =>
        device.ZoneName is { } zone ? $"'zone reboot {zone}' attaches it again" : $"'lofiadm -f -d {device.Link}' detaches it";

    private static Layer EngineLayer(LofiDevice device, int pid, EngineStatus? engine)
    {
        string name = $"pid {pid}";
        if (engine is null)
            return new Layer(
                "engine", name, [],
                device.Health == LofiHealth.EngineDead ? "has ended" : $"does not answer within {Sampler.EngineLimitSeconds} s");
        List<Fact> facts =
        [
            new("lock", engine.LockState),
            new("reads", $"{SizeText.Format(engine.BytesRead)} in {engine.Reads}"),
            new("writes", $"{SizeText.Format(engine.BytesWritten)} in {engine.Writes}"),
            new("NFS operations", engine.Operations.ToString(CultureInfo.InvariantCulture)),
            new("in flight", engine.InFlight.ToString(CultureInfo.InvariantCulture)),
            new("not yet committed", SizeText.Format(engine.UncommittedBytes)),
            new(
                "keeper",
                engine.KeeperPid is { } keeper
                    ? $"pid {keeper}"
                    : "none: the end of this engine would be the device's"),
            new("went on for a dead engine", engine.Restarts.ToString(CultureInfo.InvariantCulture)),
            new("reconnects", engine.Reconnects.ToString(CultureInfo.InvariantCulture)),
            new("retransmits", engine.Retransmits.ToString(CultureInfo.InvariantCulture)),
        ];
        if (engine.LeaseAgeMilliseconds is { } age)
            facts.Add(new("lease renewed", $"{DurationText.Of(age * 1e6)} ago"));
        if (engine.Paths.Count > 1)
            facts.AddRange(engine.Paths.GroupBy(p => p.Address, StringComparer.Ordinal).Select(PathFact));
        if (engine.Trace is { } trace)
            facts.Add(
                new(
                    "trace",
                    engine.TraceDropped == 0
                        ? trace
                        : $"{trace}, {engine.TraceDropped} messages left out"));
        string? problem = engine.Fenced
            ? "fenced: every read and write fails (see the lofi device above)"
            : EngineProblem.Of(engine) is { } other ? $"{other}{Advice(engine, device)}" : null;
        return new Layer("engine", name, facts, problem);
    }

    /// <summary>The fact about one address of the server, with all connections to it.</summary>
    private static Fact PathFact(IGrouping<string, EnginePath> path)
    {
        int up = path.Count(p => p.Connected);
        string state = path.Count() == 1
            ? (up == 1 ? "up" : "down")
            : $"{up} of {path.Count()} connections up";
        string problem = path.FirstOrDefault(p => !p.Connected)?.Problem is { } why ? $" ({why})" : "";
        return new Fact(
            "path", $"{path.Key} {state}{problem}, {path.Sum(p => p.InFlight)} in flight");
    }

    private static string Advice(EngineStatus engine, LofiDevice device) =>
        engine.HeldSince is not null
            ? $"; it goes on when there is room on the share; to give up what is not stored: {device.GiveUpCommand}"
        : engine.UnreachableSince is null ? ""
        : Advice(device);

    private static string Advice(LofiDevice device) =>
        $"; I/O waits and goes on when it answers; to give up what it has not confirmed: {device.GiveUpCommand}";

    /// <summary>The layer that takes most of the time. A silent server is that layer, whatever was measured earlier.</summary>
    private static string? Slowest(DeviceSample sample) => sample.Engine?.Status is { UnreachableSince: not null } status
        ? $"server: it does not answer, {status.InFlight} requests wait for it"
        : SlowestLayer.Of(sample)?.ToString();

    /// <summary>Adds the engine's knowledge to the last layer, the server.</summary>
    private static IEnumerable<Layer> WithEngine(IReadOnlyList<Layer> layers, EngineStatus? engine) => engine is null ? layers :
    [
        .. layers.SkipLast(1),
        layers[^1] with
        {
            Facts =
            [
                .. layers[^1].Facts,
                new Fact(
                    "protocol", $"NFSv4.{engine.MinorVersion}, lease {engine.LeaseSeconds} s"),
            ],
        },
    ];

    private async Task<IReadOnlyList<Layer>> StoreLayersAsync(ShareUri image, CancellationToken cancellation)
    {
        (ShareUri directory, string name) = image.Split();
        List<Fact> server = image.IsNfs ? [new("address", image.Authority)] : [new("directory", directory.Path)];
        string? imageProblem = null, serverProblem = null;
        List<Fact> facts = [];
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(_shareLimit);
        try
        {
            if (image.IsNfs)
                server.Add(new("transport", (await host.Lofi.TransportAsync(image, load: false, limit.Token)).Name()));
            // The questions run on a thread of their own: the kernel waits without a limit for a directory on a dead server's mount.
            (ShareSpace space, ShareEntry? file) = await Task.Run(() => AskAsync(directory, name, limit.Token), limit.Token)
                .WaitAsync(limit.Token);
            server.Add(new("space", $"{SizeText.Format(space.Available)} of {SizeText.Format(space.Total)} available"));
            if (file is not null)
                facts = [new("size", SizeText.Format(file.Size)), new("takes", SizeText.Format(file.Allocated))];
            else
                imageProblem = "is not there";
        }
        catch (LofizoneException error)
        {
            serverProblem = error.Message;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            serverProblem = $"does not answer within {_shareLimit.TotalSeconds} s";
        }

        return
        [
            new Layer("image", image.ToString(), facts, imageProblem),
            new Layer(
                image.IsNfs ? "server" : "share",
                image.IsNfs
                    ? string.Join(", ", image.Addresses.Select(address => address.Host).Distinct())
                    : directory.Path, server, serverProblem),
        ];
    }

    private async Task<(ShareSpace Space, ShareEntry? File)> AskAsync(ShareUri directory, string name, CancellationToken cancellation)
    {
        await using IShare share = await host.OpenShareAsync(directory, cancellation);
        return (await share.SpaceAsync(cancellation), await share.StatAsync(name, cancellation));
    }
}
