using System.Globalization;
using Lofizone.Hosts;
using Lofizone.Interop;
using Lofizone.Nfs;
using Lofizone.Nfs.Resume;
using Lofizone.Programs;

namespace Lofizone.Engine;

/// <summary>
/// What keeper and engine both hold, so that it outlives either: the shared memory and the descriptors of /dev/fuse. Handed over by
/// inheritance, as numbers in the arguments.
/// </summary>
internal sealed class KeptDescriptors
{
    /// <summary>Threads that read requests of the kernel, each on a descriptor of its own.</summary>
    public const int FuseThreads = 2;

    private KeptDescriptors(NfsResumeMemory memory, IReadOnlyList<FileDescriptor> fuse) => (Memory, Fuse) = (memory, fuse);

    public NfsResumeMemory Memory { get; }

    public IReadOnlyList<FileDescriptor> Fuse { get; }

    public KeeperNotes Notes => new(Memory.Reserved);

    public int[] Numbers => [Memory.Descriptor.Number, .. Fuse.Select(f => f.Number)];

    /// <summary>New ones, bound to no mount yet.</summary>
    /// <exception cref="LinuxException">The kernel has no FUSE.</exception>
    public static KeptDescriptors Make() =>
        new(NfsResumeMemory.Create(), [.. Enumerable.Range(0, FuseThreads).Select(_ => FuseDevice.Open())]);

    /// <summary>Those that were inherited under these numbers.</summary>
    public static KeptDescriptors Inherit(ReadOnlySpan<string> numbers)
    {
        List<FileDescriptor> all = [];
        foreach (string number in numbers)
            all.Add(new FileDescriptor(int.Parse(number, NumberStyles.None, CultureInfo.InvariantCulture)));
        return new KeptDescriptors(new NfsResumeMemory(SharedMemory.Map(all[0], NfsResumeMemory.TotalBytes)), [.. all.Skip(1)]);
    }

    /// <summary>Starts a program of ours that holds them too.</summary>
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
/// <param name="Binary">This program, by the path it had at the start: a newer one may stand there by now.</param>
/// <param name="LogFile">The log of both.</param>
/// <param name="Parent">Who started this one and passed its descriptors on; null for the first keeper of a device.</param>
/// <param name="Cgroup">Where the first keeper of a device puts itself; null for the others, which are in it from the start.</param>
internal sealed record KeptCall(EngineDirectory Directory, string Binary, string LogFile, int? Parent, OwnCgroup? Cgroup = null)
{
    private const int OwnArguments = 3;

    /// <summary>Null when they are none of ours.</summary>
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
