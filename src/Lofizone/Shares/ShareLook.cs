using System.Runtime.ExceptionServices;

namespace Lofizone.Shares;

/// <summary>What a caller wants to know of a path on a share.</summary>
/// <param name="Path">The path.</param>
/// <param name="LimitBytes">Most bytes that the file there may have, whose content is wanted; 0 for the entry alone.</param>
public readonly record struct ShareLook(string Path, int LimitBytes = 0);

/// <summary>The answer to a <see cref="ShareLook"/>. A refusal is thrown where the answer is used.</summary>
public sealed class ShareFound
{
    private readonly ShareEntry? _entry;
    private readonly byte[]? _content;

    private ShareFound(ShareEntry? entry, byte[]? content, LofizoneException? refusal) =>
        (_entry, _content, Refusal) = (entry, content, refusal);

    /// <summary>The reason why there is no answer; null when there is one.</summary>
    public LofizoneException? Refusal { get; }

    /// <summary>The entry; null when the path does not exist.</summary>
    public ShareEntry? Entry => Answer(_entry);

    /// <summary>The whole content; null when the path does not exist, or its content was not wanted.</summary>
    public byte[]? Content => Answer(_content);

    /// <summary>The answer for a path that does not exist.</summary>
    public static ShareFound Nothing { get; } = new(null, null, null);

    public static ShareFound Of(ShareEntry entry, byte[]? content = null) => new(entry, content, null);

    public static ShareFound Refused(LofizoneException refusal) => new(null, null, refusal);

    private T Answer<T>(T answer)
    {
        if (Refusal is not null)
            ExceptionDispatchInfo.Throw(Refusal);
        return answer;
    }
}

/// <summary>Looks at one path alone.</summary>
public static class ShareLooks
{
    /// <summary>
    /// The whole content of a file; null when the file is missing. Refuses files larger than <paramref name="limitBytes"/>.
    /// </summary>
    public static async Task<byte[]?> ReadFileAsync(this IShare share, string path, int limitBytes, CancellationToken cancellation) =>
        (await share.LookAsync([new ShareLook(path, limitBytes)], cancellation))[0].Content;

    /// <summary>The entry at a path; null when the path does not exist.</summary>
    public static async Task<ShareEntry?> StatAsync(this IShare share, string path, CancellationToken cancellation) =>
        (await share.LookAsync([new ShareLook(path)], cancellation))[0].Entry;
}
