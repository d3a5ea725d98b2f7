using Lofizone.Interop;
using Lofizone.Nfs;
using Lofizone.Nfs.Protocol;
using Lofizone.Ownership;
using Lofizone.Shares;

namespace Lofizone.Images;

/// <summary>
/// Makes files of a given size like mkfile(8): the images of zones, on any share. The files have mode 0600. An existing file is never
/// overwritten.
/// </summary>
public static class MakeFile
{
    /// <summary>Size of a step of allocation, bytes. Steps allow reports of progress and a cancellation.</summary>
    private const int StepBytes = 64 << 20;

    /// <summary>Number of bytes under way to a server at the same time.</summary>
    private const int ParallelBytes = 8 << 20;

    /// <summary>Zeros are written in pieces of this size, bytes.</summary>
    private const int PieceBytes = 1 << 20;

    /// <summary>Makes a file.</summary>
    /// <param name="open">Opens the file's directory.</param>
    /// <param name="file">URI of the file, dir: or nfs:.</param>
    /// <param name="sizeBytes">Length of the file.</param>
    /// <param name="sparse">Only set the length. A block takes space when it is written.</param>
    /// <param name="reporter">Gets the progress.</param>
    /// <param name="cancellation">Stops the command, and removes the file.</param>
    /// <exception cref="LofizoneException">The name is taken, or the share is full, for example. No new file is left.</exception>
    public static async Task MakeAsync(
        ShareOpener open, ShareUri file, long sizeBytes, bool sparse, IReporter reporter, CancellationToken cancellation)
    {
        (ShareUri directory, string name) = file.Split();
        await using IShare share = await open(directory, cancellation);
        if (!sparse)
            await RequireSpaceAsync(share, file, sizeBytes, cancellation);
        await share.CreateImageAsync(name, sizeBytes, cancellation);
        if (sparse)
            return;
        try
        {
            if (share is NfsShare nfs)
                await FillAsync(nfs.Client, file, sizeBytes, reporter, cancellation);
            else
                await Task.Run(() => Allocate(file, sizeBytes, reporter, cancellation), cancellation);
        }
        catch
        {
            await share.RemoveAsync(name, CancellationToken.None);
            throw;
        }
    }

    /// <summary>Checks the space at the start, rather than after gigabytes were written.</summary>
    private static async Task RequireSpaceAsync(IShare share, ShareUri file, long sizeBytes, CancellationToken cancellation)
    {
        ShareSpace space = await share.SpaceAsync(cancellation);
        if (space.Available < sizeBytes)
            throw new LofizoneException(
                $"{file}: {SizeText.Format(sizeBytes)} don't fit: the share has {SizeText.Format(space.Available)} available",
                "free some space, choose a smaller size, or make it sparse: mkfile -n");
    }

    private static void Allocate(ShareUri file, long sizeBytes, IReporter reporter, CancellationToken cancellation)
    {
        using FileDescriptor open = SafePath.OpenRegular(file.Path, OpenFlags.ReadWrite);
        try
        {
            bool canAllocate = true;
            for (long done = 0; done < sizeBytes; done += StepBytes)
            {
                cancellation.ThrowIfCancellationRequested();
                long length = Math.Min(StepBytes, sizeBytes - done);
                canAllocate = canAllocate && TryAllocate(open, done, length);
                if (!canAllocate)
                    WriteZeros(open, done, length, cancellation);
                reporter.Progress(file.ToString(), done + length, sizeBytes);
            }

            FileContent.Sync(open);
        }
        catch (LinuxException e)
        {
            throw ShareErrors.Explain(e, file.Path);
        }
    }

    /// <summary>Allocates space without writing. False when the file system does not support that (NFSv4.1, some others).</summary>
    private static bool TryAllocate(FileDescriptor file, long offset, long length)
    {
        try
        {
            FileContent.Allocate(file, AllocateMode.None, offset, length);
            return true;
        }
        catch (LinuxException e) when (e.Errno is Errno.EOPNOTSUPP or Errno.ENOSYS)
        {
            return false;
        }
    }

    private static void WriteZeros(FileDescriptor file, long offset, long length, CancellationToken cancellation)
    {
        byte[] zeros = new byte[PieceBytes];
        for (long done = 0; done < length; done += PieceBytes)
        {
            cancellation.ThrowIfCancellationRequested();
            FileContent.Write(file, zeros.AsSpan(0, (int)Math.Min(PieceBytes, length - done)), offset + done);
        }
    }

    /// <summary>Writes zeros to the file on the server; several requests are under way at once.</summary>
    private static async Task FillAsync(
        NfsClient client, ShareUri file, long sizeBytes, IReporter reporter, CancellationToken cancellation)
    {
        try
        {
            await using NfsFile open = await client.OpenAsync(
                file.Path, new NfsOpenOptions { Write = true, DenyWrite = true }, cancellation);
            byte[] zeros = new byte[PieceBytes];
            for (long done = 0; done < sizeBytes;)
            {
                List<Task> pieces = [];
                for (long end = Math.Min(sizeBytes, done + ParallelBytes); done < end; done += Math.Min(PieceBytes, sizeBytes - done))
                    pieces.Add(
                        open.WriteAsync(done, zeros.AsMemory(0, (int)Math.Min(PieceBytes, sizeBytes - done)), cancellation).AsTask());
                await Task.WhenAll(pieces);
                reporter.Progress(file.ToString(), done, sizeBytes);
            }

            await open.CloseAsync(cancellation);
        }
        catch (NfsException e)
        {
            throw NfsImageErrors.Explain(e, file, NfsIdentity.Of(file)) is LofizoneException known
                ? known
                : new LofizoneException($"{file}: another host or program has the file open", "see who: lofiadm on the other hosts", e);
        }
    }
}
