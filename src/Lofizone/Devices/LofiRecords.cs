using System.Globalization;
using System.Text.Json;
using Lofizone.Engine;
using Lofizone.Hosts;
using Lofizone.Interop;
using Lofizone.Shares;

namespace Lofizone.Devices;

/// <summary>
/// The records of the lofi devices, and the locks that keep commands from working on the same device at once. One lock file serves
/// all: byte N stands for device N, byte 0 for the choice of numbers. The kernel drops a killed command's locks.
/// </summary>
internal sealed class LofiRecords(HostPaths paths, TimeProvider time)
{
    private const string RecordSuffix = ".json";
    private const uint PrivateFile = 0x180; // 0600
    private static readonly TimeSpan _lockPoll = TimeSpan.FromMilliseconds(20);

    public string RecordPath(int number) => Path.Combine(paths.LofiRun, Text(number) + RecordSuffix);

    /// <summary>Runtime directory of the device's engine.</summary>
    public EngineDirectory Engine(int number) => new(Path.Combine(paths.LofiRun, Text(number)));

    /// <summary>
    /// The file on this host that stands for a device's image and that its loop device shows. Links on the way to this program's
    /// directories are resolved, as the kernel does.
    /// </summary>
    public string ImagePath(LofiDevice device) => device.Transport switch
    {
        NfsTransports.User => Path.Combine(Resolved(paths.LofiRun), Path.GetRelativePath(paths.LofiRun, Engine(device.Number).Image)),
        NfsTransports.Kernel => Path.Combine(
            Resolved(paths.ShareMounts), Path.GetRelativePath(paths.ShareMounts, device.Mount ?? paths.ShareMounts),
            device.File.Split().Name),
        _ => device.File.Path,
    };

    /// <summary>Resolves a directory of this host, which is on no server.</summary>
    private static string Resolved(string directory)
    {
        if (!Directory.Exists(directory))
            return directory;
        using FileDescriptor open = Files.Open(directory, OpenFlags.Path | OpenFlags.Directory);
        return new FileInfo($"/proc/self/fd/{open.Number}").LinkTarget ?? directory;
    }

    public string LinkPath(int number) => Path.Combine(paths.DevLofi, Text(number));

    /// <summary>
    /// All records, by number. A file that is not a record is an error that names the file, because a device may be attached.
    /// </summary>
    public IReadOnlyList<LofiDevice> List()
    {
        List<LofiDevice> devices = [];
        foreach (string file in HostFile.NamesIn(paths.LofiRun).Where(n => n.EndsWith(RecordSuffix, StringComparison.Ordinal)))
            if (int.TryParse(Path.GetFileNameWithoutExtension(file), NumberStyles.None, CultureInfo.InvariantCulture, out int number)
                && Read(number) is { } device)
                devices.Add(device);
        devices.Sort((a, b) => a.Number.CompareTo(b.Number));
        return devices;
    }

    /// <summary>The record of one device; null when there is none.</summary>
    /// <exception cref="LofizoneException">The file exists but is not a record.</exception>
    public LofiDevice? Read(int number)
    {
        string path = RecordPath(number);
        try
        {
            return HostFile.Read(path) is { } json ? WithProcesses(LofiRecord.Deserialize(json)) : null;
        }
        catch (JsonException e)
        {
            throw new LofizoneException(
                $"{path}: not a lofi device's record: {e.Message}",
                $"see what is attached with: losetup -l -n; then remove the file: rm {path}", e);
        }
    }

    /// <summary>Adds the present engine and keeper, each of which may have been replaced since the record was written.</summary>
    private LofiDevice WithProcesses(LofiDevice device)
    {
        if (device.Engine is null)
            return device;
        EngineDirectory directory = Engine(device.Number);
        return device with { Engine = directory.ReadProcess() ?? device.Engine, Keeper = directory.ReadKeeper() };
    }

    /// <summary>Numbers with any remains: a record, an engine's directory or a link.</summary>
    public IReadOnlyList<int> NumbersInUse()
    {
        IEnumerable<string> here = HostFile.NamesIn(paths.LofiRun);
        IEnumerable<string> links = HostFile.NamesIn(paths.DevLofi);
        SortedSet<int> numbers = [];
        foreach (string path in here.Concat(links))
        {
            string name = Path.GetFileName(path);
            if (name.EndsWith(RecordSuffix, StringComparison.Ordinal))
                name = name[..^RecordSuffix.Length];
            if (int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
                && number is > 0 and <= LofiDevices.NumberLimit)
                numbers.Add(number);
        }

        return [.. numbers];
    }

    public void Write(LofiDevice device) => HostFile.Write(RecordPath(device.Number), LofiRecord.Serialize(device));

    public void Remove(int number) => HostFile.Delete(RecordPath(number));

    /// <summary>
    /// Takes the lock of a device (0: of the choice of numbers), and waits for another command up to <paramref name="limit"/>. Null when
    /// the limit passes earlier.
    /// </summary>
    public async Task<IDisposable?> LockAsync(int number, TimeSpan limit, CancellationToken cancellation)
    {
        EnsureDirectory();
        FileDescriptor file = Files.Open(
            Path.Combine(paths.LofiRun, "locks"), OpenFlags.ReadWrite | OpenFlags.Create | OpenFlags.NoFollow, PrivateFile);
        try
        {
            long start = time.GetTimestamp();
            while (!OfdLock.TryLock(file, number, 1))
            {
                if (time.GetElapsedTime(start) >= limit)
                {
                    file.Dispose();
                    return null;
                }

                await Task.Delay(_lockPoll, time, cancellation);
            }

            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private void EnsureDirectory()
    {
        try
        {
            Directory.CreateDirectory(paths.LofiRun, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new LofizoneException($"{paths.LofiRun}: permission denied", "lofi devices belong to root: run this as root", e);
        }
    }

    /// <summary>A device's number as text for names.</summary>
    public static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
