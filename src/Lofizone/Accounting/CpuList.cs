using System.Globalization;

namespace Lofizone.Accounting;

/// <summary>A list of CPUs as the kernel writes lists: <c>0-3,8</c> (cpuset(7), "List format").</summary>
internal static class CpuList
{
    /// <summary>CPUs that a kernel can have (CONFIG_NR_CPUS); larger numbers are no list.</summary>
    private const int NumberLimit = 8192;

    /// <summary>The CPUs' numbers; null when the text is no list.</summary>
    public static IReadOnlySet<int>? Parse(string? text)
    {
        SortedSet<int> numbers = [];
        foreach (string part in (text ?? "").Trim().Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] ends = part.Split('-');
            if (ends.Length > 2 || Number(ends[0]) is not { } first || Number(ends[^1]) is not { } last || last < first)
                return null;
            for (int i = first; i <= last; i++)
                numbers.Add(i);
        }

        return numbers;
    }

    private static int? Number(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number < NumberLimit ? number : null;
}
