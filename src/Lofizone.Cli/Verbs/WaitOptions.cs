using System.CommandLine;
using Lofizone.Cli.Usage;
using Lofizone.Zones;

namespace Lofizone.Cli.Verbs;

/// <summary>Options of the commands that boot a zone, for waiting until the zone is up.</summary>
internal sealed class WaitOptions
{
    private const int LeastSeconds = 1, MostSeconds = 24 * 60 * 60;

    private readonly Option<bool> _wait = new("--wait")
    {
        Description = $"wait until the zone is up (its systemd says running or degraded), {ZoneStart.DefaultLimitSeconds} s at most",
    };

    private readonly Option<double?> _limit = new Option<double?>("--wait-limit")
    {
        Description = "the same with another limit",
        HelpName = "SECONDS",
    }
        .Checked(ValueChecks.Number(LeastSeconds, MostSeconds));

    public void AddTo(Command command)
    {
        command.Options.Add(_wait);
        command.Options.Add(_limit);
    }

    /// <summary>The longest wait; null for no wait.</summary>
    public TimeSpan? Limit(ParseResult parsed) => parsed.GetValue(_limit) is { } seconds ? TimeSpan.FromSeconds(seconds)
        : parsed.GetValue(_wait) ? TimeSpan.FromSeconds(ZoneStart.DefaultLimitSeconds)
        : null;
}
