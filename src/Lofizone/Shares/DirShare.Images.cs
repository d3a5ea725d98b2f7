using Lofizone.Interop;

namespace Lofizone.Shares;

/// <summary>Whole images: clones, copies, and where their data is.</summary>
public sealed partial class DirShare
{
    public Task<bool> CloneImageAsync(string source, string target, CancellationToken cancellation) => RunAsync(source, () =>
    {
        using FileDescriptor image = OpenForCopy(source);
        return WithNewImage(target, made => SparseFile.TryClone(image, made));
    }, cancellation);

    public Task CopyImageAsync(string source, string target, IProgress<long>? progress, CancellationToken cancellation) =>
        RunAsync(source, () =>
    {
        using FileDescriptor image = OpenForCopy(source);
        return WithNewImage(target, made =>
        {
            FileContent.SetLength(made, FileStatus.Of(image).Size);
            long done = 0;
            foreach (DataRange range in Map(image))
            {
                done += SparseFile.CopyRange(image, made, range.Offset, range.Length, cancellation);
                progress?.Report(done);
            }

            return true;
        });
    }, cancellation);

    public Task<IReadOnlyList<DataRange>> MapImageAsync(string path, CancellationToken cancellation) =>
        RunAsync<IReadOnlyList<DataRange>>(path, () =>
    {
        using FileDescriptor image = RegularFile.Open(_root, Checked(path), OpenFlags.ReadOnly, SafePath.Rules);
        return Map(image);
    }, cancellation);

    private static List<DataRange> Map(FileDescriptor image)
    {
        List<DataRange> ranges = [];
        long offset = 0;
        while (SparseFile.NextData(image, offset) is { } data && SparseFile.NextHole(image, data) is { } hole)
        {
            ranges.Add(new DataRange(data, hole - data));
            offset = hole;
        }

        return ranges;
    }

    private FileDescriptor OpenForCopy(string path)
    {
        FileDescriptor image = RegularFile.Open(_root, Checked(path), OpenFlags.ReadWrite, SafePath.Rules);
        try
        {
            if (!OfdLock.TryLock(image))
                throw InUse(path);
            return image;
        }
        catch
        {
            image.Dispose();
            throw;
        }
    }

    /// <summary>Makes an image and has it filled; it is gone again unless that was done.</summary>
    private bool WithNewImage(string path, Func<FileDescriptor, bool> fill)
    {
        using FileDescriptor directory = OpenParent(path, out string name);
        using FileDescriptor made = CreateFile(directory, name, path);
        bool done = false;
        try
        {
            done = fill(made);
            if (done)
                FileContent.Sync(made);
        }
        finally
        {
            if (!done)
                Files.Remove(directory, name);
        }

        FileContent.Sync(directory);
        return done;
    }

    private FileDescriptor CreateFile(FileDescriptor directory, string name, string path)
    {
        try
        {
            return Files.OpenAt(
                directory, name, OpenFlags.ReadWrite | OpenFlags.Create | OpenFlags.Exclusive | OpenFlags.NoFollow, SafePath.Rules,
                PrivateFile);
        }
        catch (LinuxException e) when (e.Errno == Errno.EEXIST)
        {
            throw new LofizoneException($"{Full(path)}: exists already", "choose another name, or remove it first", e);
        }
    }

    private LofizoneException InUse(string path) =>
        new($"{Full(path)}: in use by another host or program", "halt its zone there, or detach it there: lofiadm -d");
}
