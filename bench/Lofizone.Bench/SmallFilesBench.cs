using System.Diagnostics;
using System.Formats.Tar;
using Lofizone.Programs;
using Lofizone.Shares;

namespace Lofizone.Bench;

/// <summary>
/// Unpacking a Debian root: into a file system in an image behind our engine, and file by file into a directory of the same share
/// through a user-space NFS client. Ours ends with everything stored on the server; the client's data is not committed, nor are
/// owners and times set.
/// </summary>
public sealed class SmallFilesBench(BenchOptions options, IProgramRunner runner, TextWriter progress)
{
    private static readonly TimeSpan _limit = TimeSpan.FromMinutes(10);

    public async Task<SmallFiles> RunAsync(HostCommands host, CancellationToken cancellation)
    {
        DebianRoot root = new(Path.Combine(options.Work, "root.tar"), runner);
        await root.MakeAsync(cancellation);
        int entries = Entries(root.Archive).Count();
        await using MountedPath ours = await MountedPath.SetUpAsync(new EnginePath(options, host), options.Work, runner, cancellation);
        List<double> image = [];
        List<double> direct = [];
        for (int repeat = 0; repeat < options.Repeats; repeat++)
        {
            image.Add(entries / await UnpackAsync(root, Path.Combine(Path.GetDirectoryName(ours.File)!, $"root{repeat}"), cancellation));
            direct.Add(entries / UnpackDirectly(root, $"root{repeat}"));
            await progress.WriteLineAsync(FormattableString.Invariant($"round {repeat + 1}/{options.Repeats}  {entries} files: {image[^1]:0}/s into the image, {direct[^1]:0}/s into the share"));
        }

        return new SmallFiles(entries, image, direct);
    }

    private async Task<double> UnpackAsync(DebianRoot root, string directory, CancellationToken cancellation)
    {
        Directory.CreateDirectory(directory);
        long start = Stopwatch.GetTimestamp();
        await runner.RunCheckedAsync(new ProgramCall("tar", "--extract", "--file", root.Archive, "--directory", directory) { TimeLimit = _limit }, cancellation);
        await runner.RunCheckedAsync(new ProgramCall("sync", "--file-system", directory) { TimeLimit = _limit }, cancellation);
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private double UnpackDirectly(DebianRoot root, string name)
    {
        using LibNfs nfs = new(ShareUri.Parse(options.Share).Server!, options.ShareDirectory);
        HashSet<string> made = [];
        Make("/" + name);
        byte[] buffer = [];
        long start = Stopwatch.GetTimestamp();
        foreach (TarEntry entry in Entries(root.Archive))
        {
            string path = $"/{name}/{entry.Name.TrimEnd('/')}";
            Make(Path.GetDirectoryName(path)!);
            switch (entry.EntryType)
            {
                case TarEntryType.Directory:
                    Make(path);
                    break;
                case TarEntryType.SymbolicLink:
                    nfs.MakeLink(entry.LinkName, path);
                    break;
                case TarEntryType.RegularFile or TarEntryType.V7RegularFile:
                    if (buffer.Length < entry.Length)
                        buffer = new byte[entry.Length];
                    entry.DataStream?.ReadExactly(buffer, 0, (int)entry.Length);
                    nfs.WriteFile(path, (int)entry.Mode, buffer.AsSpan(0, (int)entry.Length));
                    break;
            }
        }

        return Stopwatch.GetElapsedTime(start).TotalSeconds;

        void Make(string directory)
        {
            if (directory.Length <= 1 || !made.Add(directory))
                return;
            Make(Path.GetDirectoryName(directory)!);
            nfs.MakeDirectory(directory);
        }
    }

    private static IEnumerable<TarEntry> Entries(string archive)
    {
        using FileStream stream = File.OpenRead(archive);
        using TarReader reader = new(stream);
        while (reader.GetNextEntry() is { } entry)
            yield return entry;
    }
}
