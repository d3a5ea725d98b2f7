using System.Globalization;

namespace Lofizone.Hosts;

/// <summary>A set of CPUs in the kernel's list format, for example <c>0-3,8</c> (cpuset(7), "List format").</summary>
public sealed class CpuList
{
    /// <summary>Largest number of a CPU: CONFIG_NR_CPUS has no larger value.</summary>
    public const int MaxCpu = 8191;

    private readonly SortedSet<int> _cpus;

    public CpuList(IEnumerable<int> cpus) => _cpus = [.. cpus];

    public int Count => _cpus.Count;

    public IReadOnlySet<int> Cpus => _cpus;

    /// <summary>The CPUs of this host that are online.</summary>
    public static CpuList Online() => Parse(File.ReadAllText("/sys/devices/system/cpu/online"))
        ?? throw new InvalidDataException("/sys/devices/system/cpu/online: not a list of CPUs");

    /// <summary>Null when the text is not a list of CPUs.</summary>
    public static CpuList? Parse(string? text)
    {
        List<int> cpus = [];
        foreach (string part in (text ?? "").Trim().Split(','))
        {
            string[] ends = part.Split('-');
            if (ends.Length > 2 || Number(ends[0]) is not { } first || Number(ends[^1]) is not { } last || first > last)
                return null;
            cpus.AddRange(Enumerable.Range(first, last - first + 1));
        }

        return new CpuList(cpus);
    }

    public CpuList Except(CpuList other) => new(_cpus.Except(other._cpus));

    public CpuList And(CpuList other) => new(_cpus.Intersect(other._cpus));

    public CpuList Or(CpuList other) => new(_cpus.Union(other._cpus));

    public override string ToString()
    {
        List<string> parts = [];
        int[] cpus = [.. _cpus];
        for (int i = 0; i < cpus.Length;)
        {
            int end = i;
            while (end + 1 < cpus.Length && cpus[end + 1] == cpus[end] + 1)
                end++;
            parts.Add(i == end ? Text(cpus[i]) : $"{Text(cpus[i])}-{Text(cpus[end])}");
            i = end + 1;
        }

        return string.Join(',', parts);
    }

    private static string Text(int cpu) => cpu.ToString(CultureInfo.InvariantCulture);

    private static int? Number(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number <= MaxCpu ? number : null;
}
