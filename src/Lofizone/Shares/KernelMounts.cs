using System.Net;
using Lofizone.Basics;
using Lofizone.Hosts;
using Lofizone.Interop;
using Lofizone.Programs;

namespace Lofizone.Shares;

/// <summary>
/// Mounts by the kernel's NFS client, one below <c>/run/lofizone/shares</c> for each attached image, of the image's directory. One mount
/// for all images of a share would do, except for a dead server: the kernel gives up waiting requests only for a whole mount (umount2(2),
/// MNT_FORCE), and giving up one zone must not fail the I/O of other zones. For the same reason each mount has its own superblock. All
/// mounts of a server share one client ID and one lease.
/// </summary>
/// <param name="paths">The host's paths, which name the mount points.</param>
/// <param name="programs">Starts mount.nfs4.</param>
/// <param name="kernel">Makes the unmounts.</param>
/// <param name="time">Clock of the deadlines.</param>
internal sealed class KernelMounts(HostPaths paths, IProgramRunner programs, IKernelCalls kernel, TimeProvider time)
{
    /// <summary>Limit for a mount. A server that has just started may answer late.</summary>
    private static readonly TimeSpan _mountLimit = TimeSpan.FromSeconds(30);

    /// <summary>Limit for an unmount, which ends a session with a server that may be gone.</summary>
    private static readonly TimeSpan _unmountLimit = TimeSpan.FromSeconds(3);

    /// <summary>
    /// Interval at which waiting requests are failed, because the kernel sends the requests that were queued behind them.
    /// </summary>
    private static readonly TimeSpan _abortInterval = TimeSpan.FromMilliseconds(50);

    /// <summary>Limit for giving up a mount. All waiting requests have failed by then.</summary>
    private static readonly TimeSpan _abortLimit = TimeSpan.FromMinutes(2);

    private const int NameLimit = 64;
    private const int DigestBytes = 6;

    /// <summary>
    /// Versions to try, newest first. Older minor versions have no sessions, and their locks outlive a client's restart unnoticed.
    /// </summary>
    private static readonly string[] _versions = ["4.2", "4.1"];

    /// <summary>Mount point of an image's directory, whether or not it is mounted.</summary>
    public string PathOf(ShareUri image)
    {
        byte[] digest = Digests.Sha256(image.ToString());
        string readable = new(
            [.. (image.Authority + image.Path).Take(NameLimit).Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' ? c : '_')]);
        return Path.Combine(paths.ShareMounts, $"{readable}-{Convert.ToHexStringLower(digest.AsSpan(0, DigestBytes))}");
    }

    /// <summary>
    /// Mounts an image's directory; returns the image's path on this host. The caller holds the lock of the image's device.
    /// </summary>
    /// <exception cref="LofizoneException">
    /// The directory can't be mounted, or the mount is unfit; see <see cref="KernelNfsRules"/>.
    /// </exception>
    public async Task<string> MountAsync(ShareUri image, CancellationToken cancellation)
    {
        string path = PathOf(image);
        (ShareUri directory, string name) = image.Split();
        // A killed command's mount may show a directory that was removed and made again after the mount.
        if (MountTable.Read().At(path) is not null)
            await ReleaseAsync(path, silent: true);
        HostFile.MakeDirectory(path);
        await MountAsync(directory, path, cancellation);
        KernelNfsRules.Check(directory, path);
        return Path.Combine(path, name);
    }

    /// <summary>Removes a mount without open files. A missing mount is no error.</summary>
    /// <param name="path">The mount point.</param>
    /// <param name="silent">
    /// The server does not answer. The server is not asked to end the session, and the mount is removed in any case.
    /// </param>
    public async Task ReleaseAsync(string path, bool silent = false)
    {
        using CancellationTokenSource limit = new(_unmountLimit, time);
        try
        {
            await kernel.UnmountAsync(
                path, silent ? UnmountFlags.Force | UnmountFlags.Detach | UnmountFlags.NoFollow : UnmountFlags.NoFollow, limit.Token);
        }
        catch (LinuxException e) when (e.Errno is Errno.EINVAL or Errno.ENOENT)
        {
            // The directory was never mounted, or is unmounted already.
        }
        catch (OperationCanceledException)
        {
            // The mount is not in the mount table any more. The rest of it ends when its server answers.
            return;
        }

        HostFile.RemoveEmptyDirectory(path);
    }

    /// <summary>
    /// Gives up a mount: the kernel fails all requests that wait for the server. The request to the kernel is repeated until the mount is
    /// gone or this process ends, because each failure lets the next queued request go out.
    /// </summary>
    public void BeginAbort(string path) => _ = Task.Run(async () =>
    {
        long start = time.GetTimestamp();
        while (time.GetElapsedTime(start) < _abortLimit)
        {
            try
            {
                Mount.Detach(path, UnmountFlags.Force | UnmountFlags.NoFollow);
                return;
            }
            catch (LinuxException e) when (e.Errno == Errno.EBUSY)
            {
                await Task.Delay(_abortInterval, time);
            }
            catch (LinuxException)
            {
                // The directory is not mounted any more.
                return;
            }
        }
    });

    private async Task MountAsync(ShareUri share, string path, CancellationToken cancellation)
    {
        ShareAddress address = share.Addresses[0];
        string host = IPAddress.TryParse(address.Host, out IPAddress? ip)
            && ip.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6
            ? $"[{address.Host}]"
            : address.Host;
        string refusal = "";
        foreach (string version in _versions)
        {
            // The options leave out proto=tcp, which is NFSv4's default. mount.nfs4 would look up the protocol in /etc/protocols, which a
            // small host lacks.
            string options = $"vers={version},port={address.Port},hard,nosharecache,nosuid,nodev,noexec,retry=0";
            ProgramResult result = await programs.RunAsync(
                new ProgramCall(
                    KernelNfsClient.MountProgram, $"{host}:{share.Path}", path, "-o", options)
                { TimeLimit = _mountLimit }, cancellation);
            if (result.ExitCode == 0)
                return;
            refusal = result.Error.Trim().ReplaceLineEndings(" ");
            // Only a refusal of the version is a reason to try the other version. Any other failure would repeat.
            if (!refusal.Contains("not supported", StringComparison.OrdinalIgnoreCase)
                && !refusal.Contains("incorrect mount option", StringComparison.OrdinalIgnoreCase))
                break;
        }

        throw new LofizoneException(
            $"{share}: the kernel's NFS client could not mount it: {refusal}",
            "check server, export and network; or write transport=user behind the share to use Lofizone's own client");
    }
}
