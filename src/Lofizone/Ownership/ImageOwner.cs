using System.Text.Json;
using System.Text.Json.Serialization;
using Lofizone.Hosts;
using Lofizone.Shares;

namespace Lofizone.Ownership;

/// <summary>
/// The owner of an image, written beside the image under the image's lock before the image is touched. The record tells other hosts the
/// name of the lock's holder. An owner whose lock the server dropped and granted again learns from the record whether another host was
/// owner in between: then the record is not its own any more.
/// </summary>
/// <param name="Host">Name of the host.</param>
/// <param name="HostId">This host's random ID (<see cref="Hosts.HostIdentity"/>).</param>
/// <param name="Since">Time at which the lock was taken.</param>
/// <param name="Version">Version of this program.</param>
/// <param name="Generation">One more than the generation in the record that was found under the lock.</param>
/// <param name="Attachment">Random, unique name of this attachment. Together with the generation the name makes the record unique.</param>
/// <param name="Transport">
/// Transport of the blocks at the owner: <c>user</c>, <c>kernel</c> or <c>dir</c>; empty in a record of an older version.
/// </param>
/// <param name="ClientOwner">
/// The engine's co_ownerid at the server, hexadecimal. A client that knows it can end the claim at once (<see cref="OwnerEviction"/>).
/// Empty for other transports. The value is no secret among readers of this file, because they may write the image.
/// </param>
/// <param name="Boot">
/// The start of the host that the record belongs to (<see cref="Hosts.HostIdentity.Boot"/>). Empty when that is not known, and for other
/// transports.
/// </param>
/// <param name="HeldBy">
/// In the record of a takeover that has not ended the owner's claim yet: the host that holds the lock. Empty when that host is
/// <paramref name="Host"/>.
/// </param>
public sealed record ImageOwner(
    ForeignText Host, ForeignText HostId, DateTimeOffset Since, ForeignText Version, long Generation = 0, ForeignText Attachment = default,
    ForeignText Transport = default, ForeignText ClientOwner = default,
    ForeignText Boot = default, ForeignText HeldBy = default)
{
    private const int LimitBytes = 64 << 10;

    /// <summary>Above every real generation: one attachment every millisecond reaches the limit after 30,000 years.</summary>
    private const long GenerationLimit = 1L << 50;

    private const string ImageName = "root.img";
    private const string NoteName = "owner.json";

    /// <summary>Limit for a server that does not answer, so that the command goes on without the note.</summary>
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(5);

    /// <summary>Limit for a command that was told not to wait.</summary>
    private static readonly TimeSpan _forcedLimit = TimeSpan.FromMilliseconds(500);

    /// <summary>Name of the host that holds the lock, according to the record.</summary>
    [JsonIgnore]
    public ForeignText Holder => HeldBy.IsEmpty ? Host : HeldBy;

    /// <summary>This host as the owner of an image.</summary>
    public static ImageOwner OfHost(HostPaths paths, DateTimeOffset since) => new(
        Environment.MachineName, HostIdentity.Id(paths), since, typeof(ImageOwner).Assembly.GetName().Version?.ToString(3) ?? "");

    /// <summary>Tells whether the owner is this very machine before its last start. Such an owner has ended for certain.</summary>
    internal bool IsOfEarlierBoot(HostPaths paths) => HostId == HostIdentity.Id(paths) && !Boot.IsEmpty
        && HostIdentity.IsEarlierBoot(Boot.Raw, paths);

    /// <summary>
    /// Name of the record beside an image: <c>owner.json</c> for a zone's image, <c>NAME.owner.json</c> for other images, of which a
    /// directory may hold several.
    /// </summary>
    public static string NameFor(string imageName) => imageName == ImageName ? NoteName : $"{imageName}.{NoteName}";

    /// <summary>The record; null when there is none or it can't be read.</summary>
    public static async Task<ImageOwner?> ReadAsync(ShareOpener open, ShareUri image, TimeProvider time, CancellationToken cancellation)
    {
        ImageOwner? owner = null;
        await BestEffortAsync(
            open,
            image,
            time,
            async (share, name, limit) =>
            {
                owner = Parse(await share.ReadFileAsync(name, LimitBytes, limit));
            },
            cancellation);
        return owner;
    }

    /// <summary>
    /// Becomes the owner: writes the record durably. Called only under the image's lock, and before the image is touched. A former owner
    /// that comes back must find the record.
    /// </summary>
    /// <param name="share">The image's directory.</param>
    /// <param name="image">The image.</param>
    /// <param name="owner">This host and attachment. The method chooses the generation.</param>
    /// <param name="cancellation">Ends the attempt.</param>
    /// <returns>The record as written.</returns>
    /// <exception cref="LofizoneException">The record could not be written, so the image must not be used.</exception>
    internal static async Task<ImageOwner> ClaimAsync(IShare share, ShareUri image, ImageOwner owner, CancellationToken cancellation)
    {
        string name = NameFor(image.Split().Name);
        try
        {
            long last = Math.Max(0, Parse(await share.ReadFileAsync(name, LimitBytes, cancellation))?.Generation ?? 0);
            if (last >= GenerationLimit)
                throw new LofizoneException(
                    $"its generation {last} is none that this program has written",
                    $"when no host uses the image, remove {image.Split().Directory.Below(name)}");
            owner = owner with { Generation = last + 1 };
            await share.WriteFileAsync(name, JsonSerializer.SerializeToUtf8Bytes(owner, OwnerJson.Default.ImageOwner), cancellation);
            return owner;
        }
        catch (LofizoneException error)
        {
            throw new LofizoneException(
                $"{image}: its owner record {name} can't be written, without which another host could not tell that this one owns the "
                + $"image: {error.Message}",
                error.Advice ?? "see that this host may write to the image's directory",
                error);
        }
    }

    /// <summary>
    /// Removes the record if it is this attachment's. The caller still holds the lock, so that the record can't become the next owner's in
    /// between.
    /// </summary>
    public static Task RemoveAsync(
        ShareOpener open, ShareUri image, string attachment, TimeProvider time, bool force, CancellationToken cancellation) =>
        BestEffortAsync(
        open,
        image,
        time,
        async (share, name, limit) =>
        {
            if (Parse(await share.ReadFileAsync(name, LimitBytes, limit)) is { } owner && owner.Attachment == attachment)
                await share.RemoveAsync(name, limit);
        },
        cancellation,
        force ? _forcedLimit : null);

    /// <summary>The record in these bytes; null when there is none, or the bytes can't be parsed.</summary>
    internal static ImageOwner? Parse(ReadOnlyMemory<byte>? json)
    {
        try
        {
            return json is { IsEmpty: false } bytes ? JsonSerializer.Deserialize(bytes.Span, OwnerJson.Default.ImageOwner) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static async Task BestEffortAsync(
        ShareOpener open, ShareUri image, TimeProvider time, Func<IShare, string, CancellationToken, Task> action,
        CancellationToken cancellation, TimeSpan? within = null)
    {
        (ShareUri directory, string imageName) = image.Split();
        using CancellationTokenSource limit = new(within ?? _limit, time);
        using CancellationTokenSource linked = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        try
        {
            await using IShare share = await open(directory, linked.Token);
            await action(share, NameFor(imageName), linked.Token);
        }
        catch (Exception e) when (
            e is LofizoneException or IOException or OperationCanceledException && !cancellation.IsCancellationRequested)
        {
            // The record serves only messages here, so the failure does not matter; see the summary of this type.
        }
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true, WriteIndented = true,
    DefaultIgnoreCondition =
        JsonIgnoreCondition.WhenWritingNull, RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(ImageOwner))]
internal sealed partial class OwnerJson : JsonSerializerContext;
