using Lofizone.Accounting;

namespace Lofizone.Cli.Solaris;

/// <summary>Writes what zonestat has counted, for people or for programs.</summary>
internal interface IZonestatWriter
{
    /// <summary>Called before the first interval.</summary>
    void Begin();

    /// <param name="interval">The use in the interval.</param>
    /// <param name="number">Number of the interval, from 1.</param>
    /// <param name="seconds">Time since the start, seconds.</param>
    void Interval(UsageInterval interval, long number, double seconds);

    void Report(UsageInterval report, ReportKind kind, UsageReport sums);
}
