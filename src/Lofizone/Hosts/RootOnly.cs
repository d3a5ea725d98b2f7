using Lofizone.Interop;

namespace Lofizone.Hosts;

/// <summary>
/// Whether root alone decides what a path leads to: everything on the way, links included, belongs to root, and nobody else may write to
/// it.
/// </summary>
public static class RootOnly
{
    /// <summary>As many as the kernel follows (path_resolution(7)).</summary>
    private const int LinksLimit = 40;

    private const uint GroupMayWrite = 0x10, OthersMayWrite = 0x02;

    /// <summary>Follows a path.</summary>
    /// <param name="path">Absolute. What of it does not exist yet is as its last directory is.</param>
    /// <param name="trusted">A directory that is taken as it is, with all above it; null looks at everything.</param>
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

    /// <summary>A link's mode says nothing; its directory was looked at before it.</summary>
    private static string? LinkProblem(string path, FileStatus status, string? trusted) =>
        status.Uid == 0 || IsTrusted(path, trusted) ? null : $"{path} is a link of user {status.Uid}";
}

/// <summary>Where a path leads.</summary>
/// <param name="Real">Without any link; not complete when there is a problem.</param>
/// <param name="Problem">Who but root decides what the path leads to; null when nobody does.</param>
public sealed record RootOnlyPath(string Real, string? Problem);
