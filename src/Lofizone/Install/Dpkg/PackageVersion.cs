namespace Lofizone.Install.Dpkg;

/// <summary>Compares versions as dpkg does (deb-version(7), lib/dpkg/version.c).</summary>
internal static class PackageVersion
{
    /// <summary>Less than, equal to or greater than zero.</summary>
    public static int Compare(string a, string b)
    {
        (string epochA, string upstreamA, string revisionA) = Split(a);
        (string epochB, string upstreamB, string revisionB) = Split(b);
        int order = CompareNumbers(epochA, epochB);
        if (order == 0)
            order = ComparePart(upstreamA, upstreamB);
        return order != 0 ? order : ComparePart(revisionA, revisionB);
    }

    /// <summary>
    /// Whether <paramref name="version"/> stands in the relation <c>&lt;&lt; &lt;= = &gt;= &gt;&gt;</c> to <paramref name="wanted"/>
    /// (deb-control(5)).
    /// </summary>
    public static bool Satisfies(string version, string relation, string wanted)
    {
        int order = Compare(version, wanted);
        return relation switch
        {
            "<<" => order < 0,
            // A single < or > is read as dpkg reads it: or equal.
            "<=" or "<" => order <= 0,
            "=" => order == 0,
            ">=" or ">" => order >= 0,
            ">>" => order > 0,
            _ => false,
        };
    }

    private static (string Epoch, string Upstream, string Revision) Split(string version)
    {
        int colon = version.IndexOf(':');
        string epoch = colon < 0 ? "" : version[..colon];
        string rest = version[(colon + 1)..];
        int hyphen = rest.LastIndexOf('-');
        return hyphen < 0 ? (epoch, rest, "") : (epoch, rest[..hyphen], rest[(hyphen + 1)..]);
    }

    /// <summary>
    /// Stretches of other characters and of digits in turn; in the former letters come before the rest, and ~ before everything, even the
    /// end.
    /// </summary>
    private static int ComparePart(string a, string b)
    {
        int i = 0, j = 0;
        while (i < a.Length || j < b.Length)
        {
            while ((i < a.Length && !char.IsAsciiDigit(a[i])) || (j < b.Length && !char.IsAsciiDigit(b[j])))
            {
                int order = Weight(a, i) - Weight(b, j);
                if (order != 0)
                    return order;
                i++;
                j++;
            }

            int startA = i, startB = j;
            while (i < a.Length && char.IsAsciiDigit(a[i]))
                i++;
            while (j < b.Length && char.IsAsciiDigit(b[j]))
                j++;
            int numbers = CompareNumbers(a[startA..i], b[startB..j]);
            if (numbers != 0)
                return numbers;
        }

        return 0;
    }

    private static int Weight(string text, int at) =>
        at >= text.Length || char.IsAsciiDigit(text[at]) ? 0
        : text[at] == '~' ? -1
        : char.IsAsciiLetter(text[at]) ? text[at]
        : text[at] + 256;

    /// <summary>Of any length: leading zeros don't count, then the longer one is larger.</summary>
    private static int CompareNumbers(string a, string b)
    {
        string x = a.TrimStart('0'), y = b.TrimStart('0');
        return x.Length != y.Length ? x.Length - y.Length : string.CompareOrdinal(x, y);
    }
}
