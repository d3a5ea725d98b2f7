using System.Text.Json;
using Lofizone.Hosts;
using Lofizone.Shares;

namespace Lofizone.Lofi;

/// <summary>
/// Who holds an image, written beside it for the eyes of the other hosts: the lock is the truth, this only gives it a name.
/// </summary>
/// <param name="Host">Host name.</param>
/// <param name="HostId">This host's random ID (<see cref="HostIdentity"/>).</param>
/// <param name="Since">When the lock was taken.</param>
/// <param name="Version">Version of this program.</param>
public sealed record ImageOwner(string Host, string HostId, DateTimeOffset Since, string Version)
{
    private const int LimitBytes = 64 << 10;
    private const string ImageName = "root.img";
    private const string NoteName = "owner.json";

    /// <summary>A server that does not answer must not hold up a command for the sake of a note.</summary>
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(5);

    /// <summary>The same for a command that was told not to wait.</summary>
    private static readonly TimeSpan _forcedLimit = TimeSpan.FromMilliseconds(500);

    /// <summary>Name of the note beside an image: <c>owner.json</c> for a zone's image, <c>NAME.owner.json</c> for others, of which a directory may hold several.</summary>
    public static string NameFor(string imageName) => imageName == ImageName ? NoteName : $"{imageName}.{NoteName}";

    /// <summary>The note, or null when there is none or it can't be read.</summary>
    public static async Task<ImageOwner?> ReadAsync(ShareUri image, TimeProvider time, CancellationToken cancellation)
    {
        ImageOwner? owner = null;
        await BestEffortAsync(
            image,
            time,
            async (share, name, limit) =>
            {
                if (await share.ReadFileAsync(name, LimitBytes, limit) is { } json)
                    owner = JsonSerializer.Deserialize(json, LofiJson.Default.ImageOwner);
            },
            cancellation);
        return owner;
    }

    /// <summary>Writes the note. A failure is no reason to give up the image: the lock is held.</summary>
    public static Task WriteAsync(ShareUri image, HostPaths paths, TimeProvider time, CancellationToken cancellation) =>
        BestEffortAsync(
            image,
            time,
            (share, name, limit) => share.WriteFileAsync(
                name, JsonSerializer.SerializeToUtf8Bytes(HostIdentity.Describe(paths, time.GetUtcNow()), LofiJson.Default.ImageOwner), limit),
            cancellation);

    /// <summary>Removes the note; to be called while the lock is still held, so that it can't be the next owner's.</summary>
    public static Task RemoveAsync(ShareUri image, TimeProvider time, bool force, CancellationToken cancellation) =>
        BestEffortAsync(image, time, (share, name, limit) => share.RemoveAsync(name, limit), cancellation, force ? _forcedLimit : null);

    private static async Task BestEffortAsync(
        ShareUri image, TimeProvider time, Func<IShare, string, CancellationToken, Task> action, CancellationToken cancellation, TimeSpan? within = null)
    {
        (ShareUri directory, string imageName) = image.Split();
        using CancellationTokenSource limit = new(within ?? _limit, time);
        using CancellationTokenSource linked = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        try
        {
            await using IShare share = await Share.OpenAsync(directory, linked.Token);
            await action(share, NameFor(imageName), linked.Token);
        }
        catch (Exception e) when (e is LofizoneException or JsonException or IOException or OperationCanceledException && !cancellation.IsCancellationRequested)
        {
            // A note for messages only; see the summary of this type.
        }
    }
}
