using Lofizone.Nfs.Protocol;

namespace Lofizone.Shares;

/// <summary>Describes an NFS failure in words with a remedy.</summary>
public static class NfsShareErrors
{
    private const uint NeededVersion = 4;
    private const string OlderAdvice = "switch NFSv4.1 or 4.2 on on the server, or name another server";

    /// <param name="error">The failure.</param>
    /// <param name="share">The share on which the failure happened.</param>
    /// <param name="identity">The identity of the request.</param>
    /// <param name="visible">The server's exports that this host sees, when the missing path should be among them.</param>
    /// <param name="otherVersions">Versions of NFS that the server's portmapper knows, when no process listens at the share's port.</param>
    public static LofizoneException Explain(
        NfsException error, ShareUri share, NfsIdentity identity, IReadOnlyList<string>? visible = null,
        IReadOnlyList<uint>? otherVersions = null)
    {
        string server = share.Authority;
        string path = error.Path ?? share.Path;
        bool inShare = path.Length >= share.Path.Length;
        (string message, string advice) = error switch
        {
            NfsRefusedException refused => (
                $"{share}: NFS server {server} answers, but {refused.Why}",
                refused.SpeaksOlderOnly ? OlderAdvice : "check that the port in the share is that of an NFS server"),
            // The server still counts as unreachable, because its NFSv4 may be about to start.
            NfsUnreachableException when otherVersions is { Count: > 0 } && otherVersions.Max() < NeededVersion => (
                $"{share}: NFS server {server} can't be reached: {Cause(error)}; its portmapper offers NFS "
                + $"{string.Join(" and ", otherVersions)} only, 4.1 or 4.2 is needed",
                OlderAdvice),
            NfsUnreachableException => (
                $"{share}: NFS server {server} can't be reached: {Cause(error)}",
                "check that the server runs and that TCP port "
                + $"{string.Join(", ", share.Addresses.Select(address => address.Port).Distinct())} is open from here"),
            NfsPathsDifferException => (
                $"{share}: {error.Message}", "name addresses of one server only: several addresses are several paths to the same server"),
            NfsFencedException => (
                $"{path} on {server}: {error.Message}", "detach the zone and attach it again when no other host uses it"),
            NfsLockedException locked => (
                $"{path} on {server} is locked by {locked.Holder.Owner}",
                "halt the zone on the host that runs it, or wait until its lease has expired"),
            _ => error.Status switch
            {
                NfsStatus.NoEnt when visible is not null => (
                    $"{share}: {path} does not exist on {server} for this host, {VisibleText(visible)}",
                    $"if the server exports {path}, its access list does not name this host: add it there; otherwise check the path"),
                NfsStatus.NoEnt when !inShare => (
                    $"{share}: {path} does not exist on {server}",
                    $"check the export's path: the server shows no '{path}' (NFSv4 paths start at the server's pseudo root)"),
                NfsStatus.NoEnt when path == share.Path => (
                    $"{share}: {path} does not exist on {server}",
                    $"create the directory {path} on the server, or check the export's path"),
                NfsStatus.NoEnt => ($"{share}: {path} is not on the share", "check that it was not removed or renamed"),
                NfsStatus.Access or NfsStatus.Perm when error.Operation is "LOOKUP" or "GETATTR" or "PUTROOTFH"
                    && path.Length <= share.Path.Length => (
                    $"{share}: {server} denies user {identity.Uid}, group {identity.Gid} {Verb(error.Operation)} {path}",
                    $"check that the export's access list names this host; or {DeniedAdvice(share, identity)}"),
                NfsStatus.Access or NfsStatus.Perm => (
                    $"{share}: {server} denies user {identity.Uid}, group {identity.Gid} {Verb(error.Operation)} {path}",
                    DeniedAdvice(share, identity)),
                NfsStatus.NoSpc => (
                    $"{share}: no space left on {server} for {path}", "free space on the share's file system or choose a smaller size"),
                NfsStatus.DQuot => (
                    $"{share}: the quota of user {identity.Uid} on {server} is used up ({path})",
                    "raise the quota on the server or remove files of that user"),
                NfsStatus.RoFs => ($"{share}: {server} exports {path} read-only", "export it read-write on the server"),
                NfsStatus.Stale or NfsStatus.FhExpired => (
                    $"{share}: {path} is gone from {server}, or its file system was exchanged (stale file handle)",
                    "check the export on the server, then try again"),
                NfsStatus.Symlink => (
                    $"{share}: {path} on {server} is a symbolic link, and links on a share are not followed",
                    "name the directory that the link points to"),
                NfsStatus.NotDir => ($"{share}: a part of {path} on {server} is no directory", "check the path of the share"),
                NfsStatus.ShareDenied or NfsStatus.Locked => (
                    $"{path} on {server} is in use by another host", "halt the zone there, or wait until its lease has expired"),
                NfsStatus.WrongSec => (
                    $"{share}: {server} wants another security flavour than AUTH_SYS for {path}",
                    "add sec=sys to the export on the server, and check that its access list names this host"),
                NfsStatus.MinorVersMismatch => (
                        $"{share}: {server} speaks neither NFSv4.2 nor NFSv4.1", "switch NFSv4.1 or 4.2 on on the server"),
                _ => ($"{share}: {error.Message}", "see the server's log"),
            },
        };
        return new LofizoneException(message, advice, error);
    }

    private static string DeniedAdvice(ShareUri share, NfsIdentity identity) => identity.Uid == 0
        ? $"the export squashes root, most likely: name the user who owns the directory, nfs://USER@{share.Authority}{share.Path}, or "
            + "give the directory to the squashed user (nobody) on the server"
        : $"check owner and mode of the directory on the server: user {identity.Uid} must be able to read, write and search it";

    /// <summary>Number of exports that a message names.</summary>
    internal const int NamesShown = 8;

    private static string VisibleText(IReadOnlyList<string> visible) => visible.Count == 0
        ? "which sees no export at all"
        : $"which sees {string.Join(", ", visible.Take(NamesShown).Select(SafeText.Text))}{(visible.Count > NamesShown ? ", ..." : "")}";

    private static string Verb(string operation) => operation switch
    {
        "OPEN" => "to open",
        "CREATE" => "to create",
        "REMOVE" => "to remove",
        "RENAME" => "to rename",
        "READDIR" => "to list",
        "SETATTR" => "to change",
        "WRITE" => "to write",
        "READ" => "to read",
        _ => "access to",
    };

    private static string Cause(NfsException error) => error.InnerException is System.Net.Sockets.SocketException socket
        ? socket.Message
        : error.Message;
}
