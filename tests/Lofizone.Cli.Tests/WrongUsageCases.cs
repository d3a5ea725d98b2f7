using Lofizone.Cli.CommandLines;
using Lofizone.Cli.Usage;

namespace Lofizone.Cli.Tests;

/// <summary>
/// All mistakes in a command line, made from the tables of all programs, so that a new command or option is included at once.
/// </summary>
internal static class WrongUsageCases
{
    /// <summary>
    /// A sound value for every name in a usage line. A missing name fails the test, so that its author must choose its wrong values.
    /// </summary>
    private static readonly Dictionary<string, (string Sound, string? Wrong)> _values = new(StringComparer.Ordinal)
    {
        ["NAME"] = ("web", "a/b"),
        ["NEWNAME"] = ("other", "global"),
        ["ZONE"] = ("web", "a b"),
        ["NAME|URI"] = ("web", "http://nas/web"),
        ["NAME|DEVICE"] = ("web", null),
        ["NAME|URI|DEVICE"] = ("web", null),
        ["SHARE"] = ("nfs://nas/zones", "nfs://nas"),
        ["URI"] = ("nfs://nas/zones", "nfs://nas"),
        ["ASSIGNMENT"] = ("autoboot=true", "autoboot"),
        ["CONFIG"] = ("/nonexistent/x", null),
        ["SIZE"] = ("1g", "1x"),
        ["TYPE"] = ("ext4", "zfs"),
        ["PATH"] = ("/nonexistent/x", null),
        ["FILE"] = ("/nonexistent/x", "nfs://nas"),
        ["NET"] = ("br0", "br0,1,2,3"),
        ["HOST"] = ("nas-b", "a b"),
        ["SECONDS"] = ("1", "soon"),
        ["COUNT"] = ("1", "1.5"),
        ["LAYERS"] = ("nfs", "ipx"),
        ["DEVICE"] = ("/dev/lofi/99", null),
        ["PROGRAM"] = ("/bin/false", null),
        ["COMMAND"] = ("true", null),
        ["UUID"] = ("6ba7b810-9dad-11d1-80b4-00c04fd430c8", "6ba7b810"),
        ["MANIFEST"] = ("/nonexistent/x", null),
        ["EXTENSION"] = ("force-takeover", "deny-zbe-clone"),
        ["STATE"] = ("incomplete", "unavailable"),
        ["FROM"] = ("web:/x", null),
        ["TO"] = ("/nonexistent/x", null),
        ["CHARACTER"] = ("^", "ab"),
        ["USER"] = ("nobody", null),
        ["COMMANDS"] = ("info", null),
        ["ARGUMENTS"] = ("x", null),
        ["ZONES"] = ("web,db", "a b"),
        ["RESOURCES"] = ("memory", "disk"),
        ["NAMES"] = ("mem_default", null),
        ["REPORTS"] = ("total,high", "median"),
        ["COLUMNS"] = ("used,name", "colour"),
        ["LINES"] = ("zones", "lines"),
        ["FORM"] = ("i", "x"),
        ["NUMBER"] = ("5", "x"),
        ["FIGURE"] = ("memory", "colour"),
        ["INTERVAL"] = ("1", "1x"),
        ["DURATION"] = ("inf", "x"),
        ["REPORT"] = ("5", "x"),
    };

    public static IEnumerable<string[]> All() => Personality.Descriptions.SelectMany(program => Of([program.Name], program)).DistinctBy(w => string.Join('\0', w));

    /// <summary>A sound value for this name in a usage line.</summary>
    public static string Sound(string name) => _values[name].Sound;

    private static IEnumerable<string[]> Of(string[] path, CommandDescription command)
    {
        foreach (CommandDescription verb in command.Commands.Where(c => c.Syntax is null))
        {
            foreach (string[] words in Of([.. path, verb.Name], verb))
                yield return words;
        }

        if (command.Commands.Any(c => c.Syntax is null))
        {
            yield return [.. path, "nosuch"];
            yield break;
        }

        string[] options = path[0] is "zoneadm" or "zonecfg" ? ["-z", "web"] : [];
        string[] arguments = [.. command.Arguments.Where(a => a.Least > 0).Select(a => Sound(a.Name))];
        foreach (OptionDescription option in command.Options)
        {
            foreach (string name in option.Names)
            {
                if (option.ValueName is not { } value)
                    continue;
                string[] before = option.Names.Contains("-z") ? path : [.. path, .. options];
                yield return [.. before, .. arguments, name];
                yield return [.. before, name];
                yield return [.. before, .. arguments, name, ""];
                yield return [.. before, .. arguments, name, "--nosuch"];
                // zonecfg's file is on this host, and may have any name.
                if (Wrong(value) is { } wrong && (path[0], value) is not ("zonecfg", "FILE"))
                    yield return [.. before, .. arguments, name, wrong];
                if (!option.Repeats)
                    yield return [.. before, .. arguments, name, Sound(value), name, Sound(value)];
            }
        }

        if (path[0] != "zonecfg")
        {
            yield return [.. path, .. options, "--nosuch"];
            if (command.Arguments.All(a => a.Most == 1))
                yield return [.. path, .. options, .. arguments, "--nosuch"];
        }

        for (int i = 0; i < command.Arguments.Count; i++)
        {
            string[] others = [.. command.Arguments.Take(i).Select(a => Sound(a.Name))];
            string[] after = [.. command.Arguments.Skip(i + 1).Where(a => a.Least > 0).Select(a => Sound(a.Name))];
            ArgumentDescription argument = command.Arguments[i];
            if (argument.Least > 0)
                yield return [.. path, .. options, .. others];
            if (argument is { Least: 0, Most: ArgumentDescription.Unlimited } && argument.Name != "NAME")
                continue;
            yield return [.. path, .. options, .. others, "", .. after];
            if (Wrong(argument.Name) is { } wrong)
                yield return [.. path, .. options, .. others, wrong, .. after];
        }

        if (command.Arguments.All(a => a.Most == 1))
            yield return [.. path, .. options, .. command.Arguments.Select(a => Sound(a.Name)), "toomuch"];
    }

    private static string? Wrong(string name) => _values[name].Wrong;
}
