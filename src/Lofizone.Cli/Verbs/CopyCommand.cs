using System.CommandLine;
using Lofizone.Cli.Usage;
using Lofizone.Config;
using Lofizone.Runtime;
using Lofizone.Zones;

namespace Lofizone.Cli.Verbs;

/// <summary><c>zone cp [-r] NAME:/PATH TARGET</c> and <c>zone cp [-r] SOURCE NAME:/PATH</c>.</summary>
internal static class CopyCommand
{
    public static Command Create()
    {
        Argument<string> from = new("FROM") { Description = "a file: NAME:/PATH in a running zone, or a path on this host" };
        Argument<string> to = new("TO") { Description = "a directory or the new name, at the other end" };
        Option<bool> recursive = new("-r") { Description = "directories, too" };
        Command command = new("cp", "copy files between this host and a running zone") { from, to, recursive };
        command.SetAction(async (parsed, cancellation) =>
        {
            string source = parsed.GetValue(from)!, target = parsed.GetValue(to)!;
            (string Zone, string Path)? there = InZone(source), here = InZone(target);
            WrongUsage.Refuse(there is null == here is null, "cp: one of FROM and TO names a file of a zone: NAME:/PATH");
            (string zone, string path) = there ?? here!.Value;
            ZoneCopy copy = new(LoginCommand.RequireRunning(zone).Runtime, zone);
            bool directories = parsed.GetValue(recursive);
            await (there is not null
                ? copy.FromZoneAsync(path, target, directories, cancellation)
                : copy.ToZoneAsync(source, path, directories, cancellation));
            return 0;
        });
        return command;
    }

    /// <summary>Zone and path; null for a path of this host. A path of this host with a colon begins with a slash or a dot.</summary>
    private static (string Zone, string Path)? InZone(string text)
    {
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon > 0 && ZoneName.Problem(text[..colon]) is null && text[(colon + 1)..] is ['/', ..] path
            ? (text[..colon], path)
            : null;
    }
}
