using System.Globalization;

namespace Lofizone.Config;

/// <summary>The CPUs that a zone wants for itself alone: resource <c>dedicated-cpu</c>.</summary>
/// <param name="Least">Number of CPUs that the zone needs.</param>
/// <param name="Most">Number of CPUs that the zone takes if they are free.</param>
/// <param name="Named">These CPUs and no others, in the kernel's list format; null for any.</param>
public sealed record CpuRequest(int Least, int Most, string? Named)
{
    /// <summary>Largest number of CPUs.</summary>
    public const int MaxCpus = 4096;

    /// <summary>The request of a configuration; null for a zone that shares the CPUs with all others.</summary>
    [EffectOf("dedicated-cpu: ncpus", "dedicated-cpu: cpus")]
    public static CpuRequest? Of(ZoneConfig config)
    {
        if (ResourceTypes.DedicatedCpu.Get(config) is not [var values, ..])
            return null;
        if (values.GetValueOrDefault("cpus") is { } named)
            return new CpuRequest(0, 0, named);
        return Numbers(values["ncpus"]) is (int least, int most) ? new CpuRequest(least, most, null) : null;
    }

    /// <summary>A number or a range of numbers, <c>2</c> or <c>2-4</c>; null for another text.</summary>
    internal static (int Least, int Most)? Numbers(string text)
    {
        string[] ends = text.Split('-');
        return ends.Length <= 2 && Number(ends[0]) is { } least && Number(ends[^1]) is { } most && least <= most ? (least, most) : null;
    }

    private static int? Number(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number is > 0 and <= MaxCpus ? number : null;
}
