using System.Net;
using System.Security.Cryptography;
using System.Text;
using Lofizone.Hosts;
using Lofizone.Interop;
using Lofizone.Programs;

namespace Lofizone.Shares;

/// <summary>
/// Mounts by the kernel's NFS client: one below <c>/run/lofizone/shares</c> for each attached image, of the directory that the image lies
/// in. One for all images of a share would do as well, were it not for a server that is gone: the kernel gives up what waits for it by
/// mount only (umount2(2), MNT_FORCE), and giving up one zone must not fail the others' I/O. Each has a superblock of its own for the same
/// reason; all of a server share one client ID and one lease.
/// </summary>
/// <param name="paths">Where the mounts are.</param>
/// <param name="programs">Starts mount.nfs4.</param>
/// <param name="kernel">Unmounts.</param>
/// <param name="time">For deadlines.</param>
internal sealed class KernelMounts(HostPaths paths, IProgramRunner programs, IKernelCalls kernel, TimeProvider time)
{
    /// <summary>The longest time for a mount: a server that has just started may answer late.</summary>
    private static readonly TimeSpan _mountLimit = TimeSpan.FromSeconds(30);

    /// <summary>An unmount ends a session with the server, which may be gone.</summary>
    private static readonly TimeSpan _unmountLimit = TimeSpan.FromSeconds(3);

    /// <summary>What waits for the server is failed this often: the kernel sends what was queued behind it.</summary>
    private static readonly TimeSpan _abortInterval = TimeSpan.FromMilliseconds(50);

    /// <summary>Longest end of giving up: by then whatever waited has failed.</summary>
    private static readonly TimeSpan _abortLimit = TimeSpan.FromMinutes(2);

    private const int NameLimit = 64;
    private const int DigestBytes = 6;

    /// <summary>Newest first; an older minor version has no sessions, and locks that outlive a client's restart unnoticed.</summary>
    private static readonly string[] _versions = ["4.2", "4.1"];

    /// <summary>Where an image's directory is mounted, or would be.</summary>
    public string PathOf(ShareUri image)
    {
        byte[] digest = SHA256.HashData(Encoding.UTF8.GetBytes(image.ToString()));
        string readable = new(
            [.. (image.Authority + image.Path).Take(NameLimit).Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' ? c : '_')]);
        return Path.Combine(paths.ShareMounts, $"{readable}-{Convert.ToHexStringLower(digest.AsSpan(0, DigestBytes))}");
    }

    /// <summary>
    /// Mounts an image's directory; returns the image's path on this host. The caller holds the lock of the image's device.
    /// </summary>
    /// <exception cref="LofizoneException">It can't be mounted, or the mount is unfit; see <see cref="KernelNfsRules"/>.</exception>
    public async Task<string> MountAsync(ShareUri image, CancellationToken cancellation)
    {
        string path = PathOf(image);
        (ShareUri directory, string name) = image.Split();
        // One that a killed command left may be of a directory that was removed and made again since.
        if (MountTable.Read().At(path) is not null)
            await ReleaseAsync(path, silent: true);
        HostFile.MakeDirectory(path);
        await MountAsync(directory, path, cancellation);
        KernelNfsRules.Check(directory, path);
        return Path.Combine(path, name);
    }

    /// <summary>Takes a mount away that nothing is open on any more; one that is not there is fine.</summary>
    /// <param name="path">Where it is.</param>
    /// <param name="silent">Its server does not answer: it is not asked to end the session, and the mount goes in any case.</param>
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
            // Never mounted, or gone already.
        }
        catch (OperationCanceledException)
        {
            // It is not in the mount table any more; what is left of it ends with its server's answer.
            return;
        }

        HostFile.RemoveEmptyDirectory(path);
    }

    /// <summary>
    /// Makes the kernel fail whatever waits for the server, again and again until the mount is gone or this process ends: what stood behind
    /// it is sent next. For a device that is given up.
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
                // Not mounted any more.
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
            // Without proto=tcp, which is what NFSv4 means anyway: mount.nfs4 would look for it in /etc/protocols, which a small host
            // lacks.
            string options = $"vers={version},port={address.Port},hard,nosharecache,nosuid,nodev,noexec,retry=0";
            ProgramResult result = await programs.RunAsync(
                new ProgramCall(
                    KernelNfsClient.MountProgram, $"{host}:{share.Path}", path, "-o", options)
                { TimeLimit = _mountLimit }, cancellation);
            if (result.ExitCode == 0)
                return;
            refusal = result.Error.Trim().ReplaceLineEndings(" ");
            // Anything but a version that the server does not speak is the same for the other one.
            if (!refusal.Contains("not supported", StringComparison.OrdinalIgnoreCase)
                && !refusal.Contains("incorrect mount option", StringComparison.OrdinalIgnoreCase))
                break;
        }

        throw new LofizoneException(
            $"{share}: the kernel's NFS client could not mount it: {refusal}",
            "check server, export and network; or write transport=user behind the share to use Lofizone's own client");
    }
}
