using System.Globalization;
using Lofizone.Hosts;
using Lofizone.Interop;
using Lofizone.Programs;

namespace Lofizone.Runtime;

/// <summary>The owner of a program that works on a tree.</summary>
public enum TreeProgram
{
    /// <summary>A program of this host, which finds the tree at <see cref="ConfinedTree.Place"/>.</summary>
    OfHost,

    /// <summary>A program that lies in the tree; the tree is its root directory.</summary>
    OfTree,
}

/// <summary>
/// Runs programs on a zone's root while the zone does not run. Neither the content of the tree nor the work of such a program on it is
/// trusted. The program therefore has no rights on this host: it is root only in the user namespace of the zone's root, in the zone's range
/// of IDs, and has no network, processes, IPC or mounts of the host. The program sees the tree, this host's /usr read-only, and no other
/// files. The role <c>tree-launcher</c> of the zone binary makes that environment and becomes the program.
/// </summary>
/// <param name="programs">Starts the launcher.</param>
/// <param name="zoneBinary">Path of this program, which takes the role.</param>
public sealed class ConfinedTree(IProgramRunner programs, string zoneBinary)
{
    /// <summary>Hidden verb.</summary>
    public const string Verb = "tree-launcher";

    /// <summary>The path at which a program of the host finds the tree.</summary>
    public const string Place = "/tree";

    /// <summary>
    /// The directory in which the new root is assembled. The directory is never on a share, whose server might not answer.
    /// </summary>
    private const string Room = "/dev";

    private const int UserNamespaceNumber = 100;
    private const int UsageError = 2;
    private const int CannotExecute = 126;
    private const int ProcessLimit = 256;
    private const long MemoryLimitBytes = 2L << 30;

    private static readonly TimeSpan _limit = TimeSpan.FromMinutes(2);
    private static readonly string[] _environment =
    [
        "PATH=" + ProgramDirectories.SearchPath, "LC_ALL=C", "HOME=/", "DEBIAN_FRONTEND=noninteractive",
    ];

    /// <summary>Runs a program that must succeed, and returns its output.</summary>
    /// <param name="zone">The zone's name, for messages.</param>
    /// <param name="tree">Absolute path of the tree.</param>
    /// <param name="uidBase">Host ID of the zone's root.</param>
    /// <param name="whose">The owner of the program.</param>
    /// <param name="command">The program's absolute path in its own tree, and its arguments.</param>
    /// <param name="cancellation">Ends the program.</param>
    /// <exception cref="LofizoneException">The program failed.</exception>
    public async Task<ProgramResult> RunAsync(
        string zone, string tree, uint uidBase, TreeProgram whose, IReadOnlyList<string> command, CancellationToken cancellation)
    {
        string number = uidBase.ToString(CultureInfo.InvariantCulture);
        ProgramCall call = new(
            "unshare",
            [
                "--net", "--ipc", "--uts", "--pid", "--fork", "--kill-child=KILL", "--", zoneBinary, Verb, tree, number, whose.ToString(),
                .. command,
            ])
        {
            TimeLimit = _limit,
        };
        ProgramResult result = await programs.RunAsync(call, cancellation);
        if (result.ExitCode == 0)
            return result;
        string said = result.Error.Trim() is { Length: > 0 } error ? error : result.Output.Trim();
        throw new LofizoneException(
            $"zone {zone}: {string.Join(' ', command)} in its root: exit code {result.ExitCode}{(said.Length > 0 ? ": " + said : "")}");
    }

    /// <summary><c>tree-launcher TREE UIDBASE WHOSE PROGRAM ARGUMENT…</c>, first process of new namespaces.</summary>
    public static Task<int> LaunchAsync(string[] arguments)
    {
        if (arguments.Length < 4 || !uint.TryParse(arguments[1], NumberStyles.None, CultureInfo.InvariantCulture, out uint uidBase)
            || !Enum.TryParse(arguments[2], out TreeProgram whose))
            return Task.FromResult(UsageError);
        try
        {
            Namespaces.Unshare(NamespaceKinds.Mount);
            Mount.Attach(null, "/", null, MountFlags.Private | MountFlags.Recursive);
            // /proc comes first: it shows the processes that this process starts.
            Mount.Attach("proc", "/proc", "proc", MountFlags.NoSuid | MountFlags.NoDev | MountFlags.NoExec);
            using FileDescriptor users = UserNamespace.Open(uidBase, UidRanges.RangeSize);
            Furnish(arguments[0], uidBase);
            RootChange.To(Room);
            Exec.CloseOthersOnExec();
            Files.Replace(UserNamespaceNumber, users);
            Exec.Replace(
                "/usr/bin/prlimit",
                [
                    $"--nproc={ProcessLimit}",
                    $"--as={MemoryLimitBytes}",
                    "--", "/usr/bin/nsenter", $"--user=/proc/self/fd/{UserNamespaceNumber}",
                    .. whose == TreeProgram.OfTree ? (string[])[$"--root={Place}", $"--wd={Place}"] : [],
                    "--", .. arguments[3..],
                ],
                _environment);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or LofizoneException)
        {
            Console.Error.WriteLine(e.Message);
        }

        return Task.FromResult(CannotExecute);
    }

    /// <summary>Assembles the new root: the tree with the zone's IDs, and the part of the host that the host's programs need.</summary>
    private static void Furnish(string tree, uint uidBase)
    {
        // The mount over the room must not hide the tree before the tree has its place.
        using FileDescriptor own = IdmappedMount.Clone(tree, uidBase, UidRanges.RangeSize);
        Mount.Attach("tmpfs", Room, "tmpfs", MountFlags.NoSuid | MountFlags.NoDev, "mode=755,size=64k");
        foreach (string place in (string[])["proc", "usr", Place[1..]])
            Directory.CreateDirectory($"{Room}/{place}");
        foreach (string name in (string[])["bin", "sbin", "lib", "lib64"])
        {
            if (new DirectoryInfo("/" + name) is { Exists: true, LinkTarget: { } target })
                File.CreateSymbolicLink($"{Room}/{name}", target);
            else if (Directory.Exists("/" + name))
                BindReadOnly("/" + name);
        }

        File.CreateSymbolicLink($"{Room}/dev", $"{Place[1..]}/dev");
        BindReadOnly("/usr");
        Mount.Attach("/proc", $"{Room}/proc", null, MountFlags.Bind);
        IdmappedMount.Place(own, Room + Place);
        ZoneView.MakeDevices(Room + Place, uidBase);
    }

    private static void BindReadOnly(string directory)
    {
        string place = Directory.CreateDirectory(Room + directory).FullName;
        Mount.Attach(directory, place, null, MountFlags.Bind);
        Mount.Attach(null, place, null, MountFlags.Bind | MountFlags.Remount | MountFlags.ReadOnly | MountFlags.NoSuid | MountFlags.NoDev);
    }
}
