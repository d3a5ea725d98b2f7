using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Lofizone.Cli.Output;
using Lofizone.Cli.Usage;
using Lofizone.Devices;
using Lofizone.Measures;
using Lofizone.Shares;
using Lofizone.Zones;

namespace Lofizone.Cli.Solaris;

/// <summary><c>lofiadm -a FILE [DEVICE]</c>, <c>lofiadm -d FILE-or-DEVICE</c>, <c>lofiadm [FILE-or-DEVICE]</c>, as in lofiadm(8).</summary>
internal static class LofiadmCommand
{
    public static RootCommand Create()
    {
        Option<string?> attach = new Option<string?>("-a")
        {
            Description = "attach this file, a path or nfs://SERVER/path",
            HelpName = "FILE",
        }
            .Checked(ValueChecks.File);
        Option<string?> detach = new("-d") { Description = "detach this device or file", HelpName = "DEVICE" };
        Option<bool> force = new("-f") { Description = "with -d: detach although the server does not answer" };
        Option<bool> parsable = new("-p") { Description = "list for programs: DEVICE:FILE:LOOPDEVICE:BYTES:TRANSPORT:HEALTH:ZONE" };
        Option<bool> json = new("--json") { Description = "list as JSON" };
        Option<bool> verbose = new("-v") { Description = "list with what every layer of each device has counted" };
        Argument<string?> device = new("DEVICE")
        {
            Arity = ArgumentArity.ZeroOrOne,
            Description = "with -a the device to use, /dev/lofi/N; alone the device or file to show",
        };
        RootCommand root = new("attach files as block devices, on NFS too") { attach, detach, force, parsable, json, verbose, device };
        root.SetAction((parsed, cancellation) =>
        {
            string? file = parsed.GetValue(attach), old = parsed.GetValue(detach), name = parsed.GetValue(device);
            bool lists = parsed.GetValue(parsable) || parsed.GetValue(json) || parsed.GetValue(verbose);
            WrongUsage.Refuse(file is not null && old is not null, "-a and -d exclude each other");
            WrongUsage.Refuse(lists && (file ?? old) is not null, "-p, -v and --json list devices, and stand without -a and -d");
            WrongUsage.Refuse(parsed.GetValue(force) && old is null, "-f belongs to -d: lofiadm -f -d DEVICE");
            WrongUsage.Refuse(old is not null && name is not null, $"-d: {name}: is one name too many, -d takes one");
            return file is not null ? AttachAsync(file, name, cancellation)
                : old is not null ? DetachAsync(old, parsed.GetValue(force), cancellation)
                : parsed.GetValue(verbose) ? VerboseAsync(name, cancellation)
                : Task.FromResult(List(name, parsed.GetValue(parsable), parsed.GetValue(json)));
        });
        return root;
    }

    private static async Task<int> AttachAsync(string file, string? device, CancellationToken cancellation)
    {
        Root.Require("lofiadm -a");
        LofiDevices devices = ZoneHost.FromEnvironment().Lofi;
        int? number = device is null ? null : Number(devices, device);
        LofiDevice attached = await devices.AttachAsync(
            ShareUri.Parse(ValueChecks.AbsoluteFile(file)), new LofiAttachOptions { Number = number }, cancellation);
        Console.WriteLine(attached.Link);
        return 0;
    }

    private static async Task<int> DetachAsync(string name, bool force, CancellationToken cancellation)
    {
        Root.Require("lofiadm -d");
        ZoneHost host = ZoneHost.FromEnvironment();
        LofiDevices devices = host.Lofi;
        LofiDevice device = Find(devices, name);
        // A device of a zone that is not configured any more may be detached: no command on the zone could release the device.
        if (device.ZoneName is { } zone && device.Health == LofiHealth.Ok && host.Index.Load(zone) is not null)
            throw await InUseAsync(devices, device, zone, force, cancellation);
        await devices.DetachAsync(device, new DetachOptions { Force = force }, cancellation);
        return 0;
    }

    private static async Task<LofizoneException> InUseAsync(
        LofiDevices devices, LofiDevice device, string zone, bool force, CancellationToken cancellation) =>
        await devices.StallAsync(device, cancellation) is { } stall
            ? new LofizoneException(
                $"{device.Link}: is in use by zone {zone}, and {stall}",
                $"{stall.Cure}, and zone halt {zone}; or give up what is not stored: zone halt --force {zone}")
            : new LofizoneException($"{device.Link}: is in use by zone {zone}", force ? $"zone halt --force {zone}" : $"zone halt {zone}");

    private static int List(string? name, bool parsable, bool json)
    {
        LofiDevices devices = ZoneHost.FromEnvironment().Lofi;
        if (name is not null)
        {
            // lofiadm(8) prints the file for a device's name, and the device for a file's name.
            LofiDevice one = Find(devices, name);
            Console.WriteLine(devices.NumberOf(name) is not null || name == one.LoopDevice ? one.File.ToString() : one.Link);
            return 0;
        }

        IReadOnlyList<LofiDevice> all = devices.List();
        if (json)
            Console.WriteLine(JsonSerializer.Serialize([.. all.Select(LofiListing.Of)], OutputJson.Default.IReadOnlyListLofiListing));
        else if (parsable)
            Array.ForEach(
                [.. all],
                d => Console.WriteLine(
                    Parsable.Line(
                        d.Link, d.File.ToString(), d.LoopDevice, d.SizeBytes.ToString(CultureInfo.InvariantCulture), d.Transport,
                        d.HealthText, d.ZoneName ?? "")));
        else
            Write(all, Console.Out);
        return 0;
    }

    private static async Task<int> VerboseAsync(string? name, CancellationToken cancellation)
    {
        ZoneHost host = ZoneHost.FromEnvironment();
        IReadOnlyList<LofiDevice> devices = name is null ? host.Lofi.List() : [Find(host.Lofi, name)];
        IReadOnlyList<DeviceSample> samples = await new Sampler(host).DevicesAsync(devices, cancellation);
        for (int i = 0; i < devices.Count; i++)
            LofiVerbose.Write(devices[i], samples[i], Console.Out);
        return 0;
    }

    private static void Write(IReadOnlyList<LofiDevice> devices, TextWriter output)
    {
        Table table = new("Block Device", "File", "Options");
        foreach (LofiDevice device in devices)
            table.Add(device.Link, device.File.ToString(), device.HealthText is nameof(LofiHealth.Ok) ? "-" : device.HealthText);
        table.Write(output);
    }

    private static LofiDevice Find(LofiDevices devices, string name) =>
        devices.Find(name)
            ?? devices.Find(ValueChecks.AbsoluteFile(name)) ?? throw new LofizoneException(
                $"{name}: is not attached", "'lofiadm' lists what is");

    private static int Number(LofiDevices devices, string device) => devices.NumberOf(device) is > 0 and int number
        ? number
        : throw new LofizoneException($"{device}: not a lofi device", "name it /dev/lofi/N with N from 1");
}
