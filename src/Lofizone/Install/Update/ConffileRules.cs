using System.Security.Cryptography;
using Lofizone.Install.Dpkg;
using Lofizone.Install.Trees;

namespace Lofizone.Install.Update;

/// <summary>What becomes of a configuration file in an update.</summary>
internal enum ConffileAction
{
    /// <summary>The new version takes its place.</summary>
    Replace,

    /// <summary>It stays as it is, or stays removed.</summary>
    Keep,

    /// <summary>The zone's administrator has changed it: it stays, and the new version lies beside it as <c>.dpkg-dist</c>.</summary>
    KeepBeside,
}

/// <summary>
/// Treats configuration files as dpkg does when nobody is there to be asked (deb-conffiles(5); dpkg(1), --force-confdef and
/// --force-confold).
/// </summary>
internal static class ConffileRules
{
    /// <summary>What dpkg names the new version that was not installed.</summary>
    public const string DistributedSuffix = ".dpkg-dist";

    /// <param name="before">Digest that the zone's version of the package shipped; null when the path was no conffile of it.</param>
    /// <param name="now">Digest of the file in the zone; null when it is not there.</param>
    /// <param name="after">Digest that the new version ships.</param>
    public static ConffileAction Decide(string? before, string? now, string after)
    {
        if (now == after || before == after)
            return ConffileAction.Keep;
        if (before is null)
            return now is null ? ConffileAction.Replace : ConffileAction.KeepBeside;
        // Removed by the administrator: dpkg does not bring it back.
        if (now is null)
            return ConffileAction.Keep;
        return now == before ? ConffileAction.Replace : ConffileAction.KeepBeside;
    }

    /// <summary>Digest of a file as dpkg's database holds it; null when there is none.</summary>
    public static string? Digest(SourceTree tree, string path)
    {
        if (tree.ReadBytes(path) is not { } content)
            return null;
#pragma warning disable CA5351 // dpkg's database holds MD5 sums; this tells changes, not attacks.
        return Convert.ToHexStringLower(MD5.HashData(content));
#pragma warning restore CA5351
    }

    /// <summary>Conffiles of the old version that the new one has no more: they stay, marked as dpkg marks them.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> Obsolete(PackageRecord? before, PackageRecord after) =>
        before is null ? [] : [.. before.Conffiles.Where(c => !after.Conffiles.ContainsKey(c.Key))];
}
