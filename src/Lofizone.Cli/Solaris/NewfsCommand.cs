using System.CommandLine;
using Lofizone.Cli.Output;
using Lofizone.Devices;
using Lofizone.Images;
using Lofizone.Zones;

namespace Lofizone.Cli.Solaris;

/// <summary><c>newfs [-T ext4|xfs|btrfs] [-y] DEVICE</c>, as in newfs(8).</summary>
internal static class NewfsCommand
{
    public static RootCommand Create()
    {
        Option<string> type = new("-T") { Description = "file system", HelpName = "TYPE", DefaultValueFactory = _ => "ext4" };
        type.AcceptOnlyFromAmong("ext4", "xfs", "btrfs");
        Option<bool> yes = new("-y") { Description = "don't ask" };
        Argument<string> device = new("DEVICE") { Description = "a lofi device, /dev/lofi/N" };
        RootCommand root = new("make a file system on a lofi device; what was on it is lost") { type, yes, device };
        root.SetAction(async (parsed, cancellation) =>
        {
            Root.Require("newfs");
            ZoneHost host = ZoneHost.FromEnvironment();
            string name = parsed.GetValue(device)!;
            LofiDevice lofi = host.Lofi.Find(name)
                ?? throw new LofizoneException($"{name}: is not a lofi device", "attach a file first: lofiadm -a FILE");
            if (!parsed.GetValue(yes) && !await AskedAsync(lofi, cancellation))
                return Failure.ExitFailure;
            await new ImageFileSystem(host.Programs)
                .MakeAsync(lofi.LoopDevice, parsed.GetValue(type)!, new ConsoleReporter(host.Time), cancellation);
            Console.WriteLine($"{lofi.Link}: {parsed.GetValue(type)}, {lofi.SizeBytes / 512} sectors, {SizeText.Format(lofi.SizeBytes)}");
            return 0;
        });
        return root;
    }

    /// <summary>Asks Solaris's question. An answer from a pipe counts, as on Solaris.</summary>
    private static async Task<bool> AskedAsync(LofiDevice lofi, CancellationToken cancellation)
    {
        await Console.Out.WriteAsync($"newfs: construct a new file system {lofi.Link}: (y/n)? ");
        bool yes = Confirm.IsYes(await InputLine.ReadAsync(cancellation));
        if (Console.IsInputRedirected)
            await Console.Out.WriteLineAsync();
        return yes;
    }
}
