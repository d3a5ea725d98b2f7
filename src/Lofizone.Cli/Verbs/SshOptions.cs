using System.CommandLine;
using Lofizone.Cli.Output;
using Lofizone.Cli.Usage;
using Lofizone.Install.Update;
using Lofizone.Moving;
using Lofizone.Zones;

namespace Lofizone.Cli.Verbs;

/// <summary>
/// The common options of <c>zone move</c> and <c>zone evacuate</c>: the way to the other host, and the way in which that host takes a zone.
/// </summary>
internal sealed class SshOptions
{
    private readonly Option<string> _ssh = new("--ssh")
    {
        Description = "run this program instead of ssh; it gets ssh's arguments",
        HelpName = "PROGRAM",
        DefaultValueFactory = _ => SshDestination.DefaultSsh,
    };
    private readonly Option<string> _program = new("--program")
    {
        Description = "this program on the other host, when it is not on the PATH there",
        HelpName = "PATH",
        DefaultValueFactory = _ => SshDestination.DefaultProgram,
    };
    private readonly Option<bool> _needed = new("-u") { Description = "update the packages that must match the other host's" };
    private readonly Option<bool> _all = new("-U") { Description = "update all packages that the other host has" };
    private readonly Option<bool> _force = new("-F") { Description = "whatever its packages are" };

    private readonly Option<bool> _accept = new("--accept")
    {
        Description = "have the host that gets a zone accept what the zone asks of it",
    };

    public void AddTo(Command command)
    {
        foreach (Option option in new Option[] { _needed, _all, _force, _accept, _ssh, _program })
            command.Options.Add(option);
    }

    /// <summary>Checks the options. Called first in the command's action.</summary>
    public void Check(ParseResult parsed) =>
        WrongUsage.Refuse(
            parsed.GetValue(_needed) && parsed.GetValue(_all), $"{parsed.CommandResult.Command.Name}: -u and -U exclude each other");

    /// <summary>The fault of a host's name; null for a good name.</summary>
    public static string? Problem(string host) => SshDestination.Problem(host);

    public MoveOptions Take(ParseResult parsed, string? share = null) => new()
    {
        Share = share,
        AnyPackages = parsed.GetValue(_force),
        Accept = parsed.GetValue(_accept),
        Update = parsed.GetValue(_all) ? UpdateKind.All : parsed.GetValue(_needed) ? UpdateKind.Needed : UpdateKind.None,
    };

    public SshDestination Destination(ParseResult parsed, string name) =>
        new(name) { Ssh = parsed.GetValue(_ssh)!, Program = parsed.GetValue(_program)! };

    public static Task<SshSession> OpenAsync(
        ZoneHost host, SshDestination destination, IReporter reporter, CancellationToken cancellation) =>
        SshSession.OpenAsync(
            host.Programs, destination, terminal: !Console.IsInputRedirected && !Console.IsErrorRedirected, reporter, cancellation);
}
