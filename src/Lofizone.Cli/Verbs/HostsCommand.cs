using System.CommandLine;
using Lofizone.Cli.Output;
using Lofizone.Hosts;
using Lofizone.Zones;

namespace Lofizone.Cli.Verbs;

/// <c>zone hosts</c>: prints this host and the hosts that it knows, as lines of <c>/etc/lofizone/hosts</c>.
internal static class HostsCommand
{
    public static Command Create()
    {
        Command command = new("hosts", "list this host and those it knows (/etc/lofizone/hosts): only these are named to a fence agent");
        command.SetAction((_, _) =>
        {
            Root.Require("hosts");
            HostPaths paths = ZoneHost.FromEnvironment().Paths;
            Console.WriteLine($"{HostIdentity.Id(paths)} {Environment.MachineName} # this host");
            foreach (KnownHost host in new KnownHosts(paths).Read())
                Console.WriteLine($"{host.Id} {host.Name}");
            return Task.FromResult(0);
        });
        return command;
    }
}
