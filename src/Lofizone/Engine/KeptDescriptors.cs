using System.Globalization;
using Lofizone.Hosts;
using Lofizone.Interop;
using Lofizone.Nfs;
using Lofizone.Nfs.Resume;
using Lofizone.Programs;

namespace Lofizone.Engine;

/// <summary>
/// The descriptors that keeper and engine both hold, so that the objects behind them outlive either: the shared memory and /dev/fuse. The
/// descriptors are inherited, and their numbers are passed as arguments.
/// </summary>
internal sealed class KeptDescriptors
{
    /// <summary>Number of threads that read the kernel's requests, each on a descriptor of its own.</summary>
    public const int FuseThreads = 2;

    private KeptDescriptors(NfsResumeMemory memory, IReadOnlyList<FileDescriptor> fuse) => (Memory, Fuse) = (memory, fuse);

    public NfsResumeMemory Memory { get; }

    public IReadOnlyList<FileDescriptor> Fuse { get; }

    public KeeperNotes Notes => new(Memory.Reserved);

    public int[] Numbers => [Memory.Descriptor.Number, .. Fuse.Select(f => f.Number)];

    /// <summary>Makes new descriptors, which are not bound to a mount yet.</summary>
    /// <exception cref="LinuxException">The kernel has no FUSE.</exception>
    public static KeptDescriptors Make() =>
        new(NfsResumeMemory.Create(), [.. Enumerable.Range(0, FuseThreads).Select(_ => FuseDevice.Open())]);

    /// <summary>Takes over the descriptors that were inherited under these numbers.</summary>
    public static KeptDescriptors Inherit(ReadOnlySpan<string> numbers)
    {
        List<FileDescriptor> all = [];
        foreach (string number in numbers)
            all.Add(new FileDescriptor(int.Parse(number, NumberStyles.None, CultureInfo.InvariantCulture)));
        return new KeptDescriptors(new NfsResumeMemory(SharedMemory.Map(all[0], NfsResumeMemory.TotalBytes)), [.. all.Skip(1)]);
    }

    /// <summary>Starts this program in another role; the new process holds the descriptors, too.</summary>
    public int Start(string verb, KeptCall call) => Spawn.Start(
        call.Binary,
        [
            verb, call.Directory.Path, call.Binary, call.LogFile, Environment.ProcessId.ToString(CultureInfo.InvariantCulture),
            .. Numbers.Select(n => n.ToString(CultureInfo.InvariantCulture)),
        ],
        Numbers);
}

/// <summary>The arguments that keeper and engine have in common.</summary>
/// <param name="Directory">The engine's runtime directory.</param>
/// <param name="Binary">Path of this program at the start. A newer program may have the path by now.</param>
/// <param name="LogFile">Path of the log of both.</param>
/// <param name="Parent">Process ID of the starter, which passed its descriptors on; null for the first keeper of a device.</param>
/// <param name="Cgroup">
/// Cgroup that the first keeper of a device enters; null for the other processes, which are in it from the start.
/// </param>
internal sealed record KeptCall(EngineDirectory Directory, string Binary, string LogFile, int? Parent, OwnCgroup? Cgroup = null)
{
    private const int OwnArguments = 3;

    /// <summary>Parses the arguments; null when they are not of this form.</summary>
    public static KeptCall? Parse(string[] arguments, out KeptDescriptors? inherited)
    {
        inherited = null;
        if (arguments.Length < OwnArguments)
            return null;
        KeptCall call = new(new EngineDirectory(arguments[0]), arguments[1], arguments[2], null);
        if (arguments.Length == OwnArguments + 1)
            return call with { Cgroup = new OwnCgroup(arguments[OwnArguments]) };
        if (arguments.Length < OwnArguments + 3
            || !int.TryParse(arguments[OwnArguments], NumberStyles.None, CultureInfo.InvariantCulture, out int parent))
            return null;
        inherited = KeptDescriptors.Inherit(arguments.AsSpan(OwnArguments + 1));
        return call with { Parent = parent };
    }
}
