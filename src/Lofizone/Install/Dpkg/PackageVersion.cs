namespace Lofizone.Install.Dpkg;

/// <summary>Compares versions as dpkg does (deb-version(7), lib/dpkg/version.c).</summary>
internal static class PackageVersion
{
    /// <summary>Compares two versions: the result is less than, equal to or greater than zero.</summary>
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
    /// Tells whether <paramref name="version"/> has the relation <c>&lt;&lt; &lt;= = &gt;= &gt;&gt;</c> to <paramref name="wanted"/>
    /// (deb-control(5)).
    /// </summary>
    public static bool Satisfies(string version, string relation, string wanted)
    {
        int order = Compare(version, wanted);
        return relation switch
        {
            "<<" => order < 0,
            // A single < or > means "or equal", as in dpkg.
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
    /// Compares parts of versions: runs of non-digits and of digits alternate. In a run of non-digits letters sort before other characters,
    /// and ~ sorts before everything, even the end (deb-version(7)).
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

    /// <summary>Compares numbers of any length: leading zeros do not count, and then the longer number is larger.</summary>
    private static int CompareNumbers(string a, string b)
    {
        string x = a.TrimStart('0'), y = b.TrimStart('0');
        return x.Length != y.Length ? x.Length - y.Length : string.CompareOrdinal(x, y);
    }
}
