using System.CommandLine;
using Lofizone.Cli.Usage;
using Lofizone.Config;
using Lofizone.Config.Zonecfg;
using Lofizone.Programs;
using Lofizone.Zones;

namespace Lofizone.Cli.Verbs;

/// <summary><c>zone edit NAME</c>: the zone's export in an editor, taken as a whole or not at all.</summary>
internal static class EditCommand
{
    private const string DefaultEditor = "vi";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public static Command Create()
    {
        Argument<string> name = new Argument<string>("NAME") { Description = "the zone" }.Checked(ValueChecks.Zone);
        Command command = new("edit", "change a zone's configuration in $VISUAL or $EDITOR, as a whole or not at all") { name };
        command.SetAction((parsed, cancellation) =>
        {
            string zone = parsed.GetValue(name)!;
            return SetCommand.ChangeAsync(zone, "edit", (config, brands) => EditAsync(config, brands, cancellation), cancellation);
        });
        return command;
    }

    private static async Task<ZoneConfig> EditAsync(ZoneConfig config, IReadOnlyCollection<string> brands, CancellationToken cancellation)
    {
        string directory = Directory.CreateTempSubdirectory("zone-edit-").FullName;
        string file = Path.Combine(directory, config.Name + ".zonecfg");
        try
        {
            string before = ConfigText.Write(config);
            await File.WriteAllTextAsync(file, before, cancellation);
            File.SetUnixFileMode(file, OwnerOnly);
            await OpenEditorAsync(file, cancellation);
            string after = await File.ReadAllTextAsync(file, cancellation);
            if (after == before)
                return config;
            try
            {
                return await ConfigText.ReadAsync(after, file, config.Name, brands, cancellation);
            }
            catch (LofizoneException error)
            {
                // The user's work must not be lost with the temporary file.
                string kept = Keep(after, config.Name);
                throw new LofizoneException(
                    error.Message, $"nothing was changed; the text is kept in {kept}: mend it, and 'zonecfg -z {config.Name} -f {kept}'",
                        error);
            }
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static async Task OpenEditorAsync(string file, CancellationToken cancellation)
    {
        string editor = Environment.GetEnvironmentVariable("VISUAL") is { Length: > 0 } visual ? visual
            : Environment.GetEnvironmentVariable("EDITOR") is { Length: > 0 } named ? named : DefaultEditor;
        // The variable may hold arguments, as in 'code --wait'.
        string[] words = editor.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        ProgramRunner programs = new();
        if (words.Length == 0 || programs.Find(words[0]) is null)
            throw new LofizoneException($"{SafeText.Text(editor)}: no such editor", "set EDITOR to an editor that is installed");
        ProgramCall call = new(words[0], [.. words.Skip(1), file]) { Interactive = true };
        if ((await programs.RunAsync(call, cancellation)).ExitCode is not 0 and var code)
            throw new LofizoneException($"{SafeText.Text(words[0])}: ended with {code}", "nothing was changed");
    }

    private static string Keep(string text, string zone)
    {
        string kept = Path.Combine(Directory.CreateTempSubdirectory("zone-edit-").FullName, zone + ".zonecfg");
        File.WriteAllText(kept, text);
        return kept;
    }
}
