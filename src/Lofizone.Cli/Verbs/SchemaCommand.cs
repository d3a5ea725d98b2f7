using System.CommandLine;
using Lofizone.Config;

namespace Lofizone.Cli.Verbs;

/// <summary><c>zone schema</c>: the JSON schema of zone.json.</summary>
internal static class SchemaCommand
{
    public static Command Create()
    {
        Command command = new("schema", "print the JSON schema of a zone's configuration (zone.json, zone create --from)");
        command.SetAction(_ =>
        {
            Console.Out.WriteLine(ZoneSchema.Text());
            return 0;
        });
        return command;
    }
}
