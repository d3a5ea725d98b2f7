using System.Globalization;
using Lofizone.Config;
using Lofizone.Images;
using Lofizone.Interop;
using Lofizone.Lofi;
using Lofizone.Shares;
using Lofizone.Zones;

namespace Lofizone.Explain;

/// <summary>
/// Looks at everything between a zone and the server that stores it, for someone who has not seen the setup.
/// Changes nothing, and answers within its limits when the server or the engine does not.
/// </summary>
public sealed class Explainer(ZoneHost host)
{
    /// <summary>How long an engine may take to tell its state, seconds.</summary>
    private const int EngineLimitSeconds = 2;

    /// <summary>How long a share may take to be asked, seconds.</summary>
    private const int ShareLimitSeconds = 5;

    public async Task<Explanation> ExplainAsync(string zone, CancellationToken cancellation)
    {
        ZoneStatus status = host.Status(host.Require(zone));
        ZoneConfig config = status.Record.Config;
        LofiDevice? device = DeviceOf(config);
        EngineStatus? engine = device?.EnginePid is null ? null : await host.Lofi.StatusAsync(device, TimeSpan.FromSeconds(EngineLimitSeconds), cancellation);

        List<Layer> layers = [ZoneLayer(status)];
        if (status.State.IsUp())
            layers.Add(RootLayer(status));
        if (MountLayer(config, device) is { } mount)
            layers.Add(mount);
        if (device is not null)
            layers.Add(DeviceLayer(device));
        if (device?.EnginePid is { } pid)
            layers.Add(EngineLayer(device, pid, engine));
        ShareUri? image = device?.File ?? (config.RootImage is { } root ? ZonePaths.Image(zone, root) : null);
        if (image is not null)
            layers.AddRange(await StoreLayersAsync(image, engine, cancellation));
        return new Explanation(zone, status.State.Text(), layers);
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
        string? problem = status.State switch
        {
            ZoneState.Down when status.Run is { } up && host.HasLostRoot(up) => $"it has lost its root (see the lofi device below): zone reboot {name} brings it back, zone halt {name} takes it down",
            ZoneState.Down => $"its processes have ended but it was not taken down: zone boot {name} or zone halt {name} tidies up",
            ZoneState.Incomplete when status.Record.Creating => $"its create was interrupted: the same zone create again starts over, zone delete {name} removes it",
            ZoneState.Incomplete => $"an install or uninstall was interrupted: zone install {name} or zone uninstall {name} mends it",
            ZoneState.Ready when !ZoneLock.IsHeld(host.Paths, name, out _) => $"its boot was interrupted: zone boot {name} goes on",
            _ => null,
        };
        if (problem is null && ZoneLock.IsHeld(host.Paths, name, out string? by))
            facts.Add(new("now", by));
        return new Layer("zone", name, facts, problem);
    }

    private static Layer RootLayer(ZoneStatus status)
    {
        uint first = status.Record.UidBase;
        return new Layer("root", ZonePaths.Root(status.Run!.Config), [new("seen by the zone as", "/"), new("users 0-65535 are here", $"{first}-{first + 65535} (idmapped mount)")]);
    }

    private static Layer? MountLayer(ZoneConfig config, LofiDevice? device)
    {
        string? point = device is null ? null : LoopMounts.PointOf(device);
        if (point is null && (config.ZonePath is null || MountTable.Read().At(config.ZonePath) is null))
            return null;
        point ??= config.ZonePath!;
        FileSystemSpace space = FileSystemSpace.Of(point);
        return new Layer("file system", point, [new("type", space.Type), new("size", SizeText.Format(space.Total)), new("used", SizeText.Format(space.Total - space.Free)), new("available", SizeText.Format(space.Available))]);
    }

    private static Layer DeviceLayer(LofiDevice device)
    {
        string? problem = device.Health switch
        {
            LofiHealth.Ok => null,
            LofiHealth.EngineDead => $"its engine has ended, every read and write fails: {Mend(device)}",
            LofiHealth.LoopGone => $"its loop device was taken away by another program: lofiadm -d {device.Link} tidies up",
            LofiHealth.Unfinished => $"attaching or detaching it was interrupted: lofiadm -d {device.Link} tidies up",
            _ => device.Health.ToString(),
        };
        return new Layer(
            "lofi device",
            device.Link,
            [new("loop device", device.LoopDevice), new("size", SizeText.Format(device.SizeBytes)), new("I/O", "direct, 4096-byte sectors"), new("transport", device.Transport)],
            problem);
    }

    private static string Mend(LofiDevice device) =>
        device.ZoneName is { } zone ? $"zone reboot {zone} attaches it again" : $"lofiadm -f -d {device.Link} detaches it";

    private static Layer EngineLayer(LofiDevice device, int pid, EngineStatus? engine)
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"pid {pid}");
        if (engine is null)
            return new Layer("engine", name, [], device.Health == LofiHealth.EngineDead ? "has ended" : $"does not answer within {EngineLimitSeconds} s");
        return new Layer(
            "engine",
            name,
            [
                new("lock", engine.LockState),
                new("reads", string.Create(CultureInfo.InvariantCulture, $"{SizeText.Format(engine.BytesRead)} in {engine.Reads}")),
                new("writes", string.Create(CultureInfo.InvariantCulture, $"{SizeText.Format(engine.BytesWritten)} in {engine.Writes}")),
                new("NFS operations", engine.Operations.ToString(CultureInfo.InvariantCulture)),
                new("in flight", engine.InFlight.ToString(CultureInfo.InvariantCulture)),
                new("not yet committed", SizeText.Format(engine.UncommittedBytes)),
                new("reconnects", engine.Reconnects.ToString(CultureInfo.InvariantCulture)),
            ],
            engine.Fenced ? "fenced: another host has owned the image; nothing is written any more. zone halt --force the zone" : null);
    }

    private async Task<IReadOnlyList<Layer>> StoreLayersAsync(ShareUri image, EngineStatus? engine, CancellationToken cancellation)
    {
        (ShareUri directory, string name) = image.Split();
        List<Fact> server = image.IsNfs ? [new("address", image.Authority)] : [new("directory", directory.Path)];
        if (engine is not null)
            server.Add(new("protocol", string.Create(CultureInfo.InvariantCulture, $"NFSv4.{engine.MinorVersion}, lease {engine.LeaseSeconds} s")));
        string? imageProblem = null, serverProblem = null;
        List<Fact> facts = [];
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(TimeSpan.FromSeconds(ShareLimitSeconds));
        try
        {
            await using IShare share = await host.OpenShareAsync(directory, limit.Token);
            ShareSpace space = await share.SpaceAsync(limit.Token);
            server.Add(new("space", $"{SizeText.Format(space.Available)} of {SizeText.Format(space.Total)} available"));
            if (await share.StatAsync(name, limit.Token) is { } file)
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
            serverProblem = $"does not answer within {ShareLimitSeconds} s";
        }

        return [new Layer("image", image.ToString(), facts, imageProblem), new Layer(image.IsNfs ? "server" : "share", image.IsNfs ? image.Server! : directory.Path, server, serverProblem)];
    }
}
