using Lofizone.Nfs;
using Lofizone.Nfs.Protocol;

namespace Lofizone.Shares;

/// <summary>
/// Whole images: clones, copies, and the ranges of their data. This host does the work that the server does not support, or reports the
/// lack.
/// </summary>
public sealed partial class NfsShare
{
    /// <summary>Number of bytes that are read and written at a time when the server does not copy.</summary>
    private const int CopyBytes = 1 << 20;

    /// <summary>Number of bytes that the server copies between two reports of progress.</summary>
    private const long CopyStepBytes = 256L << 20;

    public Task<bool> CloneImageAsync(string source, string target, CancellationToken cancellation) => RunAsync(async () =>
    {
        await using NfsFile image = await OpenLockedAsync(source, cancellation);
        return await WithNewImageAsync(target, async made =>
        {
            try
            {
                await image.CloneToAsync(made, 0, 0, image.Length, cancellation);
                return true;
            }
            catch (NotSupportedException)
            {
                return false;
            }
            catch (NfsException error) when (error.Status is NfsStatus.Inval or NfsStatus.XDev)
            {
                // The range is not in whole blocks of the server's file system, or the files are on two file systems.
                return false;
            }
        }, cancellation);
    });

    public Task CopyImageAsync(string source, string target, IProgress<long>? progress, CancellationToken cancellation) =>
        RunAsync(async () =>
    {
        await using NfsFile image = await OpenLockedAsync(source, cancellation);
        return await WithNewImageAsync(target, async made =>
        {
            await made.SetLengthAsync(image.Length, cancellation);
            bool byServer = true;
            long done = 0;
            foreach (DataRange range in await MapAsync(image, cancellation))
            {
                for (long at = range.Offset; at < range.Offset + range.Length;)
                {
                    long rest = range.Offset + range.Length - at;
                    long step = Math.Min(rest, byServer ? CopyStepBytes : CopyBytes);
                    byServer = byServer && await TryCopyAsync(image, made, at, step, cancellation);
                    if (!byServer)
                    {
                        step = Math.Min(rest, CopyBytes);
                        await CopyThroughHereAsync(image, made, at, (int)step, cancellation);
                    }

                    at += step;
                    progress?.Report(done += step);
                }
            }

            await WithDeadline(made.CommitAsync(cancellation).AsTask(), cancellation);
            return true;
        }, cancellation);
    });

    public Task<IReadOnlyList<DataRange>> MapImageAsync(string path, CancellationToken cancellation) =>
        RunAsync<IReadOnlyList<DataRange>>(async () =>
    {
        await using NfsFile image = await _client.OpenAsync(Full(path), new NfsOpenOptions(), cancellation);
        return await MapAsync(image, cancellation);
    });

    private static async Task<List<DataRange>> MapAsync(NfsFile image, CancellationToken cancellation)
    {
        List<DataRange> ranges = [];
        try
        {
            long offset = 0;
            while (offset < image.Length && await image.SeekDataAsync(offset, cancellation) is { } data
                && await image.SeekHoleAsync(data, cancellation) is { } hole)
            {
                // A server that repeats its answer would keep this loop running forever.
                if (hole <= data)
                    throw new NotSupportedException("SEEK found a hole where it had found data");
                ranges.Add(new DataRange(data, hole - data));
                offset = hole;
            }

            return ranges;
        }
        catch (NotSupportedException)
        {
            return image.Length == 0 ? [] : [new DataRange(0, image.Length)];
        }
    }

    private static async Task<bool> TryCopyAsync(NfsFile image, NfsFile made, long offset, long length, CancellationToken cancellation)
    {
        try
        {
            await image.CopyToAsync(made, offset, offset, length, cancellation);
            return true;
        }
        catch (NotSupportedException)
        {
            return false;
        }
    }

    private async Task CopyThroughHereAsync(NfsFile image, NfsFile made, long offset, int length, CancellationToken cancellation)
    {
        byte[] buffer = new byte[length];
        int count = await WithDeadline(image.ReadAsync(offset, buffer, cancellation).AsTask(), cancellation);
        await WithDeadline(made.WriteAsync(offset, buffer.AsMemory(0, count), cancellation).AsTask(), cancellation);
    }

    /// <summary>
    /// Opens and locks an image. The server refuses the open or the lock while another host has the image open against other writers and
    /// locked.
    /// </summary>
    private async Task<NfsFile> OpenLockedAsync(string path, CancellationToken cancellation)
    {
        try
        {
            NfsFile image = await _client.OpenAsync(Full(path), new NfsOpenOptions { Write = true, DenyWrite = true }, cancellation);
            try
            {
                await image.LockAsync(cancellation);
                return image;
            }
            catch
            {
                await image.DisposeAsync();
                throw;
            }
        }
        catch (NfsException error) when (error is NfsLockedException || error.Status == NfsStatus.ShareDenied)
        {
            throw InUse(path, error);
        }
    }

    /// <summary>Makes an image and has it filled. A failure removes the image.</summary>
    private async Task<bool> WithNewImageAsync(string path, Func<NfsFile, Task<bool>> fill, CancellationToken cancellation)
    {
        string full = Full(path);
        NfsFile made = await CreateFileAsync(path, cancellation);
        bool done = false;
        try
        {
            await using (made)
            {
                bool filled = await fill(made);
                await made.CloseAsync(cancellation);
                done = filled;
            }
        }
        finally
        {
            if (!done)
                await RemoveTemporaryAsync(full);
        }

        return done;
    }

    private async Task<NfsFile> CreateFileAsync(string path, CancellationToken cancellation)
    {
        try
        {
            return await _client.OpenAsync(
                Full(path), new NfsOpenOptions { Create = NfsCreate.Guarded, Mode = FileMode, Write = true }, cancellation);
        }
        catch (NfsException error) when (error.Status == NfsStatus.Exist)
        {
            throw new LofizoneException(
                $"{Uri.Below(path)}: exists already", "choose another name, or remove the file if nothing uses it", error);
        }
    }

    private LofizoneException InUse(string path, NfsException error) =>
        new($"{Uri.Below(path)}: in use by another host or program", "halt its zone there, or detach it there: lofiadm -d", error);
}
