using Lofizone.Interop;

namespace Lofizone.Hosts;

/// <summary>
/// Checks whether root alone decides the target of a path: every directory and link on the way belongs to root, and no other user may write
/// to it.
/// </summary>
public static class RootOnly
{
    /// <summary>Largest number of links, the same as the kernel's (path_resolution(7)).</summary>
    private const int LinksLimit = 40;

    private const uint GroupMayWrite = 0x10, OthersMayWrite = 0x02;

    /// <summary>Follows a path.</summary>
    /// <param name="path">Absolute path. A part that does not exist yet counts like its last existing directory.</param>
    /// <param name="trusted">A directory that is trusted with all its parents; null checks every directory.</param>
    public static RootOnlyPath Follow(string path, string? trusted = null)
    {
        Stack<string> names = new();
        Push(names, path);
        string at = "/";
        string? problem = IsTrusted(at, trusted) ? null : Problem(at, FileStatus.At(at)!);
        for (int links = 0; problem is null && names.TryPop(out string? name);)
        {
            if (name == "..")
            {
                at = Path.GetDirectoryName(at) ?? "/";
                continue;
            }

            string next = Path.Combine(at, name);
            FileStatus? status = FileStatus.At(next);
            if (status is { Kind: FileKind.SymbolicLink } && new FileInfo(next).LinkTarget is { } target)
            {
                problem = ++links > LinksLimit ? $"{next} leads through too many links" : LinkProblem(next, status, trusted);
                Push(names, target);
                at = target.StartsWith('/') ? "/" : at;
                continue;
            }

            at = next;
            if (status is not null && !IsTrusted(at, trusted))
                problem = Problem(at, status);
        }

        return new RootOnlyPath(at, problem);
    }

    private static void Push(Stack<string> names, string path)
    {
        foreach (string name in path.Split('/').Reverse().Where(n => n.Length > 0 && n != "."))
            names.Push(name);
    }

    private static bool IsTrusted(string path, string? trusted) =>
        trusted is not null && (path == trusted || trusted.StartsWith(path == "/" ? path : path + "/", StringComparison.Ordinal));

    private static string? Problem(string path, FileStatus status)
    {
        if (status.Uid != 0)
            return $"{path} belongs to user {status.Uid}";
        if ((status.Mode & OthersMayWrite) != 0)
            return $"everybody may write to {path}";
        return (status.Mode & GroupMayWrite) != 0 && status.Gid != 0 ? $"group {status.Gid} may write to {path}" : null;
    }

    /// <summary>Checks a link. A link's mode means nothing; the link's directory was checked earlier.</summary>
    private static string? LinkProblem(string path, FileStatus status, string? trusted) =>
        status.Uid == 0 || IsTrusted(path, trusted) ? null : $"{path} is a link of user {status.Uid}";
}

/// <summary>The target of a path.</summary>
/// <param name="Real">The path without links; incomplete when there is a problem.</param>
/// <param name="Problem">The user other than root who decides the target; null when there is none.</param>
public sealed record RootOnlyPath(string Real, string? Problem);
