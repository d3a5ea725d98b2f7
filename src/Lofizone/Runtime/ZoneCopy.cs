using System.Formats.Tar;
using System.Text;
using Lofizone.Interop;
using Microsoft.Win32.SafeHandles;

namespace Lofizone.Runtime;

/// <summary>
/// Copies files between this host and a running zone, through a login: the zone's own tar(1) reads and writes the zone's files with the
/// rights of the zone's root. This host writes the archive for the zone, and reads the zone's archive with distrust.
/// </summary>
/// <param name="runtime">Runs the logins.</param>
/// <param name="zone">The zone.</param>
public sealed class ZoneCopy(ZoneRuntime runtime, string zone)
{
    private const int SaidLimitBytes = 2000;
    private const int PermissionBits = 0x1FF;

    /// <summary>Copies a file or directory of the zone.</summary>
    /// <param name="path">Absolute path in the zone.</param>
    /// <param name="target">Path on this host: an existing directory, or the new name.</param>
    /// <param name="recursive">True to copy directories.</param>
    /// <param name="cancellation">Ends the copy.</param>
    /// <exception cref="LofizoneException">The zone's tar failed, or wrote what was not asked for.</exception>
    public async Task FromZoneAsync(string path, string target, bool recursive, CancellationToken cancellation)
    {
        (string above, string asked) = Split(path);
        (string directory, string name) = Directory.Exists(target) ? (target, asked) : SplitOnHost(target);
        using DirectoryHandle opened = OpenOnHost(directory);
        ArchiveTarget writer = new(opened, asked, name);
        using Pipe archive = Pipe.Open();
        using FileDescriptor nothing = DescriptorPath.Open("/dev/null", DescriptorPath.ReadOnly);
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Task<Exception?> reading = Task.Factory.StartNew(
            () => Read(archive.Read, writer, path, recursive), cancellation, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        _ = reading.ContinueWith(
            r => r.Result is null ? Task.CompletedTask : stop.CancelAsync(), CancellationToken.None, TaskContinuationOptions.None,
            TaskScheduler.Default);
        (int exit, string said) ended;
        try
        {
            ended = await RunAsync(["tar", "-cf", "-", "-C", above, "--", asked], nothing, archive.Write, stop.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            ended = (0, "");
        }
        finally
        {
            archive.Write.Dispose();
        }

        if (await reading is { } refused)
            throw refused is LofizoneException ? refused : new LofizoneException(
                $"zone {zone}: {SafeText.Text(path)} can't be copied: {refused.Message}", null, refused);
        if (ended.exit != 0)
            throw Failed(path, "copied", ended);
        if (!writer.IsUsed)
            throw new LofizoneException($"zone {zone}: its tar did not write what was asked for: it wrote nothing");
        if (writer.LeftOutCount > 0)
            throw new LofizoneException(
                $"zone {zone}: {writer.Files} files were copied, and {writer.LeftOutCount} links and other objects were left out: "
                + string.Join(", ", writer.LeftOut.Select(l => new ForeignText(l).ToString())),
                "only files and directories are copied from a zone");
    }

    /// <summary>Copies a file or directory of this host into the zone. The zone's root owns the copy.</summary>
    /// <param name="source">Path on this host.</param>
    /// <param name="path">Absolute path in the zone: an existing directory, or the new name.</param>
    /// <param name="recursive">True to copy directories.</param>
    /// <param name="cancellation">Ends the copy.</param>
    /// <exception cref="LofizoneException">The source is missing or a directory, or the zone's tar failed.</exception>
    public async Task ToZoneAsync(string source, string path, bool recursive, CancellationToken cancellation)
    {
        bool isDirectory = Directory.Exists(source);
        if (!isDirectory && !File.Exists(source))
            throw new LofizoneException($"{source}: no such file");
        if (isDirectory && !recursive)
            throw IsDirectory(source);
        using FileDescriptor nothing = DescriptorPath.Open("/dev/null", DescriptorPath.ReadOnly);
        using FileDescriptor hole = DescriptorPath.Open("/dev/null", DescriptorPath.WriteOnly);
        bool into = (await RunAsync(["test", "-d", path], nothing, hole, cancellation)).Exit == 0;
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(source));
        (string above, string name) = into ? (path, Path.GetFileName(full)) : Split(path);
        // The path that the user names may be a link. Links below it are copied as links.
        full = new FileInfo(full).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? full;
        using Pipe archive = Pipe.Open();
        Task<Exception?> writing = Task.Factory.StartNew(
            () => Write(archive.Write, full, name), cancellation, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        (int Exit, string Said) ended = await RunAsync(["tar", "-xof", "-", "-C", above], archive.Read, hole, cancellation);
        archive.Read.Dispose();
        Exception? broken = await writing;
        if (ended.Exit != 0)
            throw Failed(path, "written", ended);
        if (broken is not null)
            throw new LofizoneException($"{source}: can't be read: {broken.Message}", null, broken);
    }

    private Exception? Read(FileDescriptor archive, ArchiveTarget writer, string path, bool recursive)
    {
        try
        {
            using FileStream stream = Stream(archive, FileAccess.Read);
            ForeignArchive reader = new(stream);
            while (reader.Next() is { } entry)
            {
                if (entry.Kind == ArchiveKind.Directory && !recursive)
                    return IsDirectory($"{zone}:{SafeText.Text(path)}");
                writer.Take(entry, reader);
            }

            return null;
        }
        catch (Exception error) when (error is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            return error is InvalidDataException
                ? new LofizoneException($"zone {zone}: its tar did not write what was asked for: {error.Message}", null, error)
                : error;
        }
        finally
        {
            // tar gets SIGPIPE when this host reads no more.
            archive.Dispose();
        }
    }

    private static Exception? Write(FileDescriptor archive, string source, string name)
    {
        try
        {
            using FileStream stream = Stream(archive, FileAccess.Write);
            using TarWriter writer = new(stream, TarEntryFormat.Pax);
            using DirectoryHandle above = OpenOnHost(Path.GetDirectoryName(source)!);
            Add(writer, above, Path.GetFileName(source), name);
            return null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return error;
        }
        finally
        {
            archive.Dispose();
        }
    }

    /// <summary>Adds a name and all below it. Other objects than files, directories and links are left out: an open may block.</summary>
    private static void Add(TarWriter writer, DirectoryHandle above, string file, string name)
    {
        FileStatus status = above.TryStat(file) ?? throw new FileNotFoundException($"{name}: is gone");
        UnixFileMode mode = (UnixFileMode)(status.Mode & PermissionBits);
        switch (status.Kind)
        {
            case FileKind.Regular:
                using (FileDescriptor opened = above.OpenRegular(file, PathWalk.NoLinks))
                using (FileStream content = Stream(opened, FileAccess.Read))
                    writer.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { Mode = mode, DataStream = content });
                break;
            case FileKind.SymbolicLink:
                writer.WriteEntry(new PaxTarEntry(TarEntryType.SymbolicLink, name) { LinkName = above.ReadLink(file) });
                break;
            case FileKind.Directory:
                writer.WriteEntry(new PaxTarEntry(TarEntryType.Directory, name) { Mode = mode });
                using (DirectoryHandle directory = above.OpenDirectory(file, PathWalk.NoLinks))
                {
                    foreach (string below in directory.Names())
                        Add(writer, directory, below, $"{name}/{below}");
                }

                break;
        }
    }

    private async Task<(int Exit, string Said)> RunAsync(
        string[] command, FileDescriptor input, FileDescriptor output, CancellationToken cancellation)
    {
        using Pipe errors = Pipe.Open();
        Task<string> said = Task.Factory.StartNew(
            () => Said(errors.Read), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        LoginStreams streams = new(input.Number, output.Number, errors.Write.Number);
        try
        {
            int exit = await runtime.LoginAsync(zone, new LoginRequest { Command = command }, streams, cancellation);
            errors.Write.Dispose();
            return (exit, await said);
        }
        finally
        {
            errors.Write.Dispose();
            await said;
        }
    }

    /// <summary>The first words of a program. All that follows is read and dropped, so that the program does not wait.</summary>
    private static string Said(FileDescriptor errors)
    {
        byte[] kept = new byte[SaidLimitBytes], buffer = new byte[SaidLimitBytes];
        int length = 0;
        for (int count; (count = Polling.Read(errors.Number, buffer)) > 0;)
        {
            int take = Math.Min(count, kept.Length - length);
            buffer.AsSpan(0, take).CopyTo(kept.AsSpan(length));
            length += take;
        }

        return Encoding.UTF8.GetString(kept, 0, length);
    }

    private LofizoneException Failed(string path, string what, (int Exit, string Said) ended) => new(
        $"zone {zone}: {SafeText.Text(path)} can't be {what}: "
        + (ended.Said.Trim() is { Length: > 0 } said ? SafeText.Line(said.Trim()) : $"tar in the zone ended with {ended.Exit}"),
        "a zone needs tar for this: apt-get install tar, or a BusyBox with it");

    private static LofizoneException IsDirectory(string path) => new($"{path}: is a directory", "-r copies directories");

    private static FileStream Stream(FileDescriptor descriptor, FileAccess access) =>
        new(new SafeFileHandle(descriptor.Number, ownsHandle: false), access, bufferSize: 0);

    /// <summary>Directory and last name of a path in the zone.</summary>
    private static (string Directory, string Name) Split(string path)
    {
        string trimmed = path.TrimEnd('/');
        int slash = trimmed.LastIndexOf('/');
        string name = trimmed[(slash + 1)..];
        if (slash < 0 || name is "" or "." or "..")
            throw new LofizoneException($"{SafeText.Text(path)}: not the absolute path of a file or directory of the zone");
        return (slash == 0 ? "/" : trimmed[..slash], name);
    }

    /// <summary>Opens a directory that the user names, which may be a link.</summary>
    private static DirectoryHandle OpenOnHost(string directory)
    {
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(directory));
        return DirectoryHandle.Open(new DirectoryInfo(full).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? full);
    }

    private static (string Directory, string Name) SplitOnHost(string target)
    {
        string full = Path.GetFullPath(target);
        return target.EndsWith('/') || Path.GetDirectoryName(full) is not { } directory || !Directory.Exists(directory)
            ? throw new LofizoneException($"{target}: no such directory")
            : (directory, Path.GetFileName(full));
    }
}
