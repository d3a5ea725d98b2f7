using System.CommandLine;
using Lofizone.Cli.Output;
using Lofizone.Cli.Usage;
using Lofizone.Zones;

namespace Lofizone.Cli.Verbs;

/// <summary>The <c>zone</c> command: one verb for each user's task.</summary>
internal static class ZoneCommand
{
    public static RootCommand Create()
    {
        RootCommand root = new("Linux zones whose whole root lives in one image file on an NFS share")
        {
            CreateCommand.Create(),
            ListCommand.Create(),
        };
        root.Subcommands.Add(SetCommand.Create());
        root.Subcommands.Add(EditCommand.Create());
        root.Subcommands.Add(SchemaCommand.Create());
        foreach (ZoneVerb verb in ZoneVerb.All)
            root.Subcommands.Add(Verb(verb));
        root.Subcommands.Add(RegistrationCommands.CreateRename());
        root.Subcommands.Add(AttachCommands.CreateDetach());
        root.Subcommands.Add(AttachCommands.CreateAttach());
        root.Subcommands.Add(AcceptCommand.Create());
        root.Subcommands.Add(HostsCommand.Create());
        root.Subcommands.Add(MoveCommand.Create());
        root.Subcommands.Add(EvacuateCommand.Create());
        root.Subcommands.Add(TakeoverCommand.Create());
        root.Subcommands.Add(LoginCommand.Create());
        root.Subcommands.Add(LoginCommand.CreateConsole());
        root.Subcommands.Add(CopyCommand.Create());
        root.Subcommands.Add(DfCommand.Create());
        root.Subcommands.Add(ExplainCommand.Create());
        root.Subcommands.Add(StatCommand.Create());
        root.Subcommands.Add(TopCommand.Create());
        root.Subcommands.Add(LogCommand.CreateLog());
        root.Subcommands.Add(LogCommand.CreateEvents());
        root.Subcommands.Add(TraceCommand.Create());
        root.Subcommands.Add(DoctorCommand.Create());
        root.Subcommands.Add(DeleteCommand.Create());
        root.Subcommands.Add(HostCommands.CreateAutoboot());
        root.Subcommands.Add(HostCommands.CreateAutohalt());
        return root;
    }

    private static Command Verb(ZoneVerb verb)
    {
        Argument<string> zone = new Argument<string>("NAME") { Description = "the zone" }.Checked(ValueChecks.Zone);
        Command command = new(verb.Name, verb.Summary) { zone };
        VerbSymbols symbols = new(verb, "--force", "-F");
        symbols.AddTo(command);
        WaitOptions wait = new();
        if (verb.Boots)
            wait.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            int result = await verb.RunAsync(parsed.GetValue(zone)!, symbols.Read(parsed), cancellation);
            if (verb.Boots && wait.Limit(parsed) is { } limit)
            {
                ZoneHost host = ZoneHost.FromEnvironment();
                await new ZoneStart(host, parsed.GetValue(zone)!, new ConsoleReporter(host.Time)).WaitAsync(limit, cancellation);
            }

            return result;
        });
        return command;
    }
}
