using Lofizone.Basics;
using Lofizone.Install.Dpkg;
using Lofizone.Install.Trees;

namespace Lofizone.Install.Update;

/// <summary>The fate of a configuration file in an update.</summary>
internal enum ConffileAction
{
    /// <summary>The new version replaces the file.</summary>
    Replace,

    /// <summary>The file stays unchanged, or stays removed.</summary>
    Keep,

    /// <summary>The zone's administrator has changed the file. It stays, and the new version gets the suffix <c>.dpkg-dist</c>.</summary>
    KeepBeside,
}

/// <summary>
/// Treats configuration files as dpkg does when there is no user to ask (deb-conffiles(5); dpkg(1), --force-confdef and --force-confold).
/// </summary>
internal static class ConffileRules
{
    /// <summary>dpkg's suffix for a new version that was not installed.</summary>
    public const string DistributedSuffix = ".dpkg-dist";

    /// <param name="before">Digest in the zone's version of the package; null when the path was not a conffile of that version.</param>
    /// <param name="now">Digest of the file in the zone; null when the file is missing.</param>
    /// <param name="after">Digest in the new version.</param>
    public static ConffileAction Decide(string? before, string? now, string after)
    {
        if (now == after || before == after)
            return ConffileAction.Keep;
        if (before is null)
            return now is null ? ConffileAction.Replace : ConffileAction.KeepBeside;
        // The administrator has removed the file, and dpkg does not bring it back.
        if (now is null)
            return ConffileAction.Keep;
        return now == before ? ConffileAction.Replace : ConffileAction.KeepBeside;
    }

    /// <summary>Digest of a file in the form of dpkg's database; null when the file is missing.</summary>
    public static string? Digest(SourceTree tree, string path)
    {
        if (tree.ReadBytes(path) is not { } content)
            return null;
        return Convert.ToHexStringLower(Digests.Md5(content));
    }

    /// <summary>Conffiles of the old version that the new version does not have. They stay, and get dpkg's mark.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> Obsolete(PackageRecord? before, PackageRecord after) =>
        before is null ? [] : [.. before.Conffiles.Where(c => !after.Conffiles.ContainsKey(c.Key))];
}
