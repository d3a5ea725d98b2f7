using System.CommandLine;
using Lofizone.Cli.Usage;
using Lofizone.Cli.Verbs;

namespace Lofizone.Cli.Solaris;

/// <summary><c>zoneadm -z ZONE VERB</c> and <c>zoneadm list</c>, as in zoneadm(8).</summary>
internal static class ZoneadmCommand
{
    public static RootCommand Create()
    {
        ZoneSelector zone = new();
        RootCommand root = new("administer zones");
        zone.AddTo(root);
        foreach (ZoneVerb verb in ZoneVerb.OfZoneadm)
        {
            Command command = new(verb.Name, verb.Summary);
            VerbSymbols symbols = new(verb, "-F");
            symbols.AddTo(command);
            command.SetAction((parsed, cancellation) => verb.RunAsync(zone.Require(parsed), symbols.Read(parsed), cancellation));
            root.Subcommands.Add(command);
        }

        RefusedVerbs.AddTo(root);
        root.Subcommands.Add(ApplyCommand.Create(zone));
        root.Subcommands.Add(AttachCommands.CreateDetach(zone));
        root.Subcommands.Add(AttachCommands.CreateAttach(zone));
        root.Subcommands.Add(RegistrationCommands.CreateRename(zone));
        root.Subcommands.Add(RegistrationCommands.CreateMovePath(zone));
        root.Subcommands.Add(RegistrationCommands.CreateMark(zone));
        root.Subcommands.Add(ZoneadmList.Create(zone));
        root.Subcommands.Add(Help(root));
        return root;
    }

    /// <summary><c>zoneadm help [COMMAND]</c>: what --help tells.</summary>
    private static Command Help(RootCommand root)
    {
        Argument<string?> about = new("COMMAND") { Description = "the command", Arity = ArgumentArity.ZeroOrOne };
        Command help = new("help", "tell of all commands, or of one") { about };
        help.SetAction((parsed, cancellation) =>
        {
            string? command = parsed.GetValue(about);
            WrongUsage.Refuse(
                command is not null && root.Subcommands.All(c => c.Name != command),
                $"help: {SafeText.Text(command ?? "")}: no such command");
            return root.Parse(command is null ? ["--help"] : [command, "--help"]).InvokeAsync(cancellationToken: cancellation);
        });
        return help;
    }
}
