using System.CommandLine;
using Lofizone.Cli.Output;
using Lofizone.Cli.Usage;
using Lofizone.Devices;
using Lofizone.Shares;
using Lofizone.Tracing;
using Lofizone.Zones;

namespace Lofizone.Cli.Verbs;

/// <c>zone trace NAME|DEVICE [nfs,fuse|off]</c>: starts or stops the tracing of a running data path's messages.
internal static class TraceCommand
{
    public static Command Create()
    {
        Argument<string> target = new("NAME|DEVICE") { Description = "a zone that runs, or a lofi device" };
        Argument<string?> what = new Argument<string?>("LAYERS")
        {
            Arity = ArgumentArity.ZeroOrOne,
            Description = $"{TraceLayersText.Choices}; without it, what is traced now",
        }
            .Checked(layers => TraceLayersText.TryParse(layers) is null ? $"'{SafeText.Text(layers)}': trace "
                + $"{TraceLayersText.Choices}" : null);
        Command command = new("trace", "write every NFS and FUSE message of a zone's data path to a file, or no longer") { target, what };
        command.SetAction(async (parsed, cancellation) =>
        {
            string name = parsed.GetValue(target)!;
            Root.Require($"trace {name}");
            ZoneHost host = ZoneHost.FromEnvironment();
            LofiDevice device = Find(host, name);
            if (parsed.GetValue(what) is { } layers)
                await host.Lofi.TraceAsync(device, TraceLayersText.TryParse(layers)!.Value, cancellation);
            Console.WriteLine($"{device.Link}: traced: {await host.Lofi.TracedAsync(device, cancellation) ?? TraceLayers.None.Text()}");
            return 0;
        });
        return command;
    }

    private static LofiDevice Find(ZoneHost host, string name)
    {
        if (host.Lofi.Find(name) is { } device)
            return device;
        ShareUri? image = host.Require(name).Config.RootImage is { } root ? ZonePaths.Image(name, root) : null;
        return (image is null ? null : host.Lofi.Find(image.ToString()))
            ?? throw new LofizoneException(
                $"zone {name}: nothing of it is attached",
                $"trace it from its start: {TraceLayersText.Variable}=nfs,fuse zone boot {name}");
    }
}
