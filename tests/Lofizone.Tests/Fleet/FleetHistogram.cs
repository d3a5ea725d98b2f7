using System.Globalization;
using System.Text;

namespace Lofizone.Tests.Fleet;

/// <summary>A histogram of times in quarters of a lease, one line and one bar each.</summary>
internal static class FleetHistogram
{
    private const int PartsOfLease = 4;
    private const int BarLength = 50;
    private const int MostLeases = 4;

    public static string Of(IReadOnlyCollection<long> milliseconds, long lease)
    {
        if (milliseconds.Count == 0)
            return "no takeovers";
        SortedDictionary<long, int> counts = [];
        foreach (long time in milliseconds)
        {
            long part = Math.Min(time * PartsOfLease / lease, MostLeases * PartsOfLease);
            counts[part] = counts.GetValueOrDefault(part) + 1;
        }
        int most = counts.Values.Max();
        StringBuilder text = new("takeover times, from the command to the first write, in leases (the last line: that and more):\n");
        foreach ((long part, int count) in counts)
            text.AppendLine(CultureInfo.InvariantCulture, $"{part / (double)PartsOfLease,6:0.00} {count,8} {new string('#', Math.Max(1, count * BarLength / most))}");
        return text.ToString();
    }
}
