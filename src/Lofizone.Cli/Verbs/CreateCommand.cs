using System.CommandLine;
using Lofizone.Cli.Output;
using Lofizone.Cli.Usage;
using Lofizone.Config;
using Lofizone.Hosts;
using Lofizone.Images;
using Lofizone.Logs;
using Lofizone.Shares;
using Lofizone.Zones;

namespace Lofizone.Cli.Verbs;

/// <c>zone create NAME [SHARE]</c>: configures, installs and boots a zone.
internal static class CreateCommand
{
    private const string DefaultSize = "1g";

    public static Command Create()
    {
        Argument<string> name = new Argument<string>("NEWNAME") { Description = "name of the new zone" }.Checked(ValueChecks.Zone);
        Argument<string?> share = new Argument<string?>("SHARE")
        {
            Arity = ArgumentArity.ZeroOrOne,
            Description =
                "nfs://[USER[:GROUP]@]SERVER[:PORT][,SERVER[:PORT]...]/export/path[?connections=N] or dir:/path; the default is this "
                + "host's own share",
        }.Checked(ValueChecks.Storage);
        Option<string> size = new Option<string>("--size")
        {
            Description = $"size of the image: {ByteSize.Forms}",
            HelpName = "SIZE",
            DefaultValueFactory = _ => DefaultSize,
        }
            .Checked(ValueChecks.Size);
        Option<string> fsType = new("--fstype", "-T")
        {
            Description = "file system in the image",
            HelpName = "TYPE",
            DefaultValueFactory = _ => "ext4",
        };
        fsType.AcceptOnlyFromAmong("ext4", "xfs", "btrfs");
        Option<string?> zonePath = new Option<string?>("--zonepath")
        {
            Description = "where the image is mounted (default /zones/NAME)",
            HelpName = "PATH",
        }
            .Checked(ValueChecks.ZonePath);
        Option<string[]> net = new Option<string[]>("--net")
        {
            Description = "an interface: BRIDGE-or-NIC[,ADDRESS/PREFIX[,ROUTER]]; may be given several times",
            HelpName = "NET",
        }
            .Checked(NetProblem);
        Option<string[]> set = new Option<string[]>("--set")
        {
            Description = "PROPERTY=VALUE or RESOURCE.PROPERTY=VALUE of zonecfg; may be given several times",
            HelpName = "ASSIGNMENT",
        }
            .Checked(ConfigAssignments.Problem);
        Option<string?> from = new("--from")
        {
            Description = "the configuration as a file: zonecfg commands (zonecfg export), or JSON (zone schema); - is standard input",
            HelpName = "CONFIG",
        };
        Option<bool> autoboot = new("--autoboot") { Description = "boot the zone when the host boots" };
        Option<bool> boot = new("--boot") { Description = "boot it when it is installed" };
        Command command = new(
            "create", "make a zone: image on the share, file system, root, configuration") { name, share, size, fsType, zonePath, net,
            set, from, autoboot, boot };
        WaitOptions wait = new();
        wait.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            string zone = parsed.GetValue(name)!;
            WrongUsage.Refuse(
                wait.Limit(parsed) is not null && !parsed.GetValue(boot), "create: what is to be waited for has to be booted: --boot");
            Root.Require($"create {zone}");
            ZoneHost host = ZoneHost.FromEnvironment();
            IReporter reporter = ConsoleReporter.Of(host, zone);
            IReadOnlyCollection<string> brands = [.. host.Brands.Keys];
            ZoneConfig given = parsed.GetValue(from) is { } file
                ? await ConfigFile.ReadAsync(file, zone, brands, cancellation)
                : new ZoneConfig { Name = zone };
            if (parsed.GetValue(share) is { } storage && StorageText.Told(storage, zone) is { } told)
                reporter.Line(told);
            bool Has(Option option) => parsed.GetResult(option) is { Implicit: false };
            if (parsed.GetValue(share) is null && given.RootImage is null)
                HostFile.MakeDirectory(host.Paths.DefaultShare);
            // An option of this command counts more than the file.
            ZoneConfig config = given with
            {
                ZonePath = parsed.GetValue(zonePath) ?? given.ZonePath ?? host.Paths.ZonePath(zone),
                Autoboot = parsed.GetValue(autoboot) || given.Autoboot,
                RootImage = new RootImage(
                    StorageText.Share(parsed.GetValue(share) ?? given.RootImage?.Storage ?? host.Paths.DefaultShare).ToString(),
                    given.RootImage is { } image && !Has(size) ? image.Size : SizeText.Parse(parsed.GetValue(size)!),
                    given.RootImage is { } there && !Has(fsType) ? there.FsType : parsed.GetValue(fsType)!),
                Net = Has(net) ? [.. parsed.GetValue(net)!.Select(ParseNet)] : given.Net,
            };
            config = ConfigAssignments.Apply(config, parsed.GetValue(set) ?? [], brands);
            long start = host.Time.GetTimestamp();
            await Lifecycle.NoteAsync(
                host.Paths, zone, "create", () => new Zone(host, zone, reporter).CreateAsync(config, parsed.GetValue(boot), cancellation));
            reporter.Line(
                $"{zone}: {(parsed.GetValue(boot) ? "running" : "installed")} after {host.Time.GetElapsedTime(start).TotalSeconds:0.0} s");
            if (wait.Limit(parsed) is { } limit)
                await new ZoneStart(host, zone, reporter).WaitAsync(limit, cancellation);
            return 0;
        });
        return command;
    }

    private static NetResource ParseNet(string text)
    {
        string[] parts = text.Split(',');
        return new NetResource(parts[0], parts.ElementAtOrDefault(1), parts.ElementAtOrDefault(2));
    }

    private static string? NetProblem(string text)
    {
        const string Form = "write BRIDGE-or-NIC[,ADDRESS/PREFIX[,ROUTER]], for example br0,192.0.2.7/24,192.0.2.1";
        if (text.Split(',').Length > 3)
            return $"{SafeText.Text(text)}: more than three parts; {Form}";
        string[] problems = [.. ZoneConfigVerifier.Problems(ParseNet(text))];
        return problems.Length > 0 ? $"{string.Join("; ", problems)}; {Form}" : null;
    }
}
